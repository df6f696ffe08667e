import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireInstanceLock } from '../../src/db/instance-lock.ts';
import { APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION, versionOf, type Migration } from '../../src/db/migrate.ts';
import { openAnySchema, openDatabase, type Db } from '../../src/db/open.ts';
import { pendingMigrations } from '../../src/db/pending-migrations.ts';
import { upgrade, type UpgradeEvent } from '../../src/db/upgrade.ts';
import { startChild } from '../ledger/children.ts';
import { temporaryFolder } from '../ledger/fixtures.ts';
import { createOldDatabase } from './old-database.ts';

let folder: ReturnType<typeof temporaryFolder>;
let file: string;
beforeEach(() => {
  folder = temporaryFolder();
  file = path.join(folder.path, 'a.db');
});
afterEach(() => {
  delete process.env['AINOGAP_UPGRADE_BACKUPS'];
  folder.remove();
});

const names = (): string[] => fs.readdirSync(folder.path).filter((name) => name.includes('.before-schema-'));
const later = (additive: boolean): Migration[] => [...MIGRATIONS, { version: SCHEMA_VERSION + 1, additive, sql: 'CREATE TABLE extra(x)' }];
const events: UpgradeEvent[] = [];
const tell = (event: UpgradeEvent): void => void events.push(event);

/** Opens it and closes it; returns what was told. */
function open(): UpgradeEvent[] {
  events.length = 0;
  openDatabase(file, { mode: 'write', onUpgrade: tell }).close();
  return [...events];
}

function withDb<T>(path_: string, use: (db: Db) => T): T {
  const db = openAnySchema(path_, 'write');
  try {
    return use(db);
  } finally {
    db.close();
  }
}

describe('the backup before an upgrade', () => {
  it('is a whole copy of the older schema, readable by its owner alone, and its path is told', () => {
    createOldDatabase(file, 3);
    const before = process.umask(0);
    const told = open();
    process.umask(before);
    const [name = '', ...others] = names();
    expect(others).toEqual([]);
    expect(name).toMatch(new RegExp(`^a\\.db\\.before-schema-${SCHEMA_VERSION}-\\d{8}T\\d{6}Z$`));
    const backup = path.join(folder.path, name);
    expect(told).toEqual([
      { kind: 'backed_up', file: fs.realpathSync(backup), from: 3, to: SCHEMA_VERSION },
      { kind: 'upgraded', from: 3, to: SCHEMA_VERSION },
    ]);
    expect(fs.statSync(backup).mode & 0o777).toBe(0o600);
    withDb(backup, (db) => {
      expect([versionOf(db), db.pragma('application_id', { simple: true }), db.pragma('integrity_check', { simple: true })]).toEqual([3, APPLICATION_ID, 'ok']);
      expect(db.prepare('SELECT name FROM buyers').pluck().all()).toEqual(['acme']);
    });
    expect(withDb(file, versionOf)).toBe(SCHEMA_VERSION);
  });

  it('is not made for a new database, nor for one that needs no upgrade', () => {
    openDatabase(file, { mode: 'create', onUpgrade: tell }).close();
    expect(open()).toEqual([]);
    fs.rmSync(file);
    // As a creation that was killed between two steps leaves it.
    createOldDatabase(file, 2, 0);
    expect(open()).toEqual([]);
    expect([withDb(file, versionOf), names()]).toEqual([SCHEMA_VERSION, []]);
  });

  it('refuses the upgrade where it cannot be made, and says the ways out', () => {
    createOldDatabase(file, 2);
    process.env['AINOGAP_UPGRADE_BACKUPS'] = path.join(folder.path, 'nowhere');
    expect(open).toThrow(expect.objectContaining({ code: 'not_backed_up', message: expect.stringMatching(/nowhere: the folder is not there.*AINOGAP_UPGRADE_BACKUPS=DIR.*=none/) }));
    expect(withDb(file, versionOf)).toBe(2);
    process.env['AINOGAP_UPGRADE_BACKUPS'] = 'none';
    expect(open()).toEqual([{ kind: 'upgraded', from: 2, to: SCHEMA_VERSION }]);
  });

  it('keeps the newest three and touches no other file', () => {
    const old = ['20240101T000000Z', '20250101T000000Z', '20250101T000000Z-2', '20260101T000000Z'].map((time) => `a.db.before-schema-2-${time}`);
    const others = ['a.db.before-restore-20200101T000000Z', 'b.db.before-schema-2-20200101T000000Z', 'a.db.before-schema-2-mine'];
    for (const name of [...old, ...others]) fs.writeFileSync(path.join(folder.path, name), '');
    fs.writeFileSync(path.join(folder.path, 'a.db.before-schema-4-20260101T000000Z.partial'), 'cut off');
    createOldDatabase(file, 3);
    open();
    const left = fs.readdirSync(folder.path);
    expect(left).toEqual(expect.arrayContaining([...others, old[2], old[3]]));
    expect(names().filter((name) => name.startsWith('a.db.before-schema-') && !name.endsWith('mine'))).toHaveLength(3);
    expect(left.filter((name) => name.endsWith('.partial'))).toEqual([]);
  });

  it('is made once when processes begin at the same time', async () => {
    createOldDatabase(file, 3);
    const children = Array.from({ length: 3 }, () => startChild('create', file));
    expect(await Promise.all(children.map(({ ended }) => ended))).toEqual([0, 0, 0]);
    expect(withDb(file, versionOf)).toBe(SCHEMA_VERSION);
    expect(names()).toHaveLength(1);
    expect(fs.readdirSync(folder.path).filter((name) => name.includes('upgrading'))).toEqual([]);
  });

  it('leaves the old or the new schema, and no half backup under its name, when it is killed', async () => {
    const script = path.join(import.meta.dirname, '../ledger/child.ts');
    createOldDatabase(file, 3, 2_000);
    for (let round = 0; round < 6; round++) {
      const child = spawn(process.execPath, [script, 'create', file], { stdio: 'ignore' });
      const left = new Promise((resolve) => child.once('exit', resolve));
      while (!fs.existsSync(`${file}.upgrading`) && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 1));
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 15));
      child.kill('SIGKILL');
      await left;
      expect([3, SCHEMA_VERSION]).toContain(withDb(file, versionOf));
      for (const name of names().filter((name) => !/partial/.test(name))) expect(withDb(path.join(folder.path, name), (db) => [versionOf(db), db.pragma('quick_check', { simple: true })])).toEqual([3, 'ok']);
    }
    open();
    expect(withDb(file, (db) => [versionOf(db), db.prepare('SELECT count(*) FROM buyers').pluck().get()])).toEqual([SCHEMA_VERSION, 2_000]);
  });
});

