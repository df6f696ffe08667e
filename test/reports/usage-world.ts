/** Buyers, keys and routes with requests that the real engine settles at chosen times, and what they add up to. */
import fc from 'fast-check';
import type { Db } from '../../src/db/open.ts';
import { createRequestIds, type BuyerId, type CardVersion, type InstanceId, type KeyId, type RouteAlias, type RouteId } from '../../src/ids.ts';
import { createEngine, type Engine } from '../../src/ledger/engine.ts';
import { NO_SPLIT, type RequestRecord } from '../../src/ledger/ledger.ts';
import { requestRowOf, type Operation } from '../../src/ledger/operations.ts';
import { createPriceBook } from '../../src/metering/price-book.ts';
import { makeCardModels, parseMultiplier, serializeCard } from '../../src/metering/price-card.ts';
import { settlementAmounts } from '../../src/metering/settlement-amounts.ts';
import { micro, ZERO } from '../../src/money.ts';
import { readCard } from '../../src/registry/cards.ts';
import { createRoute } from '../../src/registry/routes.ts';
import { NO_USAGE, type UsageSums } from '../../src/reports/usage-sums.ts';
import { NO_TOKENS, type TokenCounts, type UsageSource } from '../../src/tokens.ts';

const MODELS = ['claude-haiku-4-5', 'claude-opus-4-7'];
const KEYS_OF_A_BUYER = 2;
const BUYERS = 3;
const MINUTE_MS = 60_000;

/** One request: how long after the one before it ended, whose, and how it ended. */
export interface Ended {
  readonly afterMs: number;
  readonly key: number;
  readonly route: number;
  readonly model: number;
  readonly fate: 'completed' | 'refused' | 'failed' | 'estimated' | 'capped' | 'shortfall';
  readonly tokens: TokenCounts;
  readonly searches: number;
}

const count = fc.oneof(fc.constant(0), fc.nat(9), fc.nat(50_000));
export const anEnded: fc.Arbitrary<Ended> = fc.record({
  afterMs: fc.oneof(fc.nat(20_000), fc.nat(10 * MINUTE_MS), fc.nat(5 * 3_600_000), fc.nat(3 * 86_400_000)),
  key: fc.nat(BUYERS * KEYS_OF_A_BUYER - 1),
  route: fc.nat(1),
  model: fc.nat(1),
  fate: fc.constantFrom('completed', 'completed', 'completed', 'refused', 'failed', 'estimated', 'capped', 'shortfall'),
  tokens: fc.record({ input: count, output: count, cacheWrite5m: count, cacheWrite1h: count, cacheRead: count }),
  searches: fc.constantFrom(0, 0, 3),
});

/** What a request adds, and where. */
export interface Added {
  /** Of its settlement, Unix ms. */
  readonly at: number;
  readonly buyerId: number;
  readonly keyId: number;
  readonly routeId: number | null;
  readonly model: string;
  readonly requestId: bigint;
  readonly sums: UsageSums;
}

export class UsageWorld {
  readonly added: Added[] = [];
  readonly #db: Db;
  readonly #engine: Engine;
  readonly #nextId: () => bigint;
  /** Unix ms: the clock of the engine. */
  now: number;

  /** A database without buyers. */
  constructor(db: Db, start: number, instance = 1) {
    this.#db = db;
    this.now = start;
    fillRegistry(db);
    this.#engine = createEngine(db, { instance: instance as InstanceId, now: () => this.now });
    this.#nextId = createRequestIds(instance as InstanceId, () => this.now) as () => bigint;
  }

  settle(ended: Ended): void {
    this.now += ended.afterMs;
    const requestId = this.#nextId();
    const whose = { requestId: requestId as RequestRecord['requestId'], buyerId: (1 + Math.floor(ended.key / KEYS_OF_A_BUYER)) as BuyerId, keyId: (1 + ended.key) as KeyId };
    if (ended.fate === 'refused') this.#refuse(whose);
    else this.#end(ended, whose);
  }

