import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeBackup } from '../../src/backups/make-backup.ts';
import { openAnySchema, openDatabase, type Db } from '../../src/db/open.ts';
import { temporaryFolder } from '../ledger/fixtures.ts';

let folder: ReturnType<typeof temporaryFolder>;
let database: string;
let writer: Db;
beforeEach(() => {
  folder = temporaryFolder();
  database = path.join(folder.path, 'a.db');
  writer = openDatabase(database, { mode: 'create' });
  // 10 MB: a copy of some steps.
  writer.exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO idempotency SELECT 'x', i, x'', 200, hex(zeroblob(5000)), 0 FROM n");
});
afterEach(() => {
  writer.close();
  folder.remove();
});

it('ends while others commit between any two of its steps, and holds the database as it was when it began', async () => {
  let steps = 0;
  const onProgress = (): void => {
    if (++steps > 20) throw new Error('it begins again and again');
    writer.prepare('INSERT INTO buyers(name, created_at) VALUES (?, 0)').run(`buyer ${steps}`);
  };
  const { file } = await makeBackup({ database, wanted: path.join(folder.path, 'copy.db'), force: false, now: 0, onProgress });
  expect(steps).toBeGreaterThan(1);
  const copy = openAnySchema(file, 'read');
  expect(copy.prepare('SELECT count(*) FROM buyers').pluck().get()).toBe(0);
  copy.close();
});

it('leaves nothing when it is stopped', async () => {
  const stop = new AbortController();
  const before = fs.readdirSync(folder.path);
  const onProgress = (): void => stop.abort(new Error('stopped by SIGINT'));
  await expect(makeBackup({ database, wanted: path.join(folder.path, 'copy.db'), force: false, now: 0, signal: stop.signal, onProgress })).rejects.toThrow('stopped by SIGINT');
  expect(fs.readdirSync(folder.path)).toEqual(before);
});
