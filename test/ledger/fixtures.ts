/** Buyers, holds and settlements for the ledger's tests. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { openDatabase, type Db } from '../../src/db/open.ts';
import type { BuyerId, CardVersion, KeyId, RequestId, RouteId } from '../../src/ids.ts';
import { NO_SPLIT, type ChargeSplit, type Hold, type RequestRecord, type Settlement } from '../../src/ledger/ledger.ts';
import { micro } from '../../src/money.ts';
import { NO_TOKENS } from '../../src/tokens.ts';

/** A folder that `remove` deletes; in memory where the system has `/dev/shm` and `inMemory` is asked for. */
export function temporaryFolder(inMemory = false): { readonly path: string; remove(): void } {
  const base = inMemory && fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();
  const folder = fs.mkdtempSync(path.join(base, 'ainogap-test-'));
  return { path: folder, remove: () => fs.rmSync(folder, { recursive: true, force: true }) };
}

export function createDatabase(file: string, buyers: readonly string[] = ['acme']): BuyerId[] {
  const db = openDatabase(file, { mode: 'create' });
  const ids = addBuyers(db, buyers);
  db.close();
  return ids;
}

export function addBuyers(db: Db, names: readonly string[]): BuyerId[] {
  const insert = db.prepare('INSERT INTO buyers(name, created_at) VALUES (?, 0)');
  return names.map((name) => Number(insert.run(name).lastInsertRowid) as BuyerId);
}

export function generationOf(db: Db): number {
  return Number(db.prepare('SELECT value FROM registry_generation').pluck().get());
}

export function holdOf(requestId: RequestId, buyerId: BuyerId, amount: bigint, rest: Partial<Hold> = {}): Hold {
  return {
    requestId,
    buyerId,
    keyId: Number(buyerId) as KeyId,
    routeId: 1 as RouteId,
    cardVersion: 1 as CardVersion,
    generation: 2,
    model: 'claude-opus-4-8',
    amount: micro(amount),
    worstCase: micro(amount),
    quoteBasis: 'bytes',
    outputTokensMax: 4096,
    upstream: 'anthropic',
    startedAt: 1_800_000_000_000,
    ...rest,
  };
}

export function recordOf(requestId: RequestId, buyerId: BuyerId, rest: Partial<RequestRecord> = {}): RequestRecord {
  return {
    requestId,
    buyerId,
    keyId: Number(buyerId) as KeyId,
    routeId: 1 as RouteId,
    cardVersion: 1 as CardVersion,
    model: 'claude-opus-4-8',
    responseModel: 'claude-opus-4-8',
    status: 'completed',
    httpStatus: 200,
    errorCode: null,
    tokens: { ...NO_TOKENS, input: 10, output: 20 },
    listCost: micro(550n),
    outputTokensMax: 4096,
    usageSource: 'reported',
    quoteBasis: 'bytes',
    flags: [],
    detail: null,
    upstream: 'anthropic',
    upstreamRequestId: 'req_011CSHoEeqs5C35K2UUqR7Fy',
    attempts: 1,
    startedAt: 1_800_000_000_000,
    durationMs: 12,
    timeToFirstByteMs: 3,
    ...rest,
  };
}

export function postOf(requestId: RequestId, buyerId: BuyerId, charge: bigint): Settlement {
  return { action: 'post', charge: micro(charge), split: splitOf(charge), record: recordOf(requestId, buyerId) };
}

/** All of it for output. */
export function splitOf(charge: bigint): ChargeSplit {
  return { ...NO_SPLIT, byClass: { ...NO_SPLIT.byClass, output: micro(charge) } };
}

export function voidOf(requestId: RequestId, buyerId: BuyerId): Settlement {
  return {
    action: 'void',
    charge: micro(0),
    split: NO_SPLIT,
    record: recordOf(requestId, buyerId, { status: 'upstream_error', httpStatus: 500, tokens: NO_TOKENS, listCost: micro(0), usageSource: 'none' }),
  };
}
