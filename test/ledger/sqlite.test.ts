import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, type Db } from '../../src/db/open.ts';
import { createRequestIds, type BuyerId, type KeyId, type RequestId } from '../../src/ids.ts';
import { openDirectLedger } from '../../src/ledger/direct.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { openLedger } from '../../src/ledger/sqlite.ts';
import { verifyDatabase } from '../../src/ledger/verify.ts';
import { micro } from '../../src/money.ts';
import { createDatabase, generationOf, holdOf, postOf, recordOf, temporaryFolder, voidOf } from './fixtures.ts';

let folder: ReturnType<typeof temporaryFolder>;
let file: string;
let db: Db;
let buyer: BuyerId;
let ledger: Ledger;
let nextId: () => RequestId;
let generation: number;

beforeEach(async () => {
  folder = temporaryFolder();
  file = path.join(folder.path, 'ledger.db');
  buyer = createDatabase(file)[0] as BuyerId;
  db = openDatabase(file, { mode: 'write' });
  openDirectLedger(db).deposit({ buyerId: buyer, amount: micro(1_000_000n), kind: 'deposit', reference: null, reason: null });
  generation = generationOf(db);
  ledger = await openLedger({ file });
  nextId = createRequestIds(ledger.instance);
});
afterEach(async () => {
  await ledger.close();
  db.close();
  folder.remove();
});

const hold = (id: RequestId, amount: bigint) => ledger.hold(holdOf(id, buyer, amount, { generation }));
const lockFiles = () => fs.readdirSync(folder.path).filter((name) => name.includes('.instance-'));

describe('the worker', () => {
  it('answers many more operations than its ring and its tags hold', async () => {
    const ids = Array.from({ length: 10_000 }, () => nextId());
    const holds = await Promise.all(ids.map((id) => hold(id, 10n)));
    expect(holds.every(({ kind }) => kind === 'created')).toBe(true);
    const detail = { message: 'x'.repeat(2_000) };
    const settled = await Promise.all(
      ids.map((id) => ledger.settle({ ...postOf(id, buyer, 7n), record: recordOf(id, buyer, { detail, upstreamRequestId: `up_${id}` }) })),
    );
    expect(settled.every(({ kind }) => kind === 'posted')).toBe(true);
    expect(ledger.balance(buyer)).toEqual({ balance: 1_000_000n - 70_000n, held: 0n });
    expect(verifyDatabase(db).firstDifference).toBeNull();
  });

  it('keeps the whole record of a request, whatever its strings are', async () => {
    const id = nextId();
    await hold(id, 10n);
    const record = recordOf(id, buyer, {
      responseModel: 'modèle-🦊',
      errorCode: 'overloaded_error',
      flags: ['model_mismatch', 'usage_missing'],
      detail: { inferenceGeo: 'us', parts: [{ model: 'a"b', tokens: recordOf(id, buyer).tokens }] },
      upstreamRequestId: 'réq_€',
      timeToFirstByteMs: null,
    });
    await ledger.settle({ ...postOf(id, buyer, 3n), record });
    expect(db.prepare('SELECT * FROM requests WHERE id = ?').get(id)).toMatchObject({
      response_model: 'modèle-🦊',
      error_code: 'overloaded_error',
      flags: '["model_mismatch","usage_missing"]',
      detail: JSON.stringify(record.detail),
      upstream_request_id: 'réq_€',
      time_to_first_byte_ms: null,
      status: 'completed',
      input_tokens: 10,
      output_tokens: 20,
      charge: 3,
      hold: 10,
      shortfall: 0,
    });
  });

  it('cuts strings that an upstream made too long, but drops no part of a usage', async () => {
    const id = nextId();
    await hold(id, 10n);
    const parts = Array.from({ length: 33 }, (_, i) => ({ model: `${'\u0000'.repeat(98)}${i + 10}`, tokens: recordOf(id, buyer).tokens }));
    const record = recordOf(id, buyer, { responseModel: '🦊'.repeat(400), upstreamRequestId: `a${'🦊'.repeat(400)}`, detail: { parts, message: '\u0000'.repeat(20_000) } });
    await ledger.settle({ ...postOf(id, buyer, 3n), record });
    const row = db.prepare('SELECT * FROM requests WHERE id = ?').get(id) as Record<string, string>;
    expect(row['response_model']).toBe('🦊'.repeat(256));
    expect(row['upstream_request_id']).toBe(`a${'🦊'.repeat(255)}`);
    expect(row['flags']).toBeNull();
    expect(JSON.parse(row['detail'] as string)).toEqual({ parts, message: '\u0000'.repeat(512) });
  });

  it('refuses a detail that no row can keep instead of dropping what a receipt needs', async () => {
    const id = nextId();
    await hold(id, 10n);
    const parts = Array.from({ length: 1_000 }, (_, i) => ({ model: `model-${i}`, tokens: recordOf(id, buyer).tokens }));
    await expect(ledger.settle({ ...postOf(id, buyer, 3n), record: recordOf(id, buyer, { detail: { parts } }) })).rejects.toThrow(RangeError);
    expect((await ledger.settle(postOf(id, buyer, 3n))).kind).toBe('posted');
  });

  it('goes on after an operation that cannot be written down', async () => {
    const broken = { ...holdOf(nextId(), buyer, 1n, { generation, model: 'never seen before' }), amount: 1n, startedAt: 1, upstream: null as never };
    await expect(ledger.hold(broken as never)).rejects.toThrow();
    const id = nextId();
    expect((await ledger.hold(holdOf(id, buyer, 1n, { generation, model: 'never seen before' }))).kind).toBe('created');
    expect(db.prepare('SELECT model FROM open_requests WHERE id = ?').pluck().get(id)).toBe('never seen before');
  });

  it('records refusals of one key up to sixty a minute', async () => {
    for (let i = 0; i < 100; i++) {
      ledger.recordRefusal(recordOf(nextId(), buyer, { status: 'refused', httpStatus: 402, errorCode: 'insufficient_funds', keyId: 7 as KeyId }));
      if (i < 5) ledger.recordRefusal(recordOf(nextId(), buyer, { status: 'refused', httpStatus: 402, keyId: 8 as KeyId }));
    }
    await ledger.writable();
    const rows = db.prepare("SELECT key_id, count(*) FROM requests WHERE status = 'refused' AND hold IS NULL GROUP BY 1 ORDER BY 1").raw().all();
    expect(rows).toEqual([
      [7, 60],
      [8, 5],
    ]);
    expect(verifyDatabase(db).firstDifference).toBeNull();
  });

  it('gives a request one end, be it a refusal or a settlement', async () => {
    const [refused, heldId] = [nextId(), nextId()];
    ledger.recordRefusal(recordOf(refused, buyer, { status: 'refused' }));
    expect(await hold(refused, 1n)).toEqual({ kind: 'conflict', field: 'requestId' });
    expect(await hold(refused, 1n)).toEqual({ kind: 'conflict', field: 'requestId' });
    await hold(heldId, 1n);
    ledger.recordRefusal(recordOf(heldId, buyer, { status: 'refused' }));
    expect((await ledger.settle(postOf(heldId, buyer, 1n))).kind).toBe('posted');
    expect(verifyDatabase(db)).toMatchObject({ firstDifference: null, requests: 2 });
  });

  it('rounds what a monotonic clock measured, and refuses numbers that are none', async () => {
    const id = nextId();
    await hold(id, 1n);
    const record = recordOf(id, buyer, { durationMs: 12.6, timeToFirstByteMs: 3.2 });
    await expect(ledger.settle({ ...postOf(id, buyer, 1n), record: { ...record, attempts: Number.NaN } })).rejects.toThrow(/attempts/);
    await expect(ledger.settle({ ...postOf(id, buyer, 1n), record: { ...record, tokens: { ...record.tokens, output: 1.5 } } })).rejects.toThrow(/output/);
    await ledger.settle({ ...postOf(id, buyer, 1n), record });
    expect(db.prepare('SELECT duration_ms, time_to_first_byte_ms FROM requests WHERE id = ?').raw().get(id)).toEqual([13, 3]);
  });

  it('brings progress to disk without being asked again', async () => {
    const id = nextId();
    await hold(id, 10n);
    ledger.progress({ requestId: id, model: 'm', tokens: recordOf(id, buyer).tokens, deltaBytes: 9, webSearchRequests: 0, inferenceGeo: null, serviceTier: null });
    const read = db.prepare('SELECT delta_bytes FROM open_requests WHERE id = ?').pluck();
    await expect.poll(() => read.get(id), { timeout: 10_000 }).toBe(9);
  });

  it('takes deposits', async () => {
    const outcome = await ledger.deposit({ buyerId: buyer, amount: micro(5n), kind: 'deposit', reference: 'r', reason: null });
    expect(outcome).toMatchObject({ kind: 'created', before: { balance: 1_000_000n }, balance: { balance: 1_000_005n } });
  });
});

