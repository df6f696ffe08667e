import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import fc from 'fast-check';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { migrate } from '../../src/db/migrate.ts';
import { initial } from '../../src/db/migrations/001-initial.ts';
import { openDatabase, type Db } from '../../src/db/open.ts';
import { openGateway } from '../../src/gateway.ts';
import type { BuyerId, InstanceId } from '../../src/ids.ts';
import { createEngine } from '../../src/ledger/engine.ts';
import { createLog } from '../../src/log.ts';
import { micro } from '../../src/money.ts';
import { rebuildUsage } from '../../src/reports/rebuild-usage.ts';
import { readUsage } from '../../src/reports/usage.ts';
import { NO_USAGE, addUsage } from '../../src/reports/usage-sums.ts';
import { sumUsage } from '../../src/sum-usage.ts';
import { testConfig } from '../support/test-config.ts';
import { ended, failures, memoryWorld, some, START } from './summed-requests.ts';
import { anEnded, UsageWorld, type Ended } from './usage-world.ts';

const MINUTE_MS = 60_000;

describe('beside other processes', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ainogap-test-'));
    file = path.join(folder, 'ainogap.db');
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  test('requests that end while it reads are neither lost nor counted twice', () => {
    const writer = openDatabase(file, { mode: 'create' });
    const world = new UsageWorld(writer, START);
    for (const one of some()) world.settle(one);
    const db = openDatabase(file, { mode: 'write' });
    db.exec('UPDATE usage_hours SET requests = 99; DELETE FROM usage_days');
    rebuildUsage(db, () => some().forEach((one) => world.settle(one)));
    expect(failures(db)).toEqual([]);
    for (const one of some()) world.settle(one);
    expect(failures(db)).toEqual([]);
    db.close();
    writer.close();
  });

  /** The same requests in a database as version 1 of the schema made it. */
  function asBefore(source: Db): void {
    source.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    const old = new Database(path.join(folder, 'old.db'));
    migrate(old, [initial]);
    old.pragma('foreign_keys = OFF');
    old.prepare('ATTACH ? AS newer').run(file);
    const tables = old.prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").pluck().all() as string[];
    for (const table of tables) {
      const columns = (old.pragma(`main.table_info(${table})`) as { name: string }[]).map(({ name }) => name).join(', ');
      old.exec(`DELETE FROM main.${table}`);
      old.exec(`INSERT OR REPLACE INTO main.${table}(${columns}) SELECT ${columns} FROM newer.${table}`);
    }
    old.close();
  }

  function upgraded(): { file: string; world: UsageWorld } {
    const source = openDatabase(file, { mode: 'create' });
    const world = new UsageWorld(source, START);
    for (const one of some()) world.settle(one);
    asBefore(source);
    source.close();
    return { file: path.join(folder, 'old.db'), world };
  }

  const until = (at: number) => Math.ceil(at / MINUTE_MS + 1) * MINUTE_MS;
  /** Up to the later of the clock and the ledger's time, as reports up to now: each rebuild after an upgrade moves that one on by a minute. */
  const whole = (db: Db, world: UsageWorld) => {
    const ledgerAt = db.prepare('SELECT at FROM ledger_clock').pluck().get() as number;
    return readUsage(db, { since: 0, until: until(Math.max(world.now, ledgerAt)), by: 'none', timezone: 'UTC' })[0]?.sums;
  };
  /** List costs were not recorded then: the charge stands for them. */
  const expected = (world: UsageWorld) => world.added.map(({ sums }) => ({ ...sums, listCost: sums.charge })).reduce(addUsage, NO_USAGE);

  test('an upgraded database is summed when a server starts, and says so', () => {
    const { file: old, world } = upgraded();
    const reader = openDatabase(old, { mode: 'write' });
    expect(() => whole(reader, world)).toThrow(/not summed yet/);
    expect(failures(reader).join()).toMatch(/^usage sums: usage is not summed yet .* `ainogap verify --rebuild`/);
    const lines: string[] = [];
    const log = createLog({ format: 'json', write: (line) => void lines.push(line) });
    sumUsage(old, log);
    expect(lines.join('')).toMatch(/usage_summing[^]*usage_summed.*"requests":10/);
    expect(whole(reader, world)).toEqual(expected(world));
    expect(failures(reader)).toEqual([]);
    lines.length = 0;
    sumUsage(old, log);
    expect(lines).toEqual([]);
    reader.close();
  });

  test('a gateway sums before it listens', async () => {
    const { file: old, world } = upgraded();
    fs.writeFileSync(path.join(folder, 'credential'), 'sk-test', { mode: 0o600 });
    const gateway = await openGateway(testConfig({ database: old, origin: 'http://127.0.0.1:9' }), { log: createLog({ write: () => undefined }) });
    const reader = openDatabase(old, { mode: 'read' });
    expect(whole(reader, world)).toEqual(expected(world));
    reader.close();
    await gateway.drain();
  });

  test('a server that cannot sum starts all the same, and the operator hears why', () => {
    const { file: old } = upgraded();
    const db = openDatabase(old, { mode: 'write' });
    db.exec("DROP TRIGGER requests_immutable; UPDATE requests SET model = 'other' WHERE status = 'completed'");
    db.close();
    const lines: string[] = [];
    sumUsage(old, createLog({ format: 'json', write: (line) => void lines.push(line) }));
    expect(lines.join('')).toMatch(/alert_usage_not_summed.*asked for a model that pc_\d does not price.*ainogap verify/);
  });

  test('while another server writes, the minute of the upgrade is summed at once, and the ledger goes on in the next', () => {
    const { file: old } = upgraded();
    const db = openDatabase(old, { mode: 'write' });
    const other = openDatabase(old, { mode: 'write' });
    const clock = () => Number(other.prepare('SELECT at FROM ledger_clock').pluck().get());
    const upgrade = clock();
    const engine = createEngine(other, { instance: 2 as InstanceId, now: () => upgrade });
    const deposit = { buyerId: 1 as BuyerId, amount: micro(5n), kind: 'deposit', reference: null, reason: null } as const;
    const { differed } = rebuildUsage(db, () => void engine.apply([{ op: 'deposit', deposit }]));
    expect(differed.minutes).toBeGreaterThan(5);
    expect(failures(db)).toEqual([]);
    expect(clock()).toBe(Math.ceil(upgrade / MINUTE_MS) * MINUTE_MS);
    db.close();
    other.close();
  });

  test('what a second rebuild leaves when it is killed is made whole by the first', () => {
    const db = openDatabase(file, { mode: 'create' });
    const other = openDatabase(file, { mode: 'write' });
    const world = new UsageWorld(db, START);
    for (const one of [...some(), ended(0), ended(5)]) world.settle(one);
    const pending = () => db.prepare('SELECT count(*) FROM usage_pending').pluck().get();
    db.exec('UPDATE usage_state SET complete = 0');
    rebuildUsage(other, () => {
      for (const one of [ended(70_000), ended(5), ended(5)]) world.settle(one);
      expect(pending()).toBeGreaterThan(1);
      const killed = (): never => {
        throw new Error('killed');
      };
      expect(() => rebuildUsage(db, killed)).toThrow('killed');
    });
    expect(failures(db)).toEqual([]);
    world.settle(ended(70_000));
    expect(failures(db)).toEqual([]);
    db.close();
    other.close();
  });

  test('however servers, rebuilds and kills come between each other, a rebuild that ends leaves all sums right', () => {
    type Within = { readonly during: readonly Ended[]; readonly other: 'none' | 'whole' | 'killed'; readonly before: 'right' | 'wrong' | 'upgraded' };
    const soon = fc.tuple(anEnded, fc.constantFrom(0, 5, 20_000, 61_000, 3_700_000)).map(([one, afterMs]): Ended => ({ ...one, afterMs }));
    const within: fc.Arbitrary<Within> = fc.record({
      during: fc.array(soon, { maxLength: 5 }),
      other: fc.constantFrom<Within['other'][]>('none', 'whole', 'killed'),
      before: fc.constantFrom<Within['before'][]>('right', 'wrong', 'upgraded'),
    });
    fc.assert(
      fc.property(fc.array(soon, { minLength: 1, maxLength: 8 }), fc.array(within, { minLength: 1, maxLength: 3 }), (first, rebuilds) => {
        const home = fs.mkdtempSync(path.join(folder, 'run-'));
        const [writer, one, two] = (['create', 'write', 'write'] as const).map((mode) => openDatabase(path.join(home, 'ainogap.db'), { mode })) as [Db, Db, Db];
        const world = new UsageWorld(writer, START);
        for (const ended of first) world.settle(ended);
        for (const { during, other, before } of rebuilds) {
          if (before === 'wrong') one.exec('UPDATE usage_hours SET requests = 99; DELETE FROM usage_sums WHERE start % 2 = 0');
          if (before === 'upgraded') one.exec('UPDATE usage_state SET complete = 0');
          rebuildUsage(one, () => {
            for (const ended of during) world.settle(ended);
            if (other === 'none') return;
            const stop = (): void => {
              for (const ended of during) world.settle(ended);
              if (other === 'killed') throw new Error('killed');
            };
            if (other === 'whole') rebuildUsage(two, stop);
            else expect(() => rebuildUsage(two, stop)).toThrow('killed');
          });
          expect(failures(writer)).toEqual([]);
          world.settle(ended(61_000));
          expect(failures(writer)).toEqual([]);
        }
        expect(whole(writer, world)).toEqual(world.added.map(({ sums }) => sums).reduce(addUsage, NO_USAGE));
        for (const db of [writer, one, two]) db.close();
      }),
      { numRuns: 40 },
    );
  });

  describe('a server of the version before, which sums nothing,', () => {
    /** A request as that version writes it. */
    const settleAsBefore = (db: Db): void => {
      const columns = (db.pragma('table_info(requests)') as { name: string }[]).map(({ name }) => name).filter((name) => !['id', 'list_cost', 'output_tokens_max'].includes(name)).join(', ');
      db.exec(`INSERT INTO requests(id, ${columns}) SELECT max(id) + 4, ${columns} FROM requests WHERE status = 'upstream_error'`);
    };
    const requests: Ended[] = [ended(0), ended(5, { fate: 'failed' }), ended(5)];

    test('makes reports refuse until what it wrote is summed', () => {
      const { db, world } = memoryWorld(requests);
      settleAsBefore(db);
      expect(() => whole(db, world)).toThrow(/not summed yet/);
      rebuildUsage(db);
      expect(whole(db, world)?.requests).toBe(4);
      expect(failures(db).filter((failure) => failure.startsWith('usage'))).toEqual([]);
    });

    test('is to be stopped when it writes during a rebuild', () => {
      const { db, world } = memoryWorld(requests);
      settleAsBefore(db);
      // In the midst of what is replaced, as another process's row would come.
      const row = (db.prepare('SELECT sql FROM sqlite_schema WHERE name = ?').pluck().get('requests_unsummed') as string).match(/UPDATE usage_state.*;(?= END)/)?.[0];
      db.exec(`CREATE TEMP TRIGGER meanwhile AFTER INSERT ON main.usage_hours BEGIN ${row?.replace('usage_state', 'main.usage_state')} END`);
      expect(() => rebuildUsage(db)).toThrow(/^an older ainogap, which does not sum usage, writes to .*: stop it, then sum again$/);
      expect(() => whole(db, world)).toThrow(/not summed yet/);
      db.exec('DROP TRIGGER temp.meanwhile');
      rebuildUsage(db);
      expect(whole(db, world)?.requests).toBe(4);
    });
  });
});
