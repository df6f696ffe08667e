/**
 * What clients see when the product hands over to a successor, and when it is stopped and started again instead: the same
 * clients, on connections that they keep and on new ones, before, during and after. A request that failed is not repeated.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { startSteadyClients, type ClientKind, type SteadyResult } from '../support/steady-clients.ts';
import type { BenchChild } from './bench-child.ts';
import type { Product } from './product.ts';
import { BENCH_MODEL } from './request-bodies.ts';
import { quantile, spreadOf, type Spread } from './spread.ts';

/** Of all turns of one way. */
interface WayFigures {
  readonly requests: number;
  readonly failures: number;
  readonly firstFailure: string | null;
  /** Milliseconds, of what was answered. */
  readonly p50Ms: Spread;
  readonly longestMs: Spread;
  /** In which nobody was answered, milliseconds. */
  readonly longestGapMs: Spread;
}

export interface HandoverFigures {
  readonly clients: number;
  readonly turns: number;
  /** From asking until the successor serves, milliseconds. */
  readonly readyMs: Spread;
  readonly handover: WayFigures;
  readonly restart: WayFigures;
  /** The same clients when nothing happens. */
  readonly undisturbed: WayFigures;
}

export interface HandoverPlan {
  readonly stub: BenchChild;
  readonly product: Product;
  readonly turns: number;
}

/** A few hundred requests a second: what is measured is the change of processes, not two cores that are full. */
const CLIENTS: readonly ClientKind[] = [
  { name: 'kept', count: 40, stream: false, connections: 'kept', pauseMsMax: 300 },
  { name: 'fresh', count: 20, stream: false, connections: 'fresh', pauseMsMax: 300 },
  { name: 'now and then', count: 40, stream: false, connections: 'kept', pauseMsMax: 2_000 },
];
const BEFORE_MS = 1_000;
const AFTER_MS = 1_500;

export async function benchHandover({ stub, product, turns }: HandoverPlan): Promise<HandoverFigures> {
  await stub.ask({ mode: 'json', tickMs: 0 });
  const ready: number[] = [];
  const during = async (act: () => Promise<void>): Promise<SteadyResult> => {
    const clients = startSteadyClients({ ...product, port: product.port, model: BENCH_MODEL, prompt: 'Hi' }, CLIENTS);
    await sleep(BEFORE_MS);
    await act();
    await sleep(AFTER_MS);
    return clients.stop();
  };
  const handOver = async (): Promise<void> => {
    ready.push((await product.handOver()).readyMs);
  };
  const results: Record<'handover' | 'restart' | 'undisturbed', SteadyResult[]> = { handover: [], restart: [], undisturbed: [] };
  for (let turn = 0; turn < turns; turn++) {
    results.undisturbed.push(await during(() => sleep(500)));
    results.handover.push(await during(handOver));
    results.restart.push(await during(() => product.restart()));
  }
  return {
    clients: CLIENTS.reduce((sum, { count }) => sum + count, 0),
    turns,
    readyMs: spreadOf(ready),
    handover: wayOf(results.handover),
    restart: wayOf(results.restart),
    undisturbed: wayOf(results.undisturbed),
  };
}

function wayOf(results: readonly SteadyResult[]): WayFigures {
  const failures = results.flatMap((result) => result.failures);
  const sorted = results.map(({ latencies }) => [...latencies].sort((a, b) => a - b));
  return {
    requests: results.reduce((sum, { completed }) => sum + completed.length, failures.length),
    failures: failures.length,
    firstFailure: failures[0] ?? null,
    p50Ms: spreadOf(sorted.map((one) => quantile(one, 0.5))),
    longestMs: spreadOf(sorted.map((one) => one.at(-1) ?? NaN)),
    longestGapMs: spreadOf(results.map(({ longestGapMs }) => longestGapMs)),
  };
}

export function handoverLines(figures: HandoverFigures | null): string[] {
  if (figures === null) return [];
  const ms = ({ median, min, max }: Spread): string => `${median.toFixed(0)} [${min.toFixed(0)}–${max.toFixed(0)}] ms`;
  const line = (name: string, way: WayFigures): string =>
    `  ${name}: ${way.failures} of ${way.requests} requests failed; p50 ${ms(way.p50Ms)}, longest ${ms(way.longestMs)}, nobody answered for ${ms(way.longestGapMs)}`;
  const { clients, turns, readyMs, handover, restart, undisturbed } = figures;
  return [
    `Hand-over, ${clients} clients, ${turns} times: the successor serves after ${ms(readyMs)}; no request may fail ${handover.failures === 0 ? 'pass' : `MISS (${handover.firstFailure})`}`,
    line('hand-over', handover),
    line('restart  ', restart),
    line('neither  ', undisturbed),
  ];
}