describe('an instance', () => {
  it('holds a lock only its owner can read, and removes it when it closes', async () => {
    expect(lockFiles()).toHaveLength(1);
    expect(fs.statSync(path.join(folder.path, lockFiles()[0] as string)).mode & 0o777).toBe(0o600);
    await ledger.close();
    expect(lockFiles()).toEqual([]);
    expect(db.prepare('SELECT count(*) FROM instances WHERE ended_at IS NULL').pluck().get()).toBe(0);
  });

  it('that closes with a request open leaves it to others', async () => {
    const id = nextId();
    await hold(id, 10n);
    await ledger.close();
    const next = await openLedger({ file });
    expect((await next.orphans()).map((orphan) => orphan.hold.requestId)).toEqual([id]);
    await next.settle(voidOf(id, buyer));
    expect(await next.orphans()).toEqual([]);
    expect(lockFiles()).toHaveLength(1);
    await next.close();
  });

  it('never shares the slot of its request ids with another that lives', async () => {
    db.prepare("UPDATE sqlite_sequence SET seq = ? WHERE name = 'instances'").run(ledger.instance + 1023);
    const second = await openLedger({ file });
    expect(second.instance).toBe(ledger.instance + 1025);
    await second.close();
  });

  it('is not found dead by another ledger of the same process', async () => {
    await hold(nextId(), 10n);
    const second = await openLedger({ file });
    expect(await second.orphans()).toEqual([]);
    await second.close();
    expect(await ledger.orphans()).toEqual([]);
  });

  it('is found under every name of its database', async () => {
    await hold(nextId(), 10n);
    const link = path.join(folder.path, 'link.db');
    fs.symlinkSync(file, link);
    const second = await openLedger({ file: link });
    expect(await second.orphans()).toEqual([]);
    await second.close();
  });
});

describe('a closing ledger', () => {
  it('brings what it was given to disk and takes nothing new', async () => {
    const id = nextId();
    await hold(id, 10n);
    const settled = ledger.settle(postOf(id, buyer, 4n));
    const closed = ledger.close();
    expect(await hold(nextId(), 1n)).toMatchObject({ kind: 'unavailable' });
    expect(await ledger.writable()).toBe(false);
    expect((await settled).kind).toBe('posted');
    await closed;
    expect(openDirectLedger(db).balance(buyer)).toEqual({ balance: 999_996n, held: 0n });
    expect(fs.existsSync(`${file}-wal`) && fs.statSync(`${file}-wal`).size).toBe(0);
  });
});
