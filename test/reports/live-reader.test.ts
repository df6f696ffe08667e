import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLiveReader, type LiveReader } from '../../src/reports/live/live-reader.ts';
import { SERIES_CELLS, type LiveSnapshot } from '../../src/reports/live/snapshot.ts';
import { unreadWrites } from '../../src/reports/unread-writes.ts';
import { nextDay, startOfDay } from '../../src/reports/zone.ts';
import { NO_TOKENS, TOKEN_CLASSES } from '../../src/tokens.ts';
import { MODELS, openScene, type EndedRequest, type Scene } from './live-scene.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 10, 23, 12);

let scene: Scene;
beforeEach(async () => {
  scene = await openScene(START);
});
afterEach(() => scene.close());

const snapshot = (timezone = 'UTC'): LiveSnapshot => scene.reader(timezone).read();
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const chargeOf = (request: EndedRequest): number => sum(Object.values(request.charges));

/** What the requests say, one by one. */
function bruteForce(timezone: string) {
  const minute = Math.floor(scene.now / MINUTE);
  const today = scene.ended.filter(({ at }) => at >= startOfDay(scene.now, timezone));
  const hour = scene.ended.filter(({ at }) => Math.floor(at / MINUTE) > minute - 60);
  const usage = (requests: readonly EndedRequest[]) => ({
    requests: requests.length,
    errors: requests.filter(({ status }) => status === 'upstream_error').length,
    refused: requests.filter(({ status }) => status === 'refused').length,
    charge: BigInt(sum(requests.map(chargeOf))),
    cacheSaved: BigInt(sum(requests.map(({ cacheSaved }) => cacheSaved))),
    tokens: Object.fromEntries(TOKEN_CLASSES.map((tokenClass) => [tokenClass, sum(requests.map(({ tokens }) => tokens[tokenClass]))])),
  });
  return {
    today: usage(today),
    buyers: [1, 2, 3].map((buyer) => ({
      today: usage(today.filter((request) => request.buyer === buyer)),
      burnPerHour: BigInt(sum(hour.filter((request) => request.buyer === buyer).map(chargeOf))),
      chargeSeries: Array.from({ length: 60 }, (_, cell) =>
        BigInt(sum(hour.filter(({ buyer: of, at }) => of === buyer && Math.floor(at / MINUTE) === minute - 59 + cell).map(chargeOf))),
      ),
    })),
    keys: [1, 2, 3, 4].map((key) => {
      const last = scene.ended.filter((request) => request.key === key).at(-1);
      const lastMinute = last === undefined ? -Infinity : Math.floor(last.at / MINUTE);
      return {
        today: usage(today.filter((request) => request.key === key)),
        burnPerHour: BigInt(sum(hour.filter((request) => request.key === key).map(chargeOf))),
        lastUsedAt: lastMinute >= minute - 1440 ? lastMinute * MINUTE : null,
      };
    }),
    routes: ['fast', 'slow'].flatMap((alias, i) => {
      const of = (requests: readonly EndedRequest[], model: string) => requests.filter((request) => request.route === i + 1 && request.model === model);
      const models = [...new Set([...today, ...hour].filter(({ route }) => route === i + 1).map(({ model }) => model))].sort();
      return (models.length === 0 ? [''] : models).map((model) => ({
        alias,
        model: model === '' ? null : model,
        today: usage(of(today, model)),
        lastHour: usage(of(hour, model)),
      }));
    }),
  };
}

const step = fc.record({
  wait: fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: 3 * MINUTE }), fc.integer({ min: 0, max: 2 * HOUR }), fc.integer({ min: 0, max: 30 * HOUR })),
  count: fc.integer({ min: 0, max: 3 }),
  key: fc.integer({ min: 1, max: 4 }),
  route: fc.integer({ min: 1, max: 2 }),
  model: fc.constantFrom(...MODELS),
  kind: fc.constantFrom('completed', 'completed', 'refused', 'upstream_error'),
  tokens: fc.record({ input: fc.nat(5_000), output: fc.nat(5_000), cacheWrite5m: fc.nat(5_000), cacheWrite1h: fc.nat(500), cacheRead: fc.nat(9_000) }),
  read: fc.boolean(),
});

