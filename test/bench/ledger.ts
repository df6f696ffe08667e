/**
 * Durable hold+settle pairs per second through the worker, against the same transactions in a bare synchronous loop
 * over SQLite, batched alike. `node test/bench/ledger.ts [seconds]` prints the figures.
 */
import * as path from 'node:path';
import { openDatabase } from '../../src/db/open.ts';
import { createRequestIds, type BuyerId, type InstanceId } from '../../src/ids.ts';
import { createEngine } from '../../src/ledger/engine.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { openDirectLedger } from '../../src/ledger/direct.ts';
import { requestRowOf, type Operation } from '../../src/ledger/operations.ts';
import { openLedger } from '../../src/ledger/sqlite.ts';
import { verifyDatabase } from '../../src/ledger/verify.ts';
import { micro } from '../../src/money.ts';
import { createDatabase, generationOf, holdOf, postOf, temporaryFolder } from '../ledger/fixtures.ts';
import { bareLoop } from './bare-ledger.ts';

export interface LedgerFigures {
  readonly inFlight: number;
  readonly pairsPerSecond: number;
  readonly cpuMicrosPerPair: number;
  /** Milliseconds from hold or settle to its answer. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The same statements and commits in one synchronous loop. */
  readonly barePairsPerSecond: number;
  readonly ratio: number;
}

const BUYERS = 8;
const ROUNDS = 5;

export interface BenchLedgerOptions {
  readonly inFlight?: readonly number[];
  /** Of measuring each side, in all. */
  readonly seconds?: number;
}

/** Measures on fresh databases; each ends with a passing `verify`, else this throws. */
export async function benchLedger({ inFlight = [1, 64, 256], seconds = 3 }: BenchLedgerOptions = {}): Promise<LedgerFigures[]> {
  const figures: LedgerFigures[] = [];
  for (const concurrent of inFlight) {
    // Turn by turn, because other work on the machine changes from second to second.
    const rounds: LedgerFigures[] = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push(await measure(concurrent, seconds / ROUNDS));
    figures.push(medians(rounds));
  }
  return figures;
}

async function measure(inFlight: number, seconds: number): Promise<LedgerFigures> {
  const folder = temporaryFolder();
  try {
    const ledger = await throughLedger(path.join(folder.path, 'ledger.db'), inFlight, seconds);
    const bare = bareLoop(path.join(folder.path, 'bare.db'), { inFlight, seconds, buyers: BUYERS });
    return { inFlight, ...ledger, barePairsPerSecond: bare, ratio: ledger.pairsPerSecond / bare };
  } finally {
    folder.remove();
  }
}

/** The median of each figure by itself; the ratio's is that of paired measurements. */
function medians(rounds: readonly LedgerFigures[]): LedgerFigures {
  const median = (name: keyof LedgerFigures): number => rounds.map((r) => r[name]).sort((a, b) => a - b)[rounds.length >> 1] ?? 0;
  return {
    inFlight: median('inFlight'),
    pairsPerSecond: median('pairsPerSecond'),
    cpuMicrosPerPair: median('cpuMicrosPerPair'),
    p50Ms: median('p50Ms'),
    p99Ms: median('p99Ms'),
    barePairsPerSecond: median('barePairsPerSecond'),
    ratio: median('ratio'),
  };
}

/** The engine alone, on this thread: what the transport and the event loop add is the difference. */
export function benchEngine(inFlight: number, seconds: number): number {
  const folder = temporaryFolder();
  try {
    const file = path.join(folder.path, 'engine.db');
    const { buyers, generation } = prepare(file);
    const db = openDatabase(file, { mode: 'write' });
    const engine = createEngine(db, { instance: 1 as InstanceId });
    const nextId = createRequestIds(1 as InstanceId);
    let previous: Operation[] = [];
    let pairs = 0;
    const end = performance.now() + seconds * 1000;
    const started = performance.now();
    while (performance.now() < end) {
      const batch = [...previous];
      previous = [];
      for (let i = 0; i < inFlight / 2; i++) {
        const buyer = buyers[i % buyers.length] as BuyerId;
        const id = nextId();
        batch.push({ op: 'hold', hold: holdOf(id, buyer, 5000n, { generation }) });
        const { record, ...settlement } = postOf(id, buyer, 4200n);
        previous.push({ op: 'settle', settlement: { ...settlement, record: requestRowOf(record) } });
      }
      engine.apply(batch);
      pairs += previous.length;
    }
    const elapsed = (performance.now() - started) / 1000;
    db.close();
    return pairs / elapsed;
  } finally {
    folder.remove();
  }
}

function prepare(file: string): { buyers: BuyerId[]; generation: number } {
  const buyers = createDatabase(file, Array.from({ length: BUYERS }, (_, i) => `buyer ${i}`));
  const db = openDatabase(file, { mode: 'write' });
  const direct = openDirectLedger(db);
  for (const buyerId of buyers)
    direct.deposit({ buyerId, amount: micro(1_000_000_000_000n), kind: 'deposit', reference: null, reason: null });
  const generation = generationOf(db);
  db.close();
  return { buyers, generation };
}

async function throughLedger(file: string, inFlight: number, seconds: number) {
  const { buyers, generation } = prepare(file);
  const ledger = await openLedger({ file });
  const latencies: number[] = [];
  const run = async (forSeconds: number): Promise<number> => {
    const end = performance.now() + forSeconds * 1000;
    const counts = await Promise.all(
      Array.from({ length: inFlight }, (_, i) => client({ ledger, buyer: buyers[i % BUYERS] as BuyerId, generation, end, latencies })),
    );
    return counts.reduce((a, b) => a + b, 0);
  };
  nextId = createRequestIds(ledger.instance);
  await run(Math.min(0.3, seconds));
  latencies.length = 0;
  const cpu = process.cpuUsage();
  const started = performance.now();
  const pairs = await run(seconds);
  const elapsed = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  await ledger.close();
  requirePassing(file);
  latencies.sort((a, b) => a - b);
  return {
    pairsPerSecond: pairs / elapsed,
    cpuMicrosPerPair: (user + system) / pairs,
    p50Ms: latencies[Math.floor(latencies.length * 0.5)] ?? 0,
    p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
  };
}

let nextId = createRequestIds(1 as InstanceId);

interface Client {
  readonly ledger: Ledger;
  readonly buyer: BuyerId;
  readonly generation: number;
  readonly end: number;
  readonly latencies: number[];
}

async function client({ ledger, buyer, generation, end, latencies }: Client): Promise<number> {
  let pairs = 0;
  while (performance.now() < end) {
    const id = nextId();
    const began = performance.now();
    const held = await ledger.hold(holdOf(id, buyer, 5000n, { generation }));
    if (held.kind !== 'created') throw new Error(`the hold was answered ${held.kind}`);
    const between = performance.now();
    const settled = await ledger.settle(postOf(id, buyer, 4200n));
    if (settled.kind !== 'posted') throw new Error(`the settlement was answered ${settled.kind}`);
    latencies.push(between - began, performance.now() - between);
    pairs++;
  }
  return pairs;
}

export function requirePassing(file: string): void {
  const db = openDatabase(file, { mode: 'read' });
  const { ok, firstDifference } = verifyDatabase(db);
  db.close();
  if (!ok) throw new Error(`verify failed after the measurement: ${firstDifference ?? ''}`);
}

if (import.meta.main) {
  const seconds = Number(process.argv[2] ?? 3);
  console.table(await benchLedger({ seconds }));
  console.log(`engine on one thread, 256 in flight: ${Math.round(benchEngine(256, seconds))} pairs/s`);
}
