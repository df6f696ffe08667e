/** Bare, product, bare, product…: each ratio is made of two neighbours in time, so that a noisy machine hits both. */
import type { BenchChild } from './bench-child.ts';
import type { Cell } from './cells.ts';
import { clientRequest } from './client-request.ts';
import { EVENT_COUNT } from './canned-responses.ts';
import type { WindowOrder, WindowResult } from './load-generator.ts';
import { quantile, spreadOf, type Spread } from './spread.ts';
import type { StubOrder } from './upstream-stub.ts';

/** A proxy under load. */
export interface Subject {
  readonly pid: number;
  readonly port: number;
  readonly path: string;
  readonly key: string;
}

export interface PairedRounds {
  readonly stub: BenchChild;
  readonly load: BenchChild;
  readonly bare: Subject;
  /** Null: only the bare proxy is measured. */
  readonly product: Subject | null;
  readonly rounds: number;
  readonly windowMs: number;
}

export interface SideFigures {
  /** Microseconds of CPU per request, all threads. */
  readonly cpuMicros: Spread;
  readonly requestsPerSecond: Spread;
  /** Milliseconds: to the last byte of a JSON response, to the first of a stream. */
  readonly p50Ms: Spread;
  readonly p99Ms: Spread;
  /** Reads from the socket per response: with streams, 300 unless the proxy fell behind. */
  readonly reads: Spread;
}

export interface CellFigures {
  readonly cell: Cell;
  readonly bare: SideFigures;
  readonly product: SideFigures | null;
  readonly cpuRatio: Spread | null;
  /** Milliseconds that the product's p99 is above the bare one's. */
  readonly addedP99Ms: Spread | null;
}

interface Round {
  readonly cpuMicros: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly reads: number;
}

export async function measureCell(cell: Cell, plan: PairedRounds): Promise<CellFigures> {
  await plan.stub.ask({ mode: cell.stream ? 'stream' : 'json', tickMs: cell.tickMs } satisfies StubOrder);
  const bare: Round[] = [];
  const product: Round[] = [];
  for (let round = 0; round < plan.rounds; round++) {
    bare.push(await measureRound(cell, plan, plan.bare));
    if (plan.product) product.push(await measureRound(cell, plan, plan.product));
  }
  const paired = (compare: (product: Round, bare: Round) => number) =>
    plan.product ? spreadOf(product.map((round, i) => compare(round, bare[i]!))) : null;
  return {
    cell,
    bare: figuresOf(bare),
    product: plan.product ? figuresOf(product) : null,
    cpuRatio: paired((p, b) => p.cpuMicros / b.cpuMicros),
    addedP99Ms: paired((p, b) => p.p99Ms - b.p99Ms),
  };
}

async function measureRound(cell: Cell, plan: PairedRounds, subject: Subject): Promise<Round> {
  const streamMs = cell.tickMs * EVENT_COUNT;
  const result = await plan.load.ask<WindowResult>({
    kind: 'window',
    port: subject.port,
    request: clientRequest({ ...subject, body: cell.body }),
    connections: cell.inFlight,
    staggerMs: streamMs,
    warmMs: 150,
    // A window of whole stream lengths: what runs in at its start is what runs out at its end.
    windowMs: Math.max(1, streamMs === 0 ? 1 : Math.ceil(plan.windowMs / streamMs)) * (streamMs || plan.windowMs),
    pid: subject.pid,
  } satisfies WindowOrder);
  if (result.failure !== null) throw new Error(`${result.failures} requests of “${cell.name}” failed on port ${subject.port}: ${result.failure}`);
  if (result.completed === 0) throw new Error(`no request of “${cell.name}” ended within the window`);
  const latencies = result.samples.map((sample) => (cell.stream ? sample.firstByteMs : sample.totalMs)).sort((a, b) => a - b);
  return {
    cpuMicros: result.cpuNanoseconds / 1000 / result.completed,
    requestsPerSecond: (result.completed * 1000) / result.elapsedMs,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    reads: result.samples.reduce((sum, sample) => sum + sample.reads, 0) / result.completed,
  };
}

function figuresOf(rounds: readonly Round[]): SideFigures {
  const of = (figure: keyof Round) => spreadOf(rounds.map((round) => round[figure]));
  return {
    cpuMicros: of('cpuMicros'),
    requestsPerSecond: of('requestsPerSecond'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    reads: of('reads'),
  };
}
