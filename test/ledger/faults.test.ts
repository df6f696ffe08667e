import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDatabase, type Db } from '../../src/db/open.ts';
import { createRequestIds, type BuyerId, type RequestId } from '../../src/ids.ts';
import { openDirectLedger } from '../../src/ledger/direct.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { openLedger } from '../../src/ledger/sqlite.ts';
import { verifyDatabase } from '../../src/ledger/verify.ts';
import { micro } from '../../src/money.ts';
import { startUnder } from './children.ts';
import { createDatabase, generationOf, holdOf, postOf, temporaryFolder } from './fixtures.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

interface Opened {
  readonly file: string;
  readonly db: Db;
  readonly ledger: Ledger;
  readonly buyer: BuyerId;
  readonly nextId: () => RequestId;
  readonly hold: (id: RequestId, amount: bigint) => ReturnType<Ledger['hold']>;
}

async function open(directory: string): Promise<Opened> {
  const file = path.join(directory, 'ledger.db');
  const buyer = createDatabase(file)[0] as BuyerId;
  const db = openDatabase(file, { mode: 'write' });
  openDirectLedger(db).deposit({ buyerId: buyer, amount: micro(1_000_000n), kind: 'deposit', reference: null, reason: null });
  const ledger = await openLedger({ file });
  const generation = generationOf(db);
  return {
    file,
    db,
    ledger,
    buyer,
    nextId: createRequestIds(ledger.instance),
    hold: (id, amount) => ledger.hold(holdOf(id, buyer, amount, { generation })),
  };
}

it('dies, and acknowledges nothing, when the database is moved away under it', async () => {
  const { file, db, ledger, nextId, hold } = await open(folder.path);
  await hold(nextId(), 1n);
  fs.renameSync(file, `${file}.old`);
  await expect(hold(nextId(), 1n)).rejects.toThrow(/moved or removed/);
  expect((await ledger.died).message).toMatch(/moved or removed/);
  await expect(hold(nextId(), 1n)).rejects.toThrow(/moved or removed/);
  expect(await ledger.writable()).toBe(false);
  await ledger.close();
  db.close();
});

it('notices a replaced database while it is idle', async () => {
  const { file, db, ledger } = await open(folder.path);
  fs.copyFileSync(file, `${file}.copy`);
  fs.renameSync(`${file}.copy`, file);
  expect((await ledger.died).message).toMatch(/replaced/);
  await ledger.close();
  db.close();
});

it('dies when its write-ahead log is deleted', async () => {
  const { file, db, ledger } = await open(folder.path);
  fs.rmSync(`${file}-wal`);
  expect((await ledger.died).message).toMatch(/-wal was moved or removed/);
  await ledger.close();
  db.close();
});

it('refuses to begin on a database with a damaged page, in words', async () => {
  const file = path.join(folder.path, 'ledger.db');
  const buyer = createDatabase(file)[0] as BuyerId;
  const db = openDatabase(file, { mode: 'write' });
  const page = Number(db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'transfers'").pluck().get());
  openDirectLedger(db).deposit({ buyerId: buyer, amount: micro(1n), kind: 'deposit', reference: null, reason: null });
  db.pragma('wal_checkpoint(TRUNCATE)');
  const size = Number(db.pragma('page_size', { simple: true }));
  db.close();
  const handle = fs.openSync(file, 'r+');
  fs.writeSync(handle, Buffer.alloc(size, 0x5a), 0, size, (page - 1) * size);
  fs.closeSync(handle);
  await expect(openLedger({ file })).rejects.toThrow(/is damaged .*restore a backup/);
});

it('dies rather than let one impossible operation spoil a batch, and rejects what was pending', async () => {
  const { db, ledger, buyer, nextId, hold } = await open(folder.path);
  const id = nextId();
  await hold(id, 10n);
  const impossible = ledger.settle(postOf(id, (buyer + 1) as BuyerId, 4n));
  const innocent = hold(nextId(), 1n);
  await expect(impossible).rejects.toThrow(/held for buyer/);
  await expect(innocent).rejects.toThrow(/held for buyer/);
  expect((await ledger.died).message).toMatch(/held for buyer/);
  await ledger.close();
  expect(openDirectLedger(db).balance(buyer)).toEqual({ balance: 1_000_000n, held: 10n });
  expect(verifyDatabase(db)).toMatchObject({ ok: true, recoverable: 1 });
  db.close();
});

it('answers unavailable while another process keeps the write lock, and settles once it is free', async () => {
  const { db, ledger, buyer, nextId, hold } = await open(folder.path);
  const id = nextId();
  await hold(id, 10n);
  db.exec('BEGIN IMMEDIATE');
  const settled = ledger.settle(postOf(id, buyer, 4n));
  expect(await hold(nextId(), 1n)).toMatchObject({ kind: 'unavailable', reason: expect.stringMatching(/busy/) });
  expect(await ledger.writable()).toBe(false);
  db.exec('COMMIT');
  expect((await settled).kind).toBe('posted');
  expect((await hold(nextId(), 1n)).kind).toBe('created');
  expect(await ledger.writable()).toBe(true);
  await ledger.close();
  db.close();
});

/** A file system of 3 MB that can be filled, or null where this user cannot mount one. */
function mountSmallDisk(directory: string): (() => void) | null {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', directory], { stdio: 'ignore' });
    // Lazily: a test that failed may have left files open.
    return () => execFileSync('umount', ['-l', directory]);
  } catch {
    return null;
  }
}

