import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Db } from '../../src/db/open.ts';
import { rebuildUsage } from '../../src/reports/rebuild-usage.ts';
import { readUsage } from '../../src/reports/usage.ts';
import { NO_USAGE, addUsage } from '../../src/reports/usage-sums.ts';
import { ended, failures, memoryWorld, some, START } from './summed-requests.ts';
import { anEnded } from './usage-world.ts';

const MINUTE_MS = 60_000;
const TABLES = ['usage_minutes_merged', 'usage_hours', 'usage_days', 'usage_sums'];
/** The view unites what is merged and what is only appended so far. */
const contents = (db: Db): unknown =>
  ['SELECT minute, key_id, route_id, model, sum(requests), sum(input_charge), sum(cache_saved), sum(list_cost), min(first_request) FROM usage_minutes GROUP BY 1, 2, 3, 4', ...TABLES.slice(1).map((table) => `SELECT * FROM ${table}`)].map((sql) =>
    db.prepare(sql).raw().safeIntegers().all(),
  );

describe('sums that were damaged', () => {
  const DAMAGES = TABLES.flatMap((table) => [
    `UPDATE ${table} SET cache_read_tokens = cache_read_tokens + 1 WHERE rowid_of`,
    `UPDATE ${table} SET list_cost = list_cost - 1 WHERE rowid_of`,
    `UPDATE ${table} SET first_request = first_request + 4 WHERE rowid_of`,
    `DELETE FROM ${table} WHERE rowid_of`,
  ]);
  const KEYS: Record<string, string> = { usage_minutes_merged: 'minute, key_id, route_id, model', usage_hours: 'hour, key_id, route_id, model', usage_days: 'buyer_id, day, key_id, route_id, model', usage_sums: 'span, dimension, member, start' };
  /** The statement for the n-th row, or n-th from the end where n is negative. */
  const damage = (db: Db, sql: string, n: number): boolean => {
    const table = TABLES.find((name) => sql.includes(`${name} `))!;
    const keys = KEYS[table]!;
    const row = db.prepare(`SELECT ${keys} FROM ${table} LIMIT 1 OFFSET ?`).raw().safeIntegers().get(n % Number(db.prepare(`SELECT max(1, count(*)) FROM ${table}`).pluck().get())) as unknown[] | undefined;
    if (row === undefined) return false;
    return db.prepare(sql.replace('rowid_of', `(${keys}) = (${keys.replace(/\w+/g, '?')})`)).run(...row).changes > 0;
  };

  test.each(DAMAGES)('are found, and mended: %s', (sql) => {
    const { db } = memoryWorld(some());
    expect(failures(db)).toEqual([]);
    const before = contents(db);
    expect(damage(db, sql, 3)).toBe(true);
    expect(failures(db).join()).toMatch(/usage sums: usage_\w+.* `ainogap verify --rebuild` sums anew|usage sums: usage_minutes is not what/);
    const { differed, requests } = rebuildUsage(db);
    expect(requests).toBe(10);
    expect(differed.minutes + differed.hours + differed.days + differed.sums).toBeGreaterThan(0);
    expect(failures(db)).toEqual([]);
    expect(contents(db)).toEqual(before);
    expect(rebuildUsage(db).differed).toEqual({ minutes: 0, hours: 0, days: 0, sums: 0 });
  });

  test('are mended wherever the damage is, and whatever comes after adds to them rightly', () => {
    const damages = fc.array(fc.tuple(fc.constantFrom(...DAMAGES), fc.nat(200)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(anEnded, { minLength: 1, maxLength: 30 }), damages, fc.array(anEnded, { maxLength: 5 }), (first, wrong, then) => {
        const { db, world } = memoryWorld(first);
        for (const [sql, n] of wrong) damage(db, sql, n);
        rebuildUsage(db);
        expect(failures(db)).toEqual([]);
        for (const one of then) world.settle(one);
        expect(failures(db)).toEqual([]);
        const [all] = readUsage(db, { since: 0, until: Math.ceil(world.now / MINUTE_MS + 1) * MINUTE_MS, by: 'none', timezone: 'UTC' });
        expect(all?.sums).toEqual(world.added.map(({ sums }) => sums).reduce(addUsage, NO_USAGE));
        db.close();
      }),
      { numRuns: 40 },
    );
  });

  test.each([
    ['merged', 'UPDATE usage_minutes_merged SET input_tokens = input_tokens + 1 WHERE minute = (SELECT max(minute) FROM usage_minutes)'],
    ['merged, and gone', 'DELETE FROM usage_minutes_merged WHERE minute = (SELECT max(minute) FROM usage_minutes)'],
    ['appended', 'DELETE FROM usage_pending'],
  ])('are found, and mended, in the minute that still runs: what is %s', (_, sql) => {
    const { db, world } = memoryWorld([...some(), ended(0), ended(10), ended(10, { model: 1 })]);
    const before = contents(db);
    expect(db.prepare('SELECT count(*) FROM usage_pending').pluck().get()).toBeGreaterThan(0);
    db.exec(sql);
    expect(failures(db).join()).toMatch(/usage sums: usage_minutes is not what the request rows give in minute \d+, key_id 1, route_id 2, model claude/);
    rebuildUsage(db);
    expect(contents(db)).toEqual(before);
    expect(failures(db)).toEqual([]);
    for (const one of [ended(10), ended(400), ended(70_000), ended(90_000_000)]) world.settle(one);
    expect(failures(db)).toEqual([]);
  });

  test('a row that belongs to no request is found and goes', () => {
    const { db } = memoryWorld(some());
    for (const table of TABLES) {
      const before = contents(db);
      const columns = (db.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name);
      const shifted = columns.map((name) => (['minute', 'hour', 'day', 'start'].includes(name) ? `${name} - 3` : name)).join(', ');
      db.exec(`INSERT OR IGNORE INTO ${table} SELECT ${shifted} FROM ${table} LIMIT 1`);
      expect(failures(db).join()).toContain('usage sums');
      rebuildUsage(db);
      expect(contents(db)).toEqual(before);
    }
  });

  const sumRows = (db: Db, span: number, dimension: number): number[] =>
    db.prepare('SELECT start FROM usage_sums WHERE span = ? AND dimension = ? ORDER BY start').pluck().all(span, dimension) as number[];

  test.each([15, 60, 1440].flatMap((span) => [0, 1].flatMap((dimension) => [0, -1].map((place) => [span, dimension, place] as const))))(
    'are found and mended in the sums of %i minutes, by dimension %i, also in the bucket that still runs (row %i)',
    (span, dimension, place) => {
      const { db } = memoryWorld([...some(), ended(61_000)]);
      const before = contents(db);
      const start = sumRows(db, span, dimension).at(place);
      db.exec(`UPDATE usage_sums SET requests = requests + 7 WHERE span = ${span} AND dimension = ${dimension} AND start = ${start}`);
      expect(failures(db).join()).toMatch(new RegExp(`usage_sums, span ${span}, dimension ${dimension}, member \\d, start ${start}: requests is \\d+ and should be \\d+; `));
      expect(rebuildUsage(db).differed).toMatchObject({ minutes: 0, hours: 0, days: 0 });
      expect(contents(db)).toEqual(before);
    },
  );

  test('are mended also where more rows of one buyer are wrong than are replaced at a time', () => {
    const { db } = memoryWorld(Array.from({ length: 4_100 }, () => ended(15 * MINUTE_MS, { fate: 'refused' })));
    const before = contents(db);
    const quarters = sumRows(db, 15, 1).length;
    expect(quarters).toBeGreaterThan(4_050);
    db.exec('UPDATE usage_sums SET refused = 0 WHERE span = 15 AND dimension = 1; DELETE FROM usage_sums WHERE span = 15 AND dimension = 0');
    expect(rebuildUsage(db).differed).toEqual({ minutes: 0, hours: 0, days: 0, sums: 2 * quarters });
    expect(contents(db)).toEqual(before);
  });

  test('a request that no card prices is named, and the sums stay as they are', () => {
    const { db } = memoryWorld(some());
    const before = contents(db);
    db.exec('DROP TRIGGER requests_immutable; UPDATE requests SET charge = charge + 1 WHERE id = (SELECT min(id) FROM requests)');
    expect(() => rebuildUsage(db)).toThrow(/^req_\w{13} is charged \d+ micro-USDC, which is more than its counts cost$/);
    expect(contents(db)).toEqual(before);
    expect(db.prepare('SELECT complete FROM usage_state').pluck().get()).toBe(1);
  });
});

