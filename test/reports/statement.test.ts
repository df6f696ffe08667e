/** Statements against a reference that is kept beside the real ledger, in random months of random zones. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openMemoryDatabase, type Db } from '../../src/db/open.ts';
import { createRequestIds, type BuyerId, type InstanceId, type RequestId } from '../../src/ids.ts';
import { createEngine, type Engine } from '../../src/ledger/engine.ts';
import { NO_SPLIT, type ChargeSplit } from '../../src/ledger/ledger.ts';
import { requestRowOf } from '../../src/ledger/operations.ts';
import { micro } from '../../src/money.ts';
import { debitedOf, readStatement, StatementMismatchError, type Statement } from '../../src/reports/statement.ts';
import { nextMonth, startOfMonth } from '../../src/reports/zone.ts';
import { TOKEN_CLASSES, type TokenClass } from '../../src/tokens.ts';
import { addBuyers, generationOf, holdOf, postOf, recordOf, voidOf } from '../ledger/fixtures.ts';

const INSTANCE = 1 as InstanceId;
const START = Date.UTC(2026, 9, 20, 3, 17, 11, 250);
const ZONES = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kolkata', 'Pacific/Kiritimati', 'Australia/Lord_Howe'];
const MINUTE = 60_000;

type Step =
  | { readonly kind: 'deposit' | 'adjust'; readonly amount: number }
  | { readonly kind: 'charge'; readonly hold: number; readonly charge: number; readonly tokenClass: TokenClass; readonly webSearch: number }
  | { readonly kind: 'void' | 'refusal' };
interface Event {
  readonly after: number;
  readonly buyer: 0 | 1;
  readonly step: Step;
}

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('deposit' as const), amount: fc.integer({ min: 1, max: 3_000_000 }) }),
  fc.record({ kind: fc.constant('adjust' as const), amount: fc.integer({ min: -400_000, max: 400_000 }).filter((amount) => amount !== 0) }),
  fc.record({
    kind: fc.constant('charge' as const),
    hold: fc.integer({ min: 0, max: 300_000 }),
    charge: fc.integer({ min: 1, max: 2_000_000 }),
    tokenClass: fc.constantFrom(...TOKEN_CLASSES),
    webSearch: fc.integer({ min: 0, max: 20_000 }),
  }),
  fc.record({ kind: fc.constantFrom('void' as const, 'refusal' as const) }),
);
/** From one after the other in the same minute to three weeks later. */
const gap = fc.oneof(fc.integer({ min: 0, max: 90_000 }), fc.integer({ min: 0, max: 30 * 60 * MINUTE }), fc.integer({ min: 0, max: 21 * 24 * 60 * MINUTE }));
const events = fc.array(fc.record({ after: gap, buyer: fc.constantFrom(0 as const, 1 as const), step }), { minLength: 1, maxLength: 40 });

/** What one step did to a buyer's balance, as the ledger answered. */
interface Effect {
  readonly at: number;
  readonly buyer: BuyerId;
  readonly kind: 'topup' | 'adjustment' | 'debit';
  readonly amount: bigint;
}

class Bench {
  readonly db: Db = openMemoryDatabase();
  readonly buyers = addBuyers(this.db, ['acme', 'globex']);
  readonly effects: Effect[] = [];
  now = START;
  readonly #engine: Engine = createEngine(this.db, { instance: INSTANCE, now: () => this.now });
  readonly #nextId = createRequestIds(INSTANCE, () => this.now);

  play({ after, buyer: index, step: wanted }: Event): void {
    this.now += after;
    const buyer = this.buyers[index] as BuyerId;
    if (wanted.kind === 'deposit' || wanted.kind === 'adjust') this.#fund(buyer, wanted.kind, BigInt(wanted.amount));
    else if (wanted.kind === 'charge') this.#charge(buyer, wanted);
    else if (wanted.kind === 'void') this.#void(buyer);
    else this.#engine.apply([{ op: 'refusal', record: requestRowOf({ ...recordOf(this.#nextId(), buyer), status: 'refused', usageSource: 'none', listCost: null }) }]);
  }

  balance(buyer: BuyerId): bigint {
    return this.db.prepare('SELECT credits_posted - debits_posted FROM accounts WHERE id = ?').pluck().safeIntegers().get(buyer) as bigint;
  }

  #fund(buyer: BuyerId, kind: 'deposit' | 'adjust', amount: bigint): void {
    const [outcome] = this.#engine.apply([{ op: 'deposit', deposit: { buyerId: buyer, amount: micro(amount), kind, reference: null, reason: kind === 'adjust' ? 'a slip' : null } }]);
    if (outcome?.kind === 'created') this.effects.push({ at: this.now, buyer, kind: kind === 'adjust' ? 'adjustment' : 'topup', amount });
  }

  #hold(id: RequestId, buyer: BuyerId, amount: bigint): boolean {
    const [held] = this.#engine.apply([{ op: 'hold', hold: holdOf(id, buyer, amount, { generation: generationOf(this.db) }) }]);
    return held?.kind === 'created';
  }

  #charge(buyer: BuyerId, { hold, charge, tokenClass, webSearch }: Extract<Step, { kind: 'charge' }>): void {
    const id = this.#nextId();
    if (!this.#hold(id, buyer, BigInt(hold))) return;
    const split: ChargeSplit = { ...NO_SPLIT, byClass: { ...NO_SPLIT.byClass, [tokenClass]: micro(charge) }, webSearch: micro(webSearch) };
    const { record, ...settlement } = { ...postOf(id, buyer, BigInt(charge + webSearch)), split };
    const [settled] = this.#engine.apply([{ op: 'settle', settlement: { ...settlement, record: requestRowOf(record) } }]);
    if (settled?.kind !== 'posted') throw new Error(`settle ${settled?.kind}`);
    this.effects.push({ at: this.now, buyer, kind: 'debit', amount: settled.debited });
  }

  #void(buyer: BuyerId): void {
    const id = this.#nextId();
    if (!this.#hold(id, buyer, 0n)) return;
    const { record, ...settlement } = voidOf(id, buyer);
    this.#engine.apply([{ op: 'settle', settlement: { ...settlement, record: requestRowOf(record) } }]);
  }
}

