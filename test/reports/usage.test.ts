import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openMemoryDatabase } from '../../src/db/open.ts';
import type { BuyerId } from '../../src/ids.ts';
import { firstRequestSettledSince, readUsage, USAGE_DIMENSIONS, type UsageQuery, type UsageRow } from '../../src/reports/usage.ts';
import { addUsage, type UsageSums } from '../../src/reports/usage-sums.ts';
import { UsageNotSummedError } from '../../src/reports/usage-state.ts';
import { anEnded, UsageWorld, type Added } from './usage-world.ts';

const MINUTE_MS = 60_000;
/** Before the clocks change in Europe and America, so that some tests cross it. */
const START = Date.UTC(2026, 9, 23, 21, 17, 5);
const ZONES = ['UTC', 'Europe/Helsinki', 'America/New_York', 'Asia/Kolkata', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/Havana', 'Pacific/Apia'];
const BYS = ['none', 'hour', 'day', ...USAGE_DIMENSIONS] as const;

/** What a clock there shows, without our own reckoning of zones. */
function shown(by: 'hour' | 'day', at: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', hourCycle: 'h23' }).formatToParts(at);
  const part = (type: string) => parts.find((one) => one.type === type)!.value;
  const day = `${part('year')}-${part('month')}-${part('day')}`;
  return by === 'day' ? day : `${day} ${part('hour')}`;
}

function nameOf(query: UsageQuery, row: Omit<Added, 'sums' | 'requestId'>): string {
  const { by, timezone } = query;
  if (by === 'none') return 'all';
  if (by === 'hour' || by === 'day') return shown(by, row.at, timezone);
  const names = { buyer: [row.buyerId], key: [row.buyerId, row.keyId], route: [row.routeId], model: [row.model] };
  return names[by].join(' ');
}

type Sums = Record<string, UsageSums>;
const into = (sums: Sums, name: string, more: UsageSums): void => void (sums[name] = sums[name] === undefined ? more : addUsage(sums[name], more));

function bruteForce(added: readonly Added[], query: UsageQuery): Sums {
  const sums: Sums = {};
  for (const row of added) {
    if (row.at < query.since || row.at >= query.until || (query.buyerId !== undefined && row.buyerId !== query.buyerId)) continue;
    into(sums, nameOf(query, row), row.sums);
  }
  return sums;
}

function byName(rows: readonly UsageRow[], query: UsageQuery): Sums {
  const sums: Sums = {};
  for (const row of rows) into(sums, nameOf(query, { at: row.start ?? 0, buyerId: row.buyerId ?? 0, keyId: row.keyId ?? 0, routeId: row.routeId ?? null, model: row.model ?? '' }), row.sums);
  return sums;
}

interface Asked {
  readonly zones: readonly string[];
  readonly bys: readonly UsageQuery['by'][];
}

const aQuery = (from: number, to: number, { zones, bys }: Asked = { zones: ZONES, bys: BYS }): fc.Arbitrary<UsageQuery> => {
  const minute = fc.integer({ min: Math.floor(from / MINUTE_MS) - 100, max: Math.ceil(to / MINUTE_MS) + 100 });
  const edge = fc.oneof(minute, ...[15, 60, 1440].map((span) => minute.map((m) => Math.floor(m / span) * span)));
  return fc.record({
    since: edge.map((m) => m * MINUTE_MS),
    until: fc.oneof(edge.map((m) => m * MINUTE_MS), fc.constant((Math.ceil(to / MINUTE_MS) + 3 * 1440) * MINUTE_MS)),
    by: fc.constantFrom(...bys),
    timezone: fc.constantFrom(...zones),
    buyerId: fc.constantFrom(undefined, undefined, 1, 2),
  }) as fc.Arbitrary<UsageQuery>;
};

describe('usage by anyone at any time', () => {
  test('is what a plain sum over the requests gives, for any range, zone and buyer', () => {
    const aCase = fc.array(anEnded, { minLength: 1, maxLength: 40 }).chain((ended) => {
      const end = ended.reduce((at, { afterMs }) => at + afterMs, START);
      return fc.tuple(fc.constant(ended), fc.array(aQuery(START, end), { minLength: 1, maxLength: 12 }));
    });
    fc.assert(
      fc.property(aCase, ([ended, queries]) => {
        const db = openMemoryDatabase();
        const world = new UsageWorld(db, START);
        for (const one of ended) world.settle(one);
        for (const query of queries) expect(byName(readUsage(db, query), query)).toEqual(bruteForce(world.added, query));
        for (const { since } of queries) {
          const ids = world.added.filter(({ at }) => at >= since).map(({ requestId }) => requestId);
          expect(firstRequestSettledSince(db, since)).toBe(ids.reduce<bigint | null>((least, id) => (least === null || id < least ? id : least), null));
        }
        db.close();
      }),
      { numRuns: 60 },
    );
  });

  test('is that by the hour over long ranges where hours begin at a half or a quarter of UTC’s, the hour that runs included', () => {
    const soon = anEnded.chain((one) => fc.nat(9 * 3_600_000).map((afterMs) => ({ ...one, afterMs })));
    const asked: Asked = { zones: ['Asia/Kolkata', 'Asia/Kathmandu', 'Australia/Eucla'], bys: ['hour', 'hour', 'day', 'none', 'buyer'] };
    const aCase = fc.array(soon, { minLength: 10, maxLength: 50 }).chain((ended) => {
      const end = ended.reduce((at, { afterMs }) => at + afterMs, START);
      return fc.tuple(fc.constant(ended), fc.array(aQuery(START, end, asked), { minLength: 6, maxLength: 12 }));
    });
    fc.assert(
      fc.property(aCase, ([ended, queries]) => {
        const db = openMemoryDatabase();
        const world = new UsageWorld(db, START);
        for (const one of ended) world.settle(one);
        const all = asked.zones.map((timezone) => ({ since: START - 86_400_000 - (START % MINUTE_MS), until: START + 99 * 86_400_000 - (START % MINUTE_MS), by: 'hour', timezone }) as const);
        for (const query of [...all, ...queries]) expect(byName(readUsage(db, query), query)).toEqual(bruteForce(world.added, query));
        db.close();
      }),
      { numRuns: 25 },
    );
  });

  const withRequests = (at: readonly number[]) => {
    const db = openMemoryDatabase();
    const world = new UsageWorld(db, at[0]!);
    const tokens = { input: 1000, output: 10, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0 };
    for (const ms of at) world.settle({ afterMs: ms - world.now, key: 0, route: 0, model: 0, fate: 'completed', tokens, searches: 0 });
    return db;
  };

  test('a day does not hold its neighbours’ requests, and ends where the next begins', () => {
    const midnight = Date.UTC(2026, 10, 21, 22);
    const db = withRequests([midnight - 1, midnight, midnight + 86_400_000 - 1, midnight + 86_400_000]);
    const query = { since: midnight - 5 * 86_400_000, until: midnight + 5 * 86_400_000, by: 'day', timezone: 'Europe/Helsinki' } as const;
    expect(readUsage(db, query).map(({ start, end, sums }) => [start! - midnight, end! - midnight, sums.requests])).toEqual([
      [-86_400_000, 0, 1],
      [0, 86_400_000, 2],
      [86_400_000, 2 * 86_400_000, 1],
    ]);
  });

  test('an hour that the clock shows twice is two hours', () => {
    const first = Date.UTC(2026, 9, 25, 0); // 03:00 summer time in Helsinki; 01:00 UTC is 03:00 again
    const db = withRequests([first, first + 3_600_000]);
    const query = { since: first - 3_600_000, until: first + 7_200_000, by: 'hour', timezone: 'Europe/Helsinki' } as const;
    expect(readUsage(db, query).map(({ start, sums }) => [start, sums.requests])).toEqual([
      [first, 1],
      [first + 3_600_000, 1],
    ]);
  });

  test('times within a minute are refused, an empty range is empty', () => {
    const db = withRequests([START]);
    const query = { by: 'none', timezone: 'UTC' } as const;
    expect(() => readUsage(db, { ...query, since: 1, until: MINUTE_MS })).toThrow(/whole minutes: 1 to 60000/);
    expect(readUsage(db, { ...query, since: 20 * MINUTE_MS, until: 10 * MINUTE_MS })).toEqual([]);
  });

  test('before an upgraded database is summed it says what to do, and shows no half', () => {
    const db = withRequests([START]);
    db.exec('UPDATE usage_state SET complete = 0');
    const query = { since: 0, until: START, by: 'none', timezone: 'UTC', buyerId: 1 as BuyerId } as const;
    expect(() => readUsage(db, { ...query, until: 60 * MINUTE_MS })).toThrow(UsageNotSummedError);
    expect(() => firstRequestSettledSince(db, 0)).toThrow(/ainogap verify --rebuild/);
  });
});