describe('beside processes that serve', () => {
  it('refuses a change that would break them, before any backup, and makes it when they are gone', () => {
    createOldDatabase(file, 3);
    const real = fs.realpathSync(file);
    const lock = acquireInstanceLock(real, 'a1');
    try {
      expect(open).toThrow(expect.objectContaining({ code: 'served', message: expect.stringMatching(/has schema 3 and this ainogap needs \d+; a process of an older ainogap serves it.*Stop it first/) }));
      expect(names()).toEqual([]);
    } finally {
      lock.release();
    }
    expect(open()).toHaveLength(2);
  });

  it('makes an additive change at once, with its backup', () => {
    createOldDatabase(file, SCHEMA_VERSION);
    const lock = acquireInstanceLock(fs.realpathSync(file), 'a1');
    events.length = 0;
    withDb(file, (db) => {
      expect(pendingMigrations(db, later(true))).toEqual({ from: SCHEMA_VERSION, to: SCHEMA_VERSION + 1, additive: true });
      expect(() => upgrade(db, { migrations: later(false), tell })).toThrow(/serves it/);
      upgrade(db, { migrations: later(true), tell });
      expect(versionOf(db)).toBe(SCHEMA_VERSION + 1);
    });
    lock.release();
    expect(events.map(({ kind }) => kind)).toEqual(['backed_up', 'upgraded']);
  });

  it('does not begin to serve on a database that was changed since it was opened', async () => {
    openDatabase(file, { mode: 'create' }).close();
    const { registerInstance } = await import('../../src/ledger/instances.ts');
    const db = openDatabase(file, { mode: 'write' });
    withDb(file, (other) => void other.pragma(`user_version = ${SCHEMA_VERSION + 1}`));
    expect(() => registerInstance(db, 'a1', 0)).toThrow(/was given schema/);
    db.close();
  });
});

it('says to a program that is too old which backup lies beside the database', () => {
  createOldDatabase(file, SCHEMA_VERSION);
  const at = (time: string, before: number): string => path.join(fs.realpathSync(folder.path), `a.db.before-schema-${before}-${time}`);
  const right = at('20260101T000000Z', SCHEMA_VERSION + 1);
  fs.copyFileSync(file, right);
  fs.writeFileSync(at('20260301T000000Z', SCHEMA_VERSION + 2), 'no database');
  withDb(file, (db) => void db.pragma(`user_version = ${SCHEMA_VERSION + 2}`));
  for (const mode of ['read', 'write', 'create'] as const)
    expect(() => openDatabase(file, { mode })).toThrow(expect.objectContaining({ code: 'newer_schema', next: expect.stringContaining(`ainogap restore ${right}`) }));
});
