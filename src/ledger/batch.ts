/**
 * One batch inside its transaction. What several operations share is read once (the registry's generation, the
 * ledger's clock, each buyer's counters), decided per operation in memory, and written once at the end.
 */
import { excessIdOf, shortfallIdOf, type BuyerId, type InstanceId, type RequestId } from '../ids.ts';
import { micro } from '../money.ts';
import { balanceOf, FUNDING, heldOf, NO_COUNTERS, pay, release, reserve, REVENUE, SHORTFALL, type Counters } from './books.ts';
import { applyDeposit } from './deposits.ts';
import { differenceOf, holdFromRow, type StoredHold } from './hold-content.ts';
import { NO_SPLIT, type Balance, type Hold, type HoldOutcome, type Progress, type SettleOutcome } from './ledger.ts';
import { splitTotal, type Operation, type Outcome, type RequestRow, type SettlementRow } from './operations.ts';
import { pushOpen, pushRequest, TRANSFER, type Statements } from './statements.ts';
import { MINUTE_MS, type UsageWriter } from './usage-writer.ts';

const DONE = { kind: 'done' } as const;
const STALE = { kind: 'stale' } as const;
const EXISTS = { kind: 'exists' } as const;

interface Taken {
  readonly buyerId: number;
  readonly amount: bigint;
}

export class Batch {
  readonly sql: Statements;
  readonly #instance: InstanceId;
  readonly #usage: UsageWriter | null;
  readonly #generation: number;
  /** The ledger's time, ms: the later of now and the last, and never in a minute whose usage is folded. */
  readonly at: number;
  /** Ids above this one were never used. */
  readonly #lastId: bigint;
  readonly #accounts = new Map<number, Counters>();
  readonly #dirty = new Set<number>();
  /** Holds of this batch that are still open. */
  readonly #opened = new Map<bigint, Hold>();
  /** Holds of earlier batches that this one ends; their rows are deleted already. */
  readonly #taken = new Map<bigint, Taken>();
  /** Holds of earlier batches that this one repeats. */
  readonly #repeated = new Map<bigint, StoredHold>();
  readonly #ended = new Map<bigint, 'alreadyPosted' | 'alreadyVoided'>();
  readonly #refused = new Set<bigint>();
  /** The last progress of each request, written after the rows of the holds. */
  readonly #progress = new Map<bigint, Progress>();
  readonly #transferRows: unknown[] = [];
  readonly #requestRows: unknown[] = [];
  #revenuePending = 0n;
  #revenuePosted = 0n;
  #shortfall = 0n;

  constructor(sql: Statements, { instance, now, usage }: { instance: InstanceId; now: number; usage: UsageWriter | null }) {
    this.sql = sql;
    this.#instance = instance;
    this.#usage = usage;
    const [generation, clock, folded, ...lastIds] = sql.head.get() as [bigint, bigint, bigint, ...(bigint | null)[]];
    this.#generation = Number(generation);
    this.at = Math.max(now, Number(clock), (Number(folded) + 1) * MINUTE_MS);
    usage?.begin(this.at, Number(folded));
    this.#lastId = lastIds.reduce<bigint>((last, id) => (id !== null && id > last ? id : last), 0n);
  }

  run(operations: readonly Operation[]): Outcome[] {
    this.#prefetch(operations);
    const outcomes = operations.map((operation) => this.#apply(operation));
    this.#write();
    return outcomes;
  }

  #prefetch(operations: readonly Operation[]): void {
    const settled: bigint[] = [];
    for (const operation of operations) {
      if (operation.op === 'settle') settled.push(operation.settlement.record.requestId);
      else if (operation.op === 'hold' && operation.hold.requestId <= this.#lastId) {
        const row = this.sql.openRequest.get(operation.hold.requestId) as unknown[] | undefined;
        if (row) this.#repeated.set(operation.hold.requestId, holdFromRow(row));
      }
    }
    // Whatever is open and settled here ends here, by a post or a void, so its row can go at once.
    for (const [id, buyerId, amount] of this.sql.takeOpen.returning(settled) as [bigint, bigint, bigint][])
      this.#taken.set(id, { buyerId: Number(buyerId), amount });
  }

