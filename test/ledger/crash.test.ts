import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDatabase, type Db } from '../../src/db/open.ts';
import { createRequestIds, type BuyerId, type InstanceId } from '../../src/ids.ts';
import { openDirectLedger } from '../../src/ledger/direct.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { openLedger } from '../../src/ledger/sqlite.ts';
import { verifyDatabase } from '../../src/ledger/verify.ts';
import { micro } from '../../src/money.ts';
import { startChild, type Child } from './children.ts';
import { createDatabase, generationOf, holdOf, postOf, temporaryFolder, voidOf } from './fixtures.ts';

const KILLS = 20;

let folder: ReturnType<typeof temporaryFolder>;
let file: string;
let buyer: BuyerId;
let db: Db;
const children: Child[] = [];

beforeEach(() => {
  folder = temporaryFolder();
  file = path.join(folder.path, 'ledger.db');
  buyer = createDatabase(file)[0] as BuyerId;
  db = openDatabase(file, { mode: 'write' });
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    child.process.kill('SIGKILL');
    await child.ended;
  }
  db.close();
  folder.remove();
});

const start = (...args: Parameters<typeof startChild>): Child => {
  const child = startChild(...args);
  children.push(child);
  return child;
};
const topUp = (amount: bigint) =>
  openDirectLedger(db).deposit({ buyerId: buyer, amount: micro(amount), kind: 'deposit', reference: null, reason: null });
const lockFiles = () => fs.readdirSync(folder.path).filter((name) => name.includes('.instance-'));

/** What the killed process was told must be what the database says. */
function checkAcknowledged(lines: readonly string[][]): void {
  const settled = db.prepare('SELECT kind FROM transfers WHERE id = ?').pluck();
  const open = db.prepare('SELECT count(*) FROM open_requests WHERE id = ?').pluck();
  for (const [word, id = '0', kind] of lines) {
    const end = settled.get(BigInt(id));
    if (word === 'held' && kind === 'created') expect(open.get(BigInt(id)) === 1 || end !== undefined).toBe(true);
    if (word === 'ended') expect(end).toBe(kind === 'posted' ? 3 : 4);
  }
}

async function recover(ledger: Ledger, from: InstanceId): Promise<number> {
  const orphans = await ledger.orphans();
  for (const { hold, instance, progress } of orphans) {
    expect(instance).toBe(from);
    const end = progress ? postOf(hold.requestId, hold.buyerId, 1_000n) : voidOf(hold.requestId, hold.buyerId);
    expect((await ledger.settle(end)).kind).toBe(progress ? 'posted' : 'voided');
  }
  expect(await ledger.orphans()).toEqual([]);
  return orphans.length;
}

it(`keeps what it acknowledged through ${KILLS} kills at random moments, and hands over what was open`, async () => {
  topUp(1_000_000_000_000n);
  const survivor = await openLedger({ file });
  const own = createRequestIds(survivor.instance)();
  await survivor.hold(holdOf(own, buyer, 123n, { generation: generationOf(db) }));
  let acknowledged = 0;
  let recovered = 0;
  for (let round = 0; round < KILLS; round++) {
    const child = start('stream', file, buyer);
    const [, instance] = await child.line('ready');
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 120));
    child.process.kill('SIGKILL');
    await child.ended;
    // A line that was cut off by the kill is not among them.
    acknowledged += child.lines.filter(([word]) => word === 'ended').length;
    // The survivor lives: what it holds is nobody's to recover.
    expect(child.lines.filter(([word]) => word === 'orphan')).toEqual([]);
    checkAcknowledged(child.lines);
    recovered += await recover(survivor, Number(instance) as InstanceId);
    checkAcknowledged(child.lines.filter(([word]) => word === 'ended'));
  }
  expect(acknowledged).toBeGreaterThan(0);
  expect(recovered).toBeGreaterThan(0);
  expect(verifyDatabase(db)).toMatchObject({ firstDifference: null, recoverable: 0 });
  expect(db.prepare('SELECT id FROM open_requests').pluck().safeIntegers().all()).toEqual([own]);
  // The locks of the dead are gone once nothing of theirs is open.
  expect(lockFiles()).toHaveLength(1);
  await survivor.settle(voidOf(own, buyer));
  await survivor.close();
  expect(lockFiles()).toEqual([]);
});

it('reports what a killed process left as recoverable, with its progress, and the books as sound', async () => {
  topUp(1_000n);
  const child = start('open', file, buyer, 0, 700);
  const [, id = '0'] = await child.line('created');
  await child.line('ready');
  child.process.kill('SIGKILL');
  await child.ended;
  expect(verifyDatabase(db)).toMatchObject({ ok: true, recoverable: 1 });
  const ledger = await openLedger({ file });
  const [orphan] = await ledger.orphans();
  expect(orphan?.hold).toEqual(holdOf(BigInt(id) as never, buyer, 700n, { generation: 0 }));
  expect(orphan?.progress).toMatchObject({ model: 'claude-x', deltaBytes: 77, webSearchRequests: 3, inferenceGeo: 'us', serviceTier: null, tokens: { input: 10, output: 20 } });
  await ledger.close();
});

it('does not take a stopped process for a dead one', async () => {
  topUp(1_000n);
  const child = start('open', file, buyer, 0, 700);
  await child.line('ready');
  const ledger = await openLedger({ file });
  child.process.kill('SIGSTOP');
  expect(await ledger.orphans()).toEqual([]);
  expect(verifyDatabase(db).recoverable).toBe(0);
  child.process.kill('SIGKILL');
  await child.ended;
  expect(await ledger.orphans()).toHaveLength(1);
  await ledger.close();
});

it('admits exactly k of 500 holds from two processes when there is money for k', async () => {
  const k = 137;
  topUp(BigInt(k) * 1_000n + 999n);
  const pair = [start('holds', file, buyer, 250, 1_000), start('holds', file, buyer, 250, 1_000)];
  await Promise.all(pair.map((child) => child.line('ready')));
  for (const child of pair) child.process.stdin?.write('go\n');
  const results = await Promise.all(pair.map((child) => child.line('result')));
  await Promise.all(pair.map((child) => child.ended));
  const sum = (at: number) => results.reduce((total, result) => total + Number(result[at]), 0);
  expect([sum(1), sum(2)]).toEqual([k, 500 - k]);
  expect(openDirectLedger(db).balance(buyer)).toEqual({ balance: BigInt(k) * 1_000n + 999n, held: BigInt(k) * 1_000n });
  expect(verifyDatabase(db).firstDifference).toBeNull();
});
