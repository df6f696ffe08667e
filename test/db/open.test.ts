import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SCHEMA_VERSION } from '../../src/db/migrate.ts';
import { openDatabase, type DatabaseErrorCode, type OpenMode } from '../../src/db/open.ts';
import { startChild } from '../ledger/children.ts';
import { temporaryFolder } from '../ledger/fixtures.ts';

let folder: ReturnType<typeof temporaryFolder>;
let file: string;
beforeEach(() => {
  folder = temporaryFolder();
  file = path.join(folder.path, 'a.db');
});
afterEach(() => folder.remove());

const create = (): void => void openDatabase(file, { mode: 'create' }).close();
const pragma = (mode: OpenMode, name: string): unknown => {
  const db = openDatabase(file, { mode });
  try {
    return db.pragma(name, { simple: true });
  } finally {
    db.close();
  }
};
/** Changes a file behind the library's back: `openDatabase` would refuse it. */
function alter(sql: string): void {
  const db = openDatabase(file, { mode: 'write' });
  db.exec(sql);
  db.close();
}
function expectRefusal(mode: OpenMode, code: DatabaseErrorCode, message: RegExp): void {
  expect(() => openDatabase(file, { mode })).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
}

describe('openDatabase', () => {
  it('commits with a full sync and a write-ahead log on every connection that writes', () => {
    for (const mode of ['create', 'write'] as const) {
      create();
      expect(pragma(mode, 'synchronous')).toBe(2);
      expect(pragma(mode, 'journal_mode')).toBe('wal');
      expect(pragma(mode, 'foreign_keys')).toBe(1);
    }
  });

  it('makes files that only their owner can read, whatever the umask is', () => {
    const before = process.umask(0);
    try {
      const db = openDatabase(file, { mode: 'create' });
      const modes = fs.readdirSync(folder.path).map((name) => [name, fs.statSync(path.join(folder.path, name)).mode & 0o777]);
      expect(modes).toEqual([
        ['a.db', 0o600],
        ['a.db-shm', 0o600],
        ['a.db-wal', 0o600],
      ]);
      db.close();
    } finally {
      process.umask(before);
    }
  });

  it('writes nothing through a connection that only reads', () => {
    create();
    const db = openDatabase(file, { mode: 'read' });
    expect(() => db.exec("INSERT INTO buyers(name, created_at) VALUES ('x', 0)")).toThrow(/readonly/);
    db.close();
  });

  it('makes a database only when it is told to', () => {
    expectRefusal('write', 'missing', /there is no database at .*a\.db; `ainogap init`/);
    expectRefusal('read', 'missing', /there is no database/);
    expect(fs.readdirSync(folder.path)).toEqual([]);
  });

  it('says that the folder is missing', () => {
    file = path.join(folder.path, 'nowhere', 'a.db');
    expectRefusal('create', 'no_directory', /its folder does not exist/);
  });

  it('goes on where a creation was cut off before its first transaction', () => {
    fs.writeFileSync(file, '');
    expectRefusal('write', 'missing', /is empty/);
    create();
    expect(pragma('write', 'user_version')).toBe(SCHEMA_VERSION);
  });

  it('leaves a database of another program alone', () => {
    create();
    alter('PRAGMA application_id = 7');
    for (const mode of ['create', 'write', 'read'] as const) expectRefusal(mode, 'not_ours', /another program/);
  });

  it('leaves a file that is no database alone', () => {
    fs.writeFileSync(file, 'listen: 127.0.0.1:8787\n'.repeat(200));
    for (const mode of ['create', 'write', 'read'] as const) expectRefusal(mode, 'not_a_database', /not a SQLite database/);
    expect(fs.readFileSync(file, 'utf8')).toMatch(/^listen/);
  });

  it('refuses a newer schema and names both versions', () => {
    create();
    alter(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
    for (const mode of ['create', 'write', 'read'] as const)
      expectRefusal(mode, 'newer_schema', new RegExp(`schema ${SCHEMA_VERSION + 1}.*knows up to ${SCHEMA_VERSION}`));
  });

  it('does not read an older schema', () => {
    create();
    alter(`PRAGMA user_version = ${SCHEMA_VERSION - 1}`);
    expectRefusal('read', 'older_schema', /upgrades it/);
  });

  it('lets processes create one database at the same time', async () => {
    const children = Array.from({ length: 4 }, () => startChild('create', file));
    expect(await Promise.all(children.map(({ ended }) => ended))).toEqual([0, 0, 0, 0]);
    expect(pragma('write', 'user_version')).toBe(SCHEMA_VERSION);
  });

  it('does not repeat a migration that another process finished while it waited', async () => {
    create();
    const db = openDatabase(file, { mode: 'write' });
    db.pragma('user_version = 0');
    db.exec('BEGIN IMMEDIATE');
    const child = startChild('create', file);
    // Long enough for the child to read the old version and to wait for the lock.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
    expect(await child.ended).toBe(0);
    db.close();
  });

  it('is whole or untouched after its creation was killed', async () => {
    const script = path.join(import.meta.dirname, '../ledger/child.ts');
    for (let round = 0; round < 8; round++) {
      file = path.join(folder.path, `${round}.db`);
      const child = spawn(process.execPath, [script, 'create', file], { stdio: 'ignore' });
      const left = new Promise((resolve) => child.once('exit', resolve));
      while (!fs.existsSync(file) && child.exitCode === null) await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 8));
      child.kill('SIGKILL');
      await left;
      create();
      expect(pragma('read', 'integrity_check')).toBe('ok');
      expect(pragma('read', 'user_version')).toBe(SCHEMA_VERSION);
    }
  });
});