it('refuses holds on a full disk, keeps settlements, and goes on when there is space again', async (context) => {
  const directory = path.join(folder.path, 'disk');
  fs.mkdirSync(directory);
  const unmount = mountSmallDisk(directory);
  if (!unmount) {
    console.warn('SKIPPED: the test of a full disk needs the right to mount a tmpfs');
    return context.skip();
  }
  try {
    const { db, ledger, buyer, nextId, hold } = await open(directory);
    const ids = Array.from({ length: 200 }, () => nextId());
    await Promise.all(ids.map((id) => hold(id, 10n)));
    const filler = path.join(directory, 'filler');
    fillDisk(filler);
    const settlements = Promise.all(ids.map((id) => ledger.settle(postOf(id, buyer, 4n))));
    await expect.poll(async () => (await hold(nextId(), 1n)).kind, { timeout: 20_000 }).toBe('unavailable');
    expect(await hold(nextId(), 1n)).toMatchObject({ kind: 'unavailable', reason: expect.stringMatching(/full/) });
    expect(await ledger.writable()).toBe(false);
    fs.rmSync(filler);
    expect((await settlements).every(({ kind }) => kind === 'posted')).toBe(true);
    expect((await hold(nextId(), 1n)).kind).toBe('created');
    await ledger.close();
    expect(verifyDatabase(db).firstDifference).toBeNull();
    db.close();
  } finally {
    unmount();
  }
});

it('stops at a failed fsync, having acknowledged nothing that is not on disk', async (context) => {
  if (spawnSync('strace', ['-V']).status !== 0) {
    console.warn('SKIPPED: the test of a failed fsync needs strace');
    return context.skip();
  }
  const file = path.join(folder.path, 'ledger.db');
  const buyer = createDatabase(file)[0] as BuyerId;
  const db = openDatabase(file, { mode: 'write' });
  openDirectLedger(db).deposit({ buyerId: buyer, amount: micro(1_000_000n), kind: 'deposit', reference: null, reason: null });
  const inject = ['-f', '-o', '/dev/null', '-P', `${file}-wal`, '-e', 'trace=fsync,fdatasync', '-e', 'inject=fsync,fdatasync:error=EIO:when=12+'];
  const child = startUnder(['strace', ...inject], 'until-death', file, buyer);
  expect((await child.line('died')).join(' ')).toMatch(/failed at commit: disk I\/O error/);
  expect(await child.ended).toBe(3);
  const held = child.lines.filter(([word]) => word === 'held');
  expect(held.length).toBeGreaterThan(0);
  const open = db.prepare('SELECT count(*) FROM open_requests WHERE id = ?').pluck();
  for (const [, id = '0'] of held) expect(open.get(BigInt(id))).toBe(1);
  expect(verifyDatabase(db).firstDifference).toBeNull();
  db.close();
});

function fillDisk(file: string): void {
  const fd = fs.openSync(file, 'w');
  try {
    for (;;) fs.writeSync(fd, Buffer.alloc(4096));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    fs.closeSync(fd);
  }
}
