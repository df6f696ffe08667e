/**
 * A process of its own for the tests of crashes and of two processes: `node child.ts TASK FILE BUYER [COUNT AMOUNT]`.
 * It prints one line per fact, written before anything else happens, so that a kill loses none.
 */
import * as fs from 'node:fs';
import { openDatabase } from '../../src/db/open.ts';
import { createRequestIds, type BuyerId, type RequestId } from '../../src/ids.ts';
import { openLedger } from '../../src/ledger/sqlite.ts';
import { generationOf, holdOf, postOf, voidOf } from './fixtures.ts';

const [task, file = '', buyerText = '1', countText = '0', amountText = '0'] = process.argv.slice(2);
const buyer = Number(buyerText) as BuyerId;
function say(...parts: readonly unknown[]): void {
  let line = Buffer.from(`${parts.join(' ')}\n`);
  while (line.length > 0) {
    try {
      line = line.subarray(fs.writeSync(1, line));
    } catch (error) {
      // The reader of the pipe is behind.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

async function main(): Promise<void> {
  if (task === 'create') {
    openDatabase(file, { mode: 'create' }).close();
    return say('created');
  }
  const db = openDatabase(file, { mode: 'read' });
  const generation = generationOf(db);
  db.close();
  const ledger = await openLedger({ file });
  const nextId = createRequestIds(ledger.instance);
  const hold = async (id: RequestId, amount: bigint): Promise<string> => (await ledger.hold(holdOf(id, buyer, amount, { generation }))).kind;
  if (task === 'stream') {
    for (const { hold: orphan } of await ledger.orphans()) say('orphan', orphan.requestId);
    say('ready', ledger.instance);
    await Promise.all(Array.from({ length: 16 }, (_, i) => stream(i)));
  } else if (task === 'holds') {
    say('ready', ledger.instance);
    await new Promise((resolve) => process.stdin.once('data', resolve));
    const kinds = await Promise.all(Array.from({ length: Number(countText) }, () => hold(nextId(), BigInt(amountText))));
    say('result', kinds.filter((kind) => kind === 'created').length, kinds.filter((kind) => kind === 'insufficientFunds').length);
    await ledger.close();
    process.exit(0);
  } else if (task === 'until-death') {
    say('ready', ledger.instance);
    void ledger.died.then((error) => {
      say('died', error.message);
      process.exit(3);
    });
    for (;;) {
      const id = nextId();
      say('held', id, await hold(id, 1n));
    }
  } else if (task === 'open') {
    const id = nextId();
    say(await hold(id, BigInt(amountText)), id);
    ledger.progress({ requestId: id, model: 'claude-x', tokens: postOf(id, buyer, 0n).record.tokens, deltaBytes: 77, webSearchRequests: 3, inferenceGeo: 'us', serviceTier: null });
    await ledger.writable();
    say('ready', ledger.instance);
  }

  async function stream(lane: number): Promise<never> {
    for (;;) {
      const id = nextId();
      say('begin', id);
      say('held', id, await hold(id, 5_000n));
      if (lane === 0) ledger.progress({ requestId: id, model: 'claude-x', tokens: postOf(id, buyer, 0n).record.tokens, deltaBytes: 5, webSearchRequests: 0, inferenceGeo: null, serviceTier: null });
      const { kind } = await ledger.settle(lane % 4 === 1 ? voidOf(id, buyer) : postOf(id, buyer, 4_200n));
      say('ended', id, kind);
    }
  }
}

await main();
