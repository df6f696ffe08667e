import * as fc from 'fast-check';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPendingUsageMerge } from '../../src/db/merge-pending-usage.ts';
import { openDatabase, openMemoryDatabase, type Db } from '../../src/db/open.ts';
import { createRequestIds, type BuyerId, type InstanceId, type KeyId, type RequestId, type RouteId } from '../../src/ids.ts';
import { createEngine, type Engine } from '../../src/ledger/engine.ts';
import { NO_SPLIT, REQUEST_STATUSES, type ChargeSplit, type RequestRecord } from '../../src/ledger/ledger.ts';
import { requestRowOf, type Operation } from '../../src/ledger/operations.ts';
import { openLedger } from '../../src/ledger/sqlite.ts';
import { micro } from '../../src/money.ts';
import { addBuyers, createDatabase, generationOf, holdOf, postOf, recordOf, temporaryFolder } from './fixtures.ts';
import { expectedUsage, readUsage, type EndedRequest } from './usage-model.ts';

const START = Date.UTC(2026, 10, 22, 22, 58, 30);

/** Two engines on one database, as two processes would be, one clock, and what they were given. */
class House {
  readonly db: Db = openMemoryDatabase();
  readonly buyers: BuyerId[];
  readonly ended: EndedRequest[] = [];
  now = START;
  readonly #generation: number;
  readonly #nextId = createRequestIds(1 as InstanceId, () => START);
  readonly #engines: readonly Engine[];

  constructor() {
    this.buyers = addBuyers(this.db, ['acme', 'bolt']);
    this.#generation = generationOf(this.db);
    this.#engines = [1, 2].map((instance) => createEngine(this.db, { instance: instance as InstanceId, now: () => this.now }));
    this.apply(0, this.buyers.map((buyerId) => ({ op: 'deposit', deposit: { buyerId, amount: micro(10_000n), kind: 'deposit', reference: null, reason: null } })));
  }