describe('on random requests', () => {
  it.each(['UTC', 'Asia/Kolkata', 'America/New_York'])('a reader that goes on for days, and a new one, agree with the requests one by one (%s)', async (timezone) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        scene.close();
        scene = await openScene(START);
        const lasting = scene.reader(timezone);
        for (const { wait, count, key, route, model, kind, tokens, read } of steps) {
          scene.now += wait;
          for (let i = 0; i < count; i++) {
            if (kind === 'refused') scene.refuse(i === 0 ? { key, route } : { key });
            else if (kind === 'completed') scene.end({ key, route, model, tokens, charges: tokens, cacheSaved: tokens.cacheRead - tokens.cacheWrite5m });
            else scene.end({ key, route, model, record: { status: kind, httpStatus: 529, usageSource: 'none' } });
          }
          if (!read) continue;
          expectRight(lasting, timezone);
        }
      }),
      { numRuns: 12 },
    );
  });

  it.each(['UTC', 'Asia/Kolkata', 'America/New_York'])('so they do from one quarter of an hour to the next, over midnight (%s)', (timezone) => {
    scene.now = nextDay(START, timezone) - 110 * MINUTE;
    const lasting = scene.reader(timezone);
    for (let i = 0; i < 20; i++) {
      scene.now += 14 * MINUTE + 7_000;
      scene.end({ key: 1 + (i % 4), route: 1 + (i % 2), charges: { input: 1 + i, cacheWrite5m: 100 + i }, tokens: { input: 10 * i, cacheWrite5m: 1_000 + i, cacheRead: i % 3 } });
      expectRight(lasting, timezone);
    }
    scene.now += 3 * HOUR;
    scene.end({ key: 1 });
    expectRight(lasting, timezone);
    scene.now += 26 * HOUR;
    expectRight(lasting, timezone);
  });
});

/** A reader that has read before, and one that reads for the first time. */
function expectRight(lasting: LiveReader, timezone: string): void {
  const expected = bruteForce(timezone);
  const { tokens, charge } = unreadWrites(scene.reading, { since: startOfDay(scene.now, timezone), until: scene.now, now: scene.now - 2_000 });
  for (const found of [lasting.read(), scene.reader(timezone).read()]) {
    expect(found.overview.today).toMatchObject(expected.today);
    expect(found.buyers).toMatchObject(expected.buyers);
    expect(found.keys).toMatchObject(expected.keys);
    expect(found.routes).toMatchObject(expected.routes);
    expect(found.overview.unreadWrites).toEqual({ tokens, charge });
  }
}

describe('rates', () => {
  it('of the first read come from the minute buckets: the minute before counts by its share in the last 60 seconds', () => {
    scene.now = START + 10_000;
    scene.end({ tokens: { input: 600 }, charges: { input: 6_000 } });
    scene.now = START + MINUTE + 15_000;
    scene.end({ tokens: { input: 150 }, charges: { input: 1_500 } });
    const { overview } = snapshot();
    // 45 of the 60 seconds of the minute before.
    expect(overview.lastMinute).toMatchObject({ requests: 2, tokens: { ...NO_TOKENS, input: 450 + 150 }, charge: 4_500n + 1_500n });
    expect(overview.tokensPerSecond.input).toBe(10);
    expect(overview.chargePerMinute.input).toBe(6_000n);
    expect(overview.tokenSeries.input).toHaveLength(SERIES_CELLS);
    // 75 seconds are fifteen cells: 600 tokens in twelve of them, 150 in the three after.
    expect(overview.tokenSeries.input.slice(-16)).toEqual([0, ...Array.from({ length: 15 }, () => 10)]);
    expect(sum(overview.tokenSeries.output)).toBe(0);
  });

  it('become exact between reads: tokens stand in the five seconds in which they came', () => {
    const reader = scene.reader();
    const step5s = (input: number): LiveSnapshot => {
      scene.now += 5_000;
      if (input > 0) scene.end({ tokens: { input }, charges: { input } });
      return reader.read();
    };
    reader.read();
    for (const input of [50, 0, 500, 0, 0]) step5s(input);
    const { overview } = step5s(100);
    expect(overview.tokenSeries.input.slice(-7)).toEqual([0, 10, 0, 100, 0, 0, 20]);
    expect(overview.lastMinute).toMatchObject({ requests: 3, tokens: { input: 650 } });
    scene.now += 40_000;
    // Now the first lies back more than a minute, the others do not.
    expect(reader.read().overview.lastMinute).toMatchObject({ requests: 2, tokens: { input: 600 } });
    scene.now += 5 * MINUTE;
    const idle = reader.read().overview;
    expect(idle.lastMinute.requests).toBe(0);
    expect(sum(idle.tokenSeries.input)).toBe(0);
  });
});

