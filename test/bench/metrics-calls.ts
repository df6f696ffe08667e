/**
 * Micro-benchmark of metrics: `node test/bench/metrics-calls.ts`. Prints what counting a request costs on the data plane's
 * thread, and what one scrape costs, as CPU time: the median of several rounds.
 */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { openDatabase } from '../../src/db/open.ts';
import { createBuyer } from '../../src/registry/buyers.ts';
import type { BuyerId, KeyId, RequestId } from '../../src/ids.ts';
import { NO_SPLIT, type RequestRecord } from '../../src/ledger/ledger.ts';
import { createLog } from '../../src/log.ts';
import { openDatabaseReader } from '../../src/metrics/database-families.ts';
import { exposition } from '../../src/metrics/exposition.ts';
import { RequestCounters } from '../../src/metrics/request-counters.ts';
import { requestFamilies } from '../../src/metrics/request-families.ts';
import { micro, ZERO } from '../../src/money.ts';
import { combineObservers } from '../../src/proxy/combine-observers.ts';
import type { RequestEnd } from '../../src/proxy/observer.ts';

const ROUNDS = 15;

/** Microseconds of CPU time per call. */
async function measure(run: () => unknown, calls: number): Promise<number> {
  for (let i = 0; i < calls; i++) await run();
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.cpuUsage();
    for (let i = 0; i < calls; i++) await run();
    const { user, system } = process.cpuUsage(start);
    times.push((user + system) / calls);
  }
  return times.toSorted((a, b) => a - b)[ROUNDS >> 1] as number;
}

function endOf(i: number): RequestEnd {
  const record: RequestRecord = {
    requestId: 1n as RequestId, buyerId: 1 as BuyerId, keyId: 1 as KeyId, routeId: null, cardVersion: null,
    model: `claude-${Math.trunc(i / 20)}`, responseModel: null, status: 'completed', httpStatus: 200, errorCode: null,
    tokens: { input: 10, output: 200, cacheWrite5m: 30, cacheWrite1h: 0, cacheRead: 4_000 }, listCost: micro(1_000n), outputTokensMax: 1_000,
    usageSource: 'reported', quoteBasis: 'bytes', flags: [], detail: null, upstream: 'main', upstreamRequestId: null, attempts: 1,
    startedAt: 0, durationMs: 1_500, timeToFirstByteMs: 300,
  };
  const split = { ...NO_SPLIT, byClass: { ...NO_SPLIT.byClass, input: micro(10n), output: micro(5_000n) } };
  return {
    requestId: 'req_1', route: `route-${i % 20}`, model: record.model, httpStatus: 200, errorCode: null, startedAt: 0, durationMs: 1_500, traceparent: null,
    settled: { outcome: 'posted', stream: true, heldAfterMs: 2.5, holdMs: 1.2, triedAgainAfterMs: null, settleMs: 0.8, hold: micro(9_000n), charge: micro(5_010n), split, shortfall: ZERO }, record,
  };
}

const ENDS = 100_000;
const ends = Array.from({ length: 100 }, (_, i) => endOf(i));
const counters = new RequestCounters();
const observer = combineObservers([counters], createLog());
const count = (): void => {
  for (let i = 0; i < ENDS; i++) observer.requestEnded(ends[i % 100] as RequestEnd);
};
const nobody = { requestEnded: (end: RequestEnd): void => void (seen += end.durationMs) };
let seen = 0;
const baseline = (): void => {
  for (let i = 0; i < ENDS; i++) nobody.requestEnded(ends[i % 100] as RequestEnd);
};
const counted = (await measure(count, 1)) - (await measure(baseline, 1));
console.log(`counting a request that ended: ${((counted / ENDS) * 1000).toFixed(0)} ns`);
const text = (): Promise<string> => exposition(requestFamilies(counters));
console.log(`the text of 100 routes and models, ${((await text()).length / 1000).toFixed(0)} kB: ${(await measure(text, 20)).toFixed(0)} µs`);

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ainogap-bench-'));
try {
  const file = path.join(folder, 'ainogap.db');
  const db = openDatabase(file, { mode: 'create' });
  const open = db.prepare(`INSERT INTO open_requests(id, instance, buyer_id, key_id, route_id, card_version, model, hold, worst_case, quote_basis, output_tokens_max, upstream, started_at)
    VALUES (?, 1, 1, 1, 1, 1, 'claude-haiku-4-5', 1000, 1000, 'bytes', 100, 'main', 1)`);
  db.transaction(() => {
    for (let i = 0; i < 500; i++) createBuyer(db, `buyer ${i}`);
    for (let i = 1; i <= 5_000; i++) open.run(i);
  }).immediate();
  const reader = openDatabaseReader(file);
  console.log(`reading a database with 5,000 holds open and 500 buyers: ${(await measure(() => reader.families([]), 50)).toFixed(0)} µs, of all threads`);
  reader.close();
  db.close();
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