function played(all: readonly Event[]): Bench {
  const bench = new Bench();
  for (const event of all) bench.play(event);
  return bench;
}

/** All months from the first event to the last. */
function statementsOf({ db, now }: Bench, buyerId: BuyerId, timezone: string): { start: number; end: number; statement: Statement }[] {
  const all = [];
  for (let start = startOfMonth(START, timezone); start <= now; start = nextMonth(start, timezone)) {
    const end = nextMonth(start, timezone);
    all.push({ start, end, statement: readStatement(db, { buyerId, start, end, timezone }) });
  }
  return all;
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n);
/** Not by our own calendar. */
const dayIn = (timezone: string) => {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: timezone });
  return (at: number): string => format.format(at);
};

describe('statements', () => {
  it('chain from month to month, from nothing to the balance', () => {
    fc.assert(
      fc.property(events, fc.constantFrom(...ZONES), (all, timezone) => {
        const bench = played(all);
        for (const buyer of bench.buyers) {
          const statements = statementsOf(bench, buyer, timezone).map(({ statement }) => statement);
          expect(statements[0]?.opening).toBe(0n);
          statements.forEach(({ opening, topUps, adjustments, total, closing }, i) => {
            expect(closing).toBe(opening + topUps + adjustments - total.charge + total.shortfall);
            if (i > 0) expect(opening).toBe(statements[i - 1]?.closing);
          });
          expect(statements.at(-1)?.closing).toBe(bench.balance(buyer));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('name each top-up and adjustment, and each day with what it took', () => {
    fc.assert(
      fc.property(events, fc.constantFrom(...ZONES), (all, timezone) => {
        const bench = played(all);
        const dayOf = dayIn(timezone);
        for (const buyer of bench.buyers) {
          for (const { start, end, statement } of statementsOf(bench, buyer, timezone)) {
            const own = bench.effects.filter((effect) => effect.buyer === buyer && effect.at >= start && effect.at < end);
            const fundings = own.filter(({ kind }) => kind !== 'debit').map(({ at, kind, amount }) => ({ at, kind, amount }));
            const byTime = <T extends { at: number; amount: bigint }>(a: T, b: T): number => a.at - b.at || Number(a.amount - b.amount);
            expect(statement.fundings.map(({ at, kind, amount }) => ({ at, kind, amount })).toSorted(byTime)).toEqual(fundings.toSorted(byTime));
            const debits = own.filter(({ kind }) => kind === 'debit');
            const days = [...new Set(debits.map(({ at }) => dayOf(at)))].toSorted();
            const charged = statement.days.filter(({ sums }) => sums.charge > 0n);
            expect(charged.map(({ day, sums }) => [day, debitedOf(sums)])).toEqual(days.map((day) => [day, sum(debits.filter(({ at }) => dayOf(at) === day).map(({ amount }) => amount))]));
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('begin with their first millisecond and end before the next one', () => {
    const end = nextMonth(START, 'UTC');
    const deposit = { kind: 'deposit', amount: 100 } as const;
    const charge = { kind: 'charge', hold: 1, charge: 1, tokenClass: 'input', webSearch: 0 } as const;
    const gaps = [0, end - 1 - START, 0, 1, 0];
    const bench = played([deposit, deposit, charge, deposit, charge].map((each, i) => ({ after: gaps[i] as number, buyer: 0, step: each })));
    const statements = statementsOf(bench, bench.buyers[0] as BuyerId, 'UTC').map(({ statement }) => statement);
    expect(statements.map(({ topUps, total, closing }) => [topUps, total.charge, closing])).toEqual([
      [200n, 1n, 199n],
      [100n, 1n, 298n],
    ]);
  });

  it('are refused when the account says something else', () => {
    const bench = played([
      { after: 0, buyer: 0, step: { kind: 'deposit', amount: 1_000_000 } },
      { after: 5_000, buyer: 0, step: { kind: 'charge', hold: 10, charge: 400, tokenClass: 'output', webSearch: 0 } },
    ]);
    const query = { buyerId: bench.buyers[0] as BuyerId, start: startOfMonth(START, 'UTC'), end: nextMonth(START, 'UTC'), timezone: 'UTC' };
    expect(readStatement(bench.db, query).closing).toBe(999_600n);
    // A month of before: what came later is compared all the same.
    const before = { ...query, start: startOfMonth(START, 'UTC', -1), end: query.start };
    expect(readStatement(bench.db, before)).toMatchObject({ opening: 0n, closing: 0n, days: [], fundings: [] });
    bench.db.prepare('UPDATE accounts SET credits_posted = credits_posted + 1 WHERE id = ?').run(query.buyerId);
    const mismatch = { name: StatementMismatchError.name, message: "top-ups, adjustments and charges come to 0.999600 USDC, the buyer's account has 0.999601" };
    expect(() => readStatement(bench.db, query)).toThrow(expect.objectContaining(mismatch));
    expect(() => readStatement(bench.db, before)).toThrow(expect.objectContaining(mismatch));
  });
});