test('each buyer’s day agrees with the ledger, also where the request rows are gone', () => {
  const { db } = memoryWorld(some());
  const second = Math.floor(START / 86_400_000) + 1;
  db.exec(`UPDATE usage_state SET pruned_before = ${second}; DELETE FROM requests WHERE settled_at < ${second * 86_400_000}`);
  const usageFailures = () => failures(db).filter((failure) => failure.startsWith('usage'));
  expect(usageFailures()).toEqual([]);
  expect(rebuildUsage(db).differed).toEqual({ minutes: 0, hours: 0, days: 0, sums: 0 });
  const first = (second - 1) * 1440;
  for (const [table, time, span] of [['usage_minutes_merged', 'minute', 1], ['usage_hours', 'hour', 60], ['usage_days', 'day', 1440]] as const)
    db.exec(`UPDATE ${table} SET input_charge = input_charge + 9 WHERE ${time} = (SELECT min(${time}) FROM ${table}) AND ${time} >= ${first / span}`);
  db.exec(`UPDATE usage_sums SET input_charge = input_charge + 9 WHERE span = 1440 AND start = ${second - 1} AND dimension = 1`);
  expect(usageFailures().join()).toMatch(/usage and ledger: buyer_1 on 2026-10-23 \(UTC\): summed charges less shortfall \d+, the ledger took \d+ \(micro-USDC\)/);
});