  #refuse(whose: Pick<RequestRecord, 'requestId' | 'buyerId' | 'keyId'>): void {
    const record = { ...recordOf(whose, this.now), status: 'refused', model: 'whatever the client said', routeId: null, cardVersion: null, listCost: null } as const;
    this.#engine.apply([{ op: 'refusal', record: requestRowOf(record) }]);
    this.#note(record, { ...NO_USAGE, requests: 1, refused: 1 });
  }

  #end({ route, model: number, fate, tokens, searches }: Ended, whose: Pick<RequestRecord, 'requestId' | 'buyerId' | 'keyId'>): void {
    const routeId = (route + 1) as RouteId;
    const { card } = readCard(this.#db, routeId as number as CardVersion);
    const model = MODELS[number] as string;
    const failed = fate === 'failed';
    const usage = { parts: [{ model, tokens }], webSearchRequests: searches, inferenceGeo: null, serviceTier: null };
    const inputs = { usage, card, requestedModel: card.byName.get(model)! };
    const exact = settlementAmounts(inputs, createPriceBook([]));
    const { total: charge, split, listCost } = fate === 'capped' ? settlementAmounts({ ...inputs, capAt: micro(exact.total / 3n) }, createPriceBook([])) : exact;
    // Nothing is left beyond the hold where there is to be a shortfall.
    const available = this.#available(whose.buyerId);
    const short = fate === 'shortfall' && charge > 0n;
    const hold = short ? charge / 2n : charge;
    if (short) this.#deposit(whose.buyerId, hold - available);
    else if (available < hold) this.#deposit(whose.buyerId, hold - available);
    const source: UsageSource = failed ? 'none' : fate === 'estimated' || fate === 'capped' ? 'estimated' : 'reported';
    const record: RequestRecord = {
      ...recordOf(whose, this.now),
      routeId,
      cardVersion: card.version,
      model,
      responseModel: model,
      status: failed ? 'upstream_error' : 'completed',
      tokens: failed ? NO_TOKENS : tokens,
      usageSource: source,
      listCost: failed ? ZERO : listCost,
      detail: searches > 0 && !failed ? { webSearchRequests: searches } : null,
    };
    const generation = Number(this.#db.prepare('SELECT value FROM registry_generation').pluck().get());
    const held = { ...whose, routeId, cardVersion: card.version, model, generation, amount: micro(hold), worstCase: micro(hold), quoteBasis: 'bytes', outputTokensMax: 9, upstream: 'u', startedAt: this.now } as const;
    const settlement = failed ? { action: 'void' as const, charge: ZERO, split: NO_SPLIT } : { action: 'post' as const, charge, split };
    const operations: Operation[] = [
      { op: 'hold', hold: held },
      { op: 'settle', settlement: { ...settlement, record: requestRowOf(record) } },
    ];
    const [, outcome] = this.#engine.apply(operations);
    if (outcome?.kind !== 'posted' && outcome?.kind !== 'voided') throw new Error(`settled as ${outcome?.kind}`);
    const shortfall = outcome.kind === 'posted' ? outcome.shortfall : ZERO;
    if (short !== (shortfall > 0n)) throw new Error(`a shortfall of ${shortfall}`);
    const figures = { tokens, chargeByClass: split.byClass, webSearchCharge: split.webSearch, charge, shortfall, listCost, cacheSaved: split.cacheSaved };
    this.#note(record, { ...NO_USAGE, requests: 1, errors: failed ? 1 : 0, estimated: source === 'estimated' ? 1 : 0, ...(failed ? {} : figures) });
  }

  #available(buyerId: BuyerId): bigint {
    return this.#db.prepare('SELECT credits_posted - debits_posted - debits_pending FROM accounts WHERE id = ?').pluck().safeIntegers().get(buyerId) as bigint;
  }

  #deposit(buyerId: BuyerId, amount: bigint): void {
    if (amount === 0n) return;
    const [outcome] = this.#engine.apply([{ op: 'deposit', deposit: { buyerId, amount: micro(amount), kind: amount < 0n ? 'adjust' : 'deposit', reference: null, reason: 'test' } }]);
    if (outcome?.kind !== 'created') throw new Error(`deposited as ${outcome?.kind}`);
  }

  #note(record: RequestRecord, sums: UsageSums): void {
    const at = Number(this.#db.prepare('SELECT settled_at FROM requests WHERE id = ?').pluck().get(record.requestId));
    const model = record.status === 'refused' ? '' : record.model!;
    this.added.push({ at, buyerId: record.buyerId, keyId: record.keyId, routeId: record.routeId, model, requestId: record.requestId, sums });
  }
}

function recordOf(whose: Pick<RequestRecord, 'requestId' | 'buyerId' | 'keyId'>, now: number): RequestRecord {
  const nothing = { routeId: null, cardVersion: null, model: null, responseModel: null, errorCode: null, quoteBasis: null, detail: null, upstream: null, upstreamRequestId: null };
  const counted = { tokens: NO_TOKENS, usageSource: 'none', listCost: null, outputTokensMax: null, flags: [], attempts: 1 } as const;
  return { ...whose, ...nothing, ...counted, status: 'completed', httpStatus: 200, startedAt: now, durationMs: 5, timeToFirstByteMs: null };
}

function fillRegistry(db: Db): void {
  for (let buyer = 1; buyer <= BUYERS; buyer++) {
    db.prepare('INSERT INTO buyers(name, created_at) VALUES (?, 0)').run(`buyer ${buyer}`);
    for (let i = 0; i < KEYS_OF_A_BUYER; i++)
      db.prepare("INSERT INTO keys(buyer_id, label, digest, prefix, last4, created_at) VALUES (?, '', randomblob(32), 'rk_', 'abcd', 0)").run(buyer);
  }
  for (const [alias, times] of [['list', '1'], ['cheap', '0.7']] as const) {
    const multiplier = parseMultiplier(times);
    if (!multiplier.ok) throw new Error(multiplier.reason);
    const { models, webSearchPerMillion, date } = createPriceBook([]);
    const body = serializeCard({ models: makeCardModels(models, multiplier.multiplier), webSearchPerMillion });
    createRoute(db, { alias: alias as RouteAlias, upstream: 'u', now: 0, card: { body, origin: { kind: 'multiplier', multiplier: times, bookDate: date } } });
  }
}