  apply(engine: number, operations: readonly Operation[]): void {
    (this.#engines[engine] as Engine).apply(operations);
  }

  /** Holds and ends them, in one batch or in two; refusals beside them. */
  batch({ engine, ends, apart, step }: BatchOf): void {
    // Requests end in another order than they begin.
    const ids = ends.map(() => this.#nextId()).reverse();
    const holds = ends.flatMap((end, i) => (end.status === 'refused' ? [] : [this.#hold(ids[i] as RequestId, end)]));
    const endings = ends.map((end, i) => this.#end(ids[i] as RequestId, end));
    this.now += step;
    if (apart) {
      this.apply(engine, holds);
      this.apply(engine, endings);
    } else this.apply(engine, [...holds, ...endings]);
    const settledAt = this.#ledgerTime();
    const shortfall = this.db.prepare('SELECT shortfall FROM requests WHERE id = ?').pluck().safeIntegers();
    endings.forEach((operation) => {
      if (operation.op !== 'settle' && operation.op !== 'refusal') return;
      const record = operation.op === 'settle' ? operation.settlement.record : operation.record;
      const split = operation.op === 'settle' ? operation.settlement.split : NO_SPLIT;
      const short = shortfall.get(record.requestId) as bigint | undefined;
      // Without a row there was no money for its hold, and nothing ended.
      if (short !== undefined) this.ended.push({ record, split, settledAt, shortfall: short });
    });
  }

  /** It does not go back with the clock. */
  #ledgerTime(): number {
    return this.db.prepare('SELECT at FROM ledger_clock').pluck().get() as number;
  }

  expectAllSummed(): void {
    expect(readUsage(this.db)).toEqual(expectedUsage(this.ended, Math.floor(this.#ledgerTime() / 60_000) - 1));
  }

  #hold(id: RequestId, { buyer, key, route, charge }: End): Operation {
    const of = { generation: this.#generation, keyId: keyOf(buyer, key), routeId: route as RouteId };
    // Less than the charge at times, so that balances run out and shortfall comes.
    return { op: 'hold', hold: holdOf(id, this.buyers[buyer] as BuyerId, charge % 3n === 0n ? 0n : charge / 8n, of) };
  }

  #end(id: RequestId, { buyer, key, route, status, source, model, charge, saved, tokens }: End): Operation {
    const buyerId = this.buyers[buyer] as BuyerId;
    const charged = status === 'upstream_error' || status === 'failed' || status === 'refused' ? 0n : charge;
    const of: Partial<RequestRecord> = {
      keyId: keyOf(buyer, key), routeId: route === 0 ? null : (route as RouteId), status, model, usageSource: source,
      tokens: { input: tokens, output: tokens * 2, cacheWrite5m: tokens % 7, cacheWrite1h: tokens % 5, cacheRead: tokens * 3 },
      listCost: status === 'refused' ? null : micro(charged / 2n),
    };
    const record = requestRowOf(recordOf(id, buyerId, of));
    if (status === 'refused') return { op: 'refusal', record };
    return { op: 'settle', settlement: { action: charged === 0n ? 'void' : 'post', charge: micro(charged), split: charged === 0n ? NO_SPLIT : splitOf(charged, saved), record } };
  }
}

const keyOf = (buyer: number, key: number): KeyId => (buyer * 10 + key) as KeyId;

function splitOf(charge: bigint, saved: bigint): ChargeSplit {
  const [input, cacheRead, cacheWrite5m, cacheWrite1h, webSearch] = [charge / 3n, charge / 5n, charge / 7n, charge / 11n, charge / 13n];
  const output = charge - input - cacheRead - cacheWrite5m - cacheWrite1h - webSearch;
  const byClass = { input, output, cacheWrite5m, cacheWrite1h, cacheRead } as ChargeSplit['byClass'];
  return { byClass, webSearch: micro(webSearch), cacheSaved: micro(saved) };
}

const end = fc.record({
  buyer: fc.nat(1),
  key: fc.integer({ min: 1, max: 2 }),
  route: fc.nat(2),
  status: fc.constantFrom(...REQUEST_STATUSES),
  source: fc.constantFrom('reported' as const, 'drained' as const, 'estimated' as const, 'recovered' as const, 'none' as const),
  // Words that JSON has to escape, and one that is no whole character.
  model: fc.constantFrom<(string | null)[]>('claude-opus-4-6', 'claude-haiku-4-5', '', null, 'a "b" \\ ü 🦊\n', 'half \ud83e'),
  charge: fc.bigInt({ min: 1n, max: 3_000n }),
  saved: fc.bigInt({ min: -50n, max: 50n }),
  tokens: fc.nat(1_000),
});
type End = typeof end extends fc.Arbitrary<infer T> ? T : never;
const batch = fc.record({
  engine: fc.nat(1),
  ends: fc.array(end, { maxLength: 6 }),
  apart: fc.boolean(),
  // Within what is merged together, within a minute, over a minute, over an hour, over days; and backwards.
  step: fc.constantFrom<number[]>(0, 10, 10, 100, 300, 20_000, 70_000, 4_000_000, 200_000_000, -5_000),
});
type BatchOf = typeof batch extends fc.Arbitrary<infer T> ? T : never;

const one = (buyer = 0): End => ({ buyer, key: 1, route: 1, status: 'completed', source: 'reported', model: 'm', charge: 10n, saved: 0n, tokens: 5 });
const inBatch = (step: number, engine = 0): BatchOf => ({ engine, ends: [one()], apart: false, step });

it('sums every request that ends, by minute, hour, day and dimension, whoever writes and however time passes', () => {
  fc.assert(
    fc.property(fc.array(batch, { minLength: 1, maxLength: 12 }), (batches) => {
      const house = new House();
      for (const next of batches) {
        house.batch(next);
      }
      house.expectAllSummed();
      house.db.close();
    }),
    { numRuns: 150 },
  );
});

describe('under load', () => {
  const pending = (house: House): unknown => house.db.prepare('SELECT count(*) FROM usage_pending').pluck().get();

  it('what batches add within moments is appended, and merged by one some moments later', () => {
    const house = new House();
    for (const step of [0, 10, 10, 10]) house.batch(inBatch(step));
    expect(pending(house)).toBe(3);
    house.expectAllSummed();
    house.batch(inBatch(300));
    expect(pending(house)).toBe(0);
    house.expectAllSummed();
  });

  it('what is appended is merged sooner when it is much', () => {
    const house = new House();
    for (let i = 0; i < 700; i++) house.batch(inBatch(0));
    expect(pending(house)).toBeLessThan(520);
    expect(house.db.prepare('SELECT requests FROM usage_minutes_merged').pluck().get()).toBeGreaterThan(500);
    house.expectAllSummed();
  });

  it('a batch may be of any number of keys, routes and models', () => {
    const house = new House();
    const ends = Array.from({ length: 150 }, (_, i) => ({ ...one(i % 2), key: i % 5, route: i % 15, model: `model-${i % 50}`, charge: BigInt(i + 1) }));
    for (const step of [0, 10, 10, 300]) house.batch({ engine: 0, ends, apart: false, step });
    expect(pending(house)).toBe(0);
    house.expectAllSummed();
  });

  it('what a process appended before it died is merged by the next minute of another', () => {
    const house = new House();
    for (const step of [0, 10, 10]) house.batch(inBatch(step, 0));
    house.batch(inBatch(60_000, 1));
    expect(pending(house)).toBe(0);
    house.expectAllSummed();
  });

  it('nothing is lost or counted twice when someone else merges what an engine still remembers', () => {
    const house = new House();
    for (const step of [0, 10, 10]) house.batch(inBatch(step));
    house.db.transaction(() => createPendingUsageMerge(house.db)(Number.MAX_SAFE_INTEGER))();
    for (const step of [10, 10, 300, 10, 300]) house.batch(inBatch(step));
    house.expectAllSummed();
  });
});

it('adds nothing for a batch that fails, nor forgets what was appended before it', () => {
  const house = new House();
  house.batch(inBatch(0));
  house.batch(inBatch(10));
  const before = readUsage(house.db);
  const id = createRequestIds(3 as InstanceId)();
  const [ours, theirs] = house.buyers as [BuyerId, BuyerId];
  const { record, ...rest } = postOf(id, theirs, 5n);
  const refusal = { op: 'refusal', record: requestRowOf(recordOf(createRequestIds(4 as InstanceId)(), ours, { status: 'refused' })) } as const;
  const hold = { op: 'hold', hold: holdOf(id, ours, 0n, { generation: generationOf(house.db) }) } as const;
  for (const step of [10, 300])
    expect(() => {
      house.now += step;
      house.apply(0, [refusal, hold, { op: 'settle', settlement: { ...rest, record: requestRowOf(record) } }]);
    }).toThrow('settled for buyer');
  expect(readUsage(house.db)).toEqual(before);
  house.batch(inBatch(300));
  house.batch(inBatch(60_000));
  house.expectAllSummed();
});

it('counts a refusal once, and none of a request that is held or has ended', () => {
  const house = new House();
  const id = createRequestIds(3 as InstanceId)();
  const refusal = { op: 'refusal', record: requestRowOf(recordOf(id, house.buyers[0] as BuyerId, { status: 'refused' })) } as const;
  house.apply(0, [refusal, refusal]);
  house.apply(1, [refusal]);
  expect(readUsage(house.db).minutes.map(({ requests, refused, model }) => ({ requests, refused, model }))).toEqual([{ requests: 1, refused: 1, model: '' }]);
});

it('refuses a charge whose parts do not add up to it', () => {
  const house = new House();
  const id = createRequestIds(3 as InstanceId)();
  const [buyer] = house.buyers as [BuyerId];
  const { record, ...rest } = postOf(id, buyer, 5n);
  const settle = { op: 'settle', settlement: { ...rest, charge: micro(6n), record: requestRowOf(record) } } as const;
  expect(() => house.apply(0, [{ op: 'hold', hold: holdOf(id, buyer, 0n, { generation: generationOf(house.db) }) }, settle])).toThrow('split into parts of 5');
});

it('keeps ledger time out of minutes that are folded, even if the clock of the ledger was set back', () => {
  const house = new House();
  house.batch(inBatch(0));
  house.batch(inBatch(120_000));
  house.db.prepare('UPDATE ledger_clock SET at = 0').run();
  house.now = START;
  house.batch(inBatch(0));
  const { folded } = house.db.prepare('SELECT folded FROM usage_state').get() as { folded: number };
  expect(house.ended.at(-1)?.settledAt).toBe((folded + 1) * 60_000);
  house.expectAllSummed();
});

describe('through the worker', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  beforeEach(() => void (folder = temporaryFolder()));
  afterEach(() => folder.remove());

  it('list cost, output bound and the parts of a charge arrive as they were sent', async () => {
    const file = path.join(folder.path, 'ledger.db');
    const [buyer] = createDatabase(file) as [BuyerId];
    const ledger = await openLedger({ file });
    const db = openDatabase(file, { mode: 'read' });
    const [id, refused] = [createRequestIds(ledger.instance), createRequestIds(ledger.instance)].map((next) => next()) as [RequestId, RequestId];
    await ledger.deposit({ buyerId: buyer, amount: micro(9_000n), kind: 'deposit', reference: null, reason: null });
    await ledger.hold(holdOf(id, buyer, 10n, { generation: generationOf(db) }));
    const split = splitOf(7_000n, -9_007_199_254_740_99n);
    await expect(ledger.settle({ ...postOf(id, buyer, 7_000n), split: { ...split, webSearch: micro(1n) } })).rejects.toThrow('split into parts');
    await ledger.settle({ action: 'post', charge: micro(7_000n), split, record: recordOf(id, buyer, { listCost: micro(1_234_567_890_123n), outputTokensMax: 8_192 }) });
    ledger.recordRefusal(recordOf((refused + 4n) as RequestId, buyer, { status: 'refused', listCost: null, outputTokensMax: null }));
    await ledger.close();
    expect(db.prepare('SELECT list_cost, output_tokens_max, status FROM requests ORDER BY id').raw().all()).toEqual([
      [1_234_567_890_123, 8_192, 'completed'],
      [null, null, 'refused'],
    ]);
    const { input_charge, web_search_charge, cache_saved, list_cost } = readUsage(db).minutes.find(({ refused: count }) => count === 0) ?? {};
    expect({ input_charge, web_search_charge, cache_saved, list_cost }).toEqual({
      input_charge: Number(split.byClass.input),
      web_search_charge: Number(split.webSearch),
      cache_saved: Number(split.cacheSaved),
      list_cost: 1_234_567_890_123,
    });
    db.close();
  });
});