describe('buyers', () => {
  it('have what the ledger says, and empty by what is available at the burn of the last hour', () => {
    scene.end({ charges: { output: 60_000_000 } });
    scene.open({ hold: 40_000_000n });
    const [acme, globex] = snapshot().buyers;
    expect(acme).toMatchObject({ name: 'acme', disabled: false, balance: 940_000_000n, held: 40_000_000n, available: 900_000_000n, keys: 2 });
    expect(acme).toMatchObject({ burnPerHour: 60_000_000n, emptyInMinutes: 900 });
    expect(globex).toMatchObject({ balance: 1_000_000_000n, burnPerHour: 0n, emptyInMinutes: null, keys: 1 });
  });

  it('changes of the registry show at the next read', async () => {
    const reader = scene.reader();
    reader.read();
    for (const line of ['buyer disable globex --yes', 'buyer create wonka', 'key revoke key_4 --yes', 'route delete slow --yes']) await scene.cli.run(line.split(' '), { now: scene.now });
    const { buyers, keys, routes } = reader.read();
    expect(buyers.map(({ name, disabled, keys: live }) => [name, disabled, live])).toEqual([
      ['acme', false, 1],
      ['globex', true, 1],
      ['initech', false, 1],
      ['wonka', false, 0],
    ]);
    expect(keys.map(({ keyId }) => keyId)).toEqual([1, 2, 3]);
    expect(routes.map(({ alias }) => alias)).toEqual(['fast']);
  });
});

describe('what is kept', () => {
  it('does not grow over days', () => {
    const reader = scene.reader();
    const hour = (): void => {
      for (let i = 0; i < 120; i++) {
        scene.now += 30_000;
        scene.end({ key: 1 + (i % 4), route: 1 + (i % 2), model: MODELS[i % 3 === 0 ? 0 : 1] as string, tokens: { cacheWrite1h: 5, input: 1 }, charges: { input: 5 } });
        reader.read();
      }
    };
    for (let i = 0; i < 2; i++) hour();
    const { size } = reader;
    for (let i = 0; i < 6; i++) hour();
    expect(reader.size).toBeLessThanOrEqual(size * 1.1);
    scene.now += 3 * DAY;
    reader.read();
    hour();
    expect(reader.size).toBeLessThanOrEqual(size * 1.1);
  });

  it('the living processes are counted every three seconds at most', () => {
    let asked = 0;
    const reader = createLiveReader(scene.reading, { timezone: 'UTC', now: () => scene.now, alive: () => ++asked });
    for (let i = 0; i < 10; i++) {
      scene.now += 500;
      reader.read();
    }
    expect(asked).toBe(2);
    scene.now += 3_000;
    expect(reader.read().serving).toBe(3);
  });
});

it('a ledger whose clock is ahead of the own one is followed', () => {
  scene.now = START + 10 * MINUTE;
  scene.end({ charges: { output: 500 } });
  scene.now = START;
  const { overview, buyers } = snapshot();
  expect(overview.today.charge).toBe(500n);
  expect(buyers[0]?.burnPerHour).toBe(500n);
});

it('beside such a ledger what runs is as old as the own clock says', () => {
  scene.now = START + 10 * MINUTE;
  scene.end({ charges: { output: 500 } });
  scene.now = START;
  scene.open();
  scene.now += 2_000;
  expect(snapshot().requests.open).toMatchObject([{ ageMs: 2_000 }]);
});

it('a database that is not summed yet after an upgrade is refused in words, and read once it is', () => {
  const reader = scene.reader();
  scene.end({ charges: { output: 500 } });
  scene.db.exec('UPDATE usage_state SET complete = 0');
  expect(() => reader.read()).toThrow(/verify --rebuild/);
  scene.db.exec('UPDATE usage_state SET complete = 1');
  expect(reader.read().overview.today.charge).toBe(500n);
});
