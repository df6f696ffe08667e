import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { ChannelReceiver, ChannelSender, createChannelMemory, type Tagged } from '../../src/ledger/channel.ts';
import type { ChargeSplit } from '../../src/ledger/ledger.ts';
import { requestRowOf, type Operation, type Outcome } from '../../src/ledger/operations.ts';
import { micro } from '../../src/money.ts';
import { holdOf, recordOf } from './fixtures.ts';

const id = fc.bigInt({ min: 0n, max: (1n << 61n) - 1n }).map((n) => (n * 4n) as never);
const count = fc.maxSafeNat();
const money = fc.bigInt({ min: 0n, max: 9_000_000_000_000_000n }).map(micro);
const text = fc.oneof(fc.string({ maxLength: 40 }), fc.string({ unit: 'binary', maxLength: 90 }), fc.constant('claude-opus-4-8'), fc.constant(''));
const orNull = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null });
const tokens = fc.record({ input: count, output: count, cacheWrite5m: count, cacheWrite1h: count, cacheRead: count });

const hold = fc
  .record({ requestId: id, buyerId: count, amount: money, model: text, upstream: text, generation: count, startedAt: count })
  .map((h) => ({ op: 'hold', hold: { ...holdOf(h.requestId, 1 as never, 0n), ...h } }) as unknown as Operation);
const row = fc
  .record({ id, model: orNull(text), responseModel: orNull(text), errorCode: orNull(text), tokens, flags: fc.array(text, { maxLength: 3 }), up: orNull(text), ttfb: orNull(count), route: orNull(count), listCost: orNull(money) })
  .map((r) => ({
    ...requestRowOf(
      recordOf(r.id, 1 as never, {
        model: r.model,
        responseModel: r.responseModel,
        errorCode: r.errorCode,
        tokens: r.tokens,
        flags: r.flags,
        upstreamRequestId: r.up,
        timeToFirstByteMs: r.ttfb,
        routeId: r.route as never,
        listCost: r.listCost,
        outputTokensMax: r.ttfb,
      }),
    ),
  }));
const split = fc
  .array(money, { minLength: 7, maxLength: 7 })
  .map(([input, output, cacheWrite5m, cacheWrite1h, cacheRead, webSearch, cacheSaved]) => ({ byClass: { input, output, cacheWrite5m, cacheWrite1h, cacheRead }, webSearch, cacheSaved }) as ChargeSplit);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  hold,
  fc.record({ op: fc.constant('settle' as const), settlement: fc.record({ action: fc.constantFrom('post' as const, 'void' as const), charge: money, split, record: row }) }),
  fc.record({ op: fc.constant('refusal' as const), record: row }),
  fc.record({ op: fc.constant('progress' as const), progress: fc.record({ requestId: id, model: text, tokens, deltaBytes: count, webSearchRequests: count, inferenceGeo: orNull(text), serviceTier: orNull(text) }) }),
  fc.record({
    op: fc.constant('deposit' as const),
    deposit: fc.record({ buyerId: count.map((n) => n as never), amount: money, kind: fc.constantFrom('deposit' as const, 'adjust' as const), reference: orNull(text), reason: orNull(text) }),
  }),
);

it('carries every operation unchanged, in order, round and round its ring', () => {
  const memory = createChannelMemory();
  const sender = new ChannelSender(memory);
  const receiver = new ChannelReceiver(memory);
  fc.assert(
    fc.property(fc.array(operation, { minLength: 1, maxLength: 40 }), (operations) => {
      // A lone surrogate has no UTF-8: it arrives as U+FFFD, in every engine.
      const wellFormed = structuredCloneWellFormed(operations);
      const sent = wellFormed.filter((o, tag) => sender.write(tag, o));
      sender.publish();
      const got: Tagged[] = [];
      receiver.take(got, 1_000);
      expect(got.map((g) => g.operation)).toEqual(sent);
      expect(got.map((g) => g.tag)).toEqual(sent.map((_, i) => i));
    }),
    { numRuns: 2_000 },
  );
});

function structuredCloneWellFormed(operations: readonly Operation[]): Operation[] {
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return value.toWellFormed();
    if (value !== null && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, walk(v)]));
    return value;
  };
  return operations.map((o) => walk(o) as Operation);
}

it('says that it is full instead of overwriting what was not read', () => {
  const memory = createChannelMemory();
  const sender = new ChannelSender(memory);
  const receiver = new ChannelReceiver(memory);
  let next = 0;
  let read = 0;
  for (let round = 0; round < 3; round++) {
    while (sender.write(next % 1_000, { op: 'hold', hold: holdOf((BigInt(next) * 4n) as never, 1 as never, BigInt(next)) })) next++;
    expect(next).toBeGreaterThan(1_000);
    sender.publish();
    const got: Tagged[] = [];
    receiver.take(got, 1_000_000);
    for (const { operation: o } of got) expect(o).toMatchObject({ hold: { amount: BigInt(read++) } });
  }
  expect(read).toBe(next);
});

it('brings answers back to their tags, and says which must travel otherwise', () => {
  const memory = createChannelMemory();
  const sender = new ChannelSender(memory);
  const receiver = new ChannelReceiver(memory);
  const balance = { balance: micro(9n), held: micro(4n) };
  const answers: Outcome[] = [
    { kind: 'created', balance },
    { kind: 'insufficientFunds', balance },
    { kind: 'stale' },
    { kind: 'done' },
    { kind: 'voided', balance },
    { kind: 'posted', debited: micro(7n), excess: micro(2n), shortfall: micro(1n), balance },
  ];
  // More rounds than the answers' ring is long.
  for (let round = 0; round < 3_000; round++) {
    for (const [tag, outcome] of answers.entries()) expect(receiver.answer(tag, outcome)).toBe(true);
    receiver.publishAnswers();
    const seen: Outcome[] = [];
    sender.answers((tag, outcome) => (seen[tag] = outcome));
    expect(seen).toEqual(answers);
  }
  for (const outcome of [{ kind: 'exists' }, { kind: 'conflict', field: 'amount' }, { kind: 'unavailable', reason: 'x' }, { kind: 'noHold' }] as Outcome[])
    expect(receiver.answer(1, outcome)).toBe(false);
  expect(receiver.answer(1, { kind: 'created', transferId: 3n as never, balance, before: balance })).toBe(false);
});