  #apply(operation: Operation): Outcome {
    switch (operation.op) {
      case 'hold':
        return this.#hold(operation.hold);
      case 'settle':
        return this.#settle(operation.settlement);
      case 'progress':
        this.#progress.set(operation.progress.requestId, operation.progress);
        return DONE;
      case 'refusal':
        return this.#refuse(operation.record);
      case 'deposit':
        return applyDeposit(this, operation.deposit);
      case 'touch':
        this.sql.touchInstance.run(operation.instance);
        return DONE;
      case 'endInstance':
        this.sql.endInstance.run({ at: this.at, instance: operation.instance });
        return DONE;
    }
  }

  #hold(hold: Hold): HoldOutcome {
    const id = hold.requestId;
    const earlier = this.#opened.get(id) ?? this.#repeated.get(id);
    if (this.#ended.has(id) || this.#refused.has(id)) return { kind: 'conflict', field: 'requestId' };
    if (earlier) {
      const field = differenceOf(hold, earlier);
      return field === null ? EXISTS : { kind: 'conflict', field };
    }
    if (id <= this.#lastId && this.#isUsed(id)) return { kind: 'conflict', field: 'requestId' };
    if (hold.generation !== this.#generation) return STALE;
    const buyer = this.account(hold.buyerId);
    if (!buyer) return { kind: 'conflict', field: 'buyerId' };
    const reserved = reserve(buyer, hold.amount);
    if (!reserved) return { kind: 'insufficientFunds', balance: balance(buyer) };
    this.setAccount(hold.buyerId, reserved);
    this.#revenuePending += hold.amount;
    this.#opened.set(id, hold);
    return { kind: 'created', balance: balance(reserved) };
  }

  #settle(settlement: SettlementRow): SettleOutcome {
    const { action, record } = settlement;
    const id = record.requestId;
    const taken = this.#take(id);
    if (!taken) {
      const ended = this.#ended.get(id) ?? endedAs(this.sql.transferKind.get(id));
      return { kind: ended ?? 'noHold' };
    }
    if (taken.buyerId !== record.buyerId)
      throw new Error(`request ${id} is held for buyer ${taken.buyerId} and settled for buyer ${record.buyerId}`);
    const buyer = this.account(record.buyerId);
    if (!buyer) throw new Error(`buyer ${record.buyerId} has a hold but no account`);
    this.#revenuePending -= taken.amount;
    return action === 'post' ? this.#post(settlement, taken.amount, buyer) : this.#void(record, taken.amount, buyer);
  }

  #post({ record, charge, split }: SettlementRow, hold: bigint, buyer: Counters): SettleOutcome {
    const id = record.requestId;
    if (splitTotal(split) !== charge) throw new Error(`request ${id} is charged ${charge}, which is split into parts of ${splitTotal(split)}`);
    const { posted, excess, shortfall, buyer: after } = pay(buyer, hold, charge);
    this.setAccount(record.buyerId, after);
    this.#transferRows.push(id, TRANSFER.post, record.buyerId, REVENUE, posted, hold, this.at);
    if (excess > 0n) this.#transferRows.push(excessIdOf(id), TRANSFER.excess, record.buyerId, REVENUE, excess, null, this.at);
    if (shortfall > 0n) this.#transferRows.push(shortfallIdOf(id), TRANSFER.shortfall, SHORTFALL, REVENUE, shortfall, null, this.at);
    this.#revenuePosted += charge;
    this.#shortfall += shortfall;
    pushRequest(this.#requestRows, record, { charge, hold, shortfall, at: this.at });
    this.#usage?.add(record, split, shortfall);
    this.#ended.set(id, 'alreadyPosted');
    return {
      kind: 'posted',
      debited: micro(posted + excess),
      excess: micro(excess),
      shortfall: micro(shortfall),
      balance: balance(after),
    };
  }

  #void(record: RequestRow, hold: bigint, buyer: Counters): SettleOutcome {
    const after = release(buyer, hold);
    this.setAccount(record.buyerId, after);
    this.#transferRows.push(record.requestId, TRANSFER.void, record.buyerId, REVENUE, 0n, hold, this.at);
    pushRequest(this.#requestRows, record, { charge: 0n, hold, shortfall: 0n, at: this.at });
    this.#usage?.add(record, NO_SPLIT, 0n);
    this.#ended.set(record.requestId, 'alreadyVoided');
    return { kind: 'voided', balance: balance(after) };
  }

  #take(id: RequestId): Taken | null {
    const opened = this.#opened.get(id);
    if (opened) {
      this.#opened.delete(id);
      return { buyerId: opened.buyerId, amount: opened.amount };
    }
    const taken = this.#taken.get(id);
    if (!taken) return null;
    this.#taken.delete(id);
    return taken;
  }

  #isUsed(id: RequestId): boolean {
    return this.sql.transferKind.get(id) !== undefined || this.sql.requestExists.get(id) !== undefined;
  }

  /** A request that is held is not refused any more: its row comes with its end. */
  #refuse(record: RequestRow): Outcome {
    const id = record.requestId;
    if (this.#opened.has(id) || this.#taken.has(id) || this.#ended.has(id) || this.sql.openRequest.get(id) !== undefined) return DONE;
    this.#refused.add(id);
    const values: unknown[] = [];
    pushRequest(values, record, { charge: 0n, hold: null, shortfall: 0n, at: this.at });
    if (this.sql.insertRefusal.run(values).changes === 1) this.#usage?.add(record, NO_SPLIT, 0n);
    return DONE;
  }

  /** A buyer's counters as this batch has left them so far, or null when there is no such account. */
  account(id: BuyerId): Counters | null {
    const known = this.#accounts.get(id);
    if (known) return known;
    const read = readAccount(this.sql, id);
    if (read) this.#accounts.set(id, read);
    return read;
  }

  setAccount(id: BuyerId, counters: Counters): void {
    this.#accounts.set(id, counters);
    this.#dirty.add(id);
  }

  /** What all buyers were given so far, less what was taken back. */
  funded(): bigint {
    const { debitsPosted, creditsPosted } = fundingOf(this.sql);
    return debitsPosted - creditsPosted;
  }

  /** Moves between `funding` and a buyer; the buyer's side is the caller's. Negative: back to funding. */
  moveFunding(amount: bigint): void {
    const funding = fundingOf(this.sql);
    const after =
      amount >= 0n
        ? { ...funding, debitsPosted: funding.debitsPosted + amount }
        : { ...funding, creditsPosted: funding.creditsPosted - amount };
    writeAccount(this.sql, FUNDING, after);
  }

  #write(): void {
    const { sql } = this;
    if (this.#opened.size > 0) {
      const rows: unknown[] = [];
      for (const hold of this.#opened.values()) pushOpen(rows, hold, this.#instance);
      sql.insertOpen.run(rows);
    }
    for (const progress of this.#progress.values()) if (!this.#ended.has(progress.requestId)) this.#writeProgress(progress);
    sql.insertTransfers.run(this.#transferRows);
    sql.insertRequests.run(this.#requestRows);
    for (const id of this.#dirty) writeAccount(sql, id, this.#accounts.get(id) as Counters);
    this.#writeRevenue();
    this.#usage?.end();
    sql.setClock.run(this.at);
  }

  #writeProgress({ requestId, model, tokens, ...rest }: Progress): void {
    this.sql.progress.run(
      model,
      tokens.input,
      tokens.cacheWrite5m,
      tokens.cacheWrite1h,
      tokens.cacheRead,
      tokens.output,
      rest.deltaBytes,
      rest.webSearchRequests,
      rest.inferenceGeo,
      rest.serviceTier,
      this.at,
      requestId,
    );
  }

  #writeRevenue(): void {
    if (this.#revenuePending !== 0n || this.#revenuePosted !== 0n) {
      const revenue = readAccount(this.sql, REVENUE) ?? NO_COUNTERS;
      writeAccount(this.sql, REVENUE, {
        ...revenue,
        creditsPending: revenue.creditsPending + this.#revenuePending,
        creditsPosted: revenue.creditsPosted + this.#revenuePosted,
      });
    }
    if (this.#shortfall !== 0n) {
      const shortfall = readAccount(this.sql, SHORTFALL) ?? NO_COUNTERS;
      writeAccount(this.sql, SHORTFALL, { ...shortfall, debitsPosted: shortfall.debitsPosted + this.#shortfall });
    }
  }
}

function balance(account: Counters): Balance {
  return { balance: balanceOf(account), held: heldOf(account) };
}

function endedAs(kind: unknown): 'alreadyPosted' | 'alreadyVoided' | null {
  if (kind === TRANSFER.post) return 'alreadyPosted';
  return kind === TRANSFER.void ? 'alreadyVoided' : null;
}

const fundingOf = (sql: Statements): Counters => readAccount(sql, FUNDING) ?? NO_COUNTERS;

function readAccount(sql: Statements, id: number): Counters | null {
  const row = sql.account.get(id) as [bigint, bigint, bigint, bigint] | undefined;
  if (!row) return null;
  const [debitsPending, debitsPosted, creditsPending, creditsPosted] = row;
  return { debitsPending, debitsPosted, creditsPending, creditsPosted };
}

function writeAccount(sql: Statements, id: number, a: Counters): void {
  const { changes } = sql.setAccount.run(a.debitsPending, a.debitsPosted, a.creditsPending, a.creditsPosted, id);
  if (changes !== 1) throw new Error(`account ${id} is missing`);
}
