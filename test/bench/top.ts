/**
 * What watching costs: the product under load, small JSON, without `ainogap top`, with it at its default interval,
 * without, with … Each ratio is made of two neighbours in time.
 */
import type { BenchChild } from './bench-child.ts';
import { createCells } from './cells.ts';
import { measureCell, type CellFigures } from './paired-rounds.ts';
import type { Product } from './product.ts';
import { spreadOf, type Spread } from './spread.ts';
import { onTerminal, startTop } from './top-process.ts';

export interface TopFigures {
  /** False: without a pseudo-terminal, as `--watch --json`. */
  readonly onTerminal: boolean;
  readonly requestsPerSecond: Spread;
  /** Requests per second with it ÷ without. The load is a closed loop on the same cores. */
  readonly throughput: Spread;
  /** The server's CPU per request with it ÷ without. */
  readonly serverCpu: Spread;
  /** Of one core. */
  readonly ownCpu: Spread;
}

/** In flight: about 2,000 requests a second on two cores that also run the load and the upstream. */
const IN_FLIGHT = 2;

export interface TopPlan {
  readonly stub: BenchChild;
  readonly load: BenchChild;
  readonly product: Product;
  readonly rounds: number;
  readonly windowMs: number;
}

export async function benchTop(plan: TopPlan): Promise<TopFigures> {
  const cell = { ...createCells()[0]!, inFlight: IN_FLIGHT };
  const measure = () => measureCell(cell, { ...plan, bare: plan.product, product: null, rounds: 1 });
  await measureCell({ ...cell, inFlight: 64 }, { ...plan, bare: plan.product, product: null, rounds: 1, windowMs: 2_000 });
  const without: CellFigures[] = [];
  const withIt: CellFigures[] = [];
  const ownCpu: number[] = [];
  for (let round = 0; round < plan.rounds; round++) {
    without.push(await measure());
    const top = await startTop(plan.product);
    try {
      const [startedAt, before] = [performance.now(), top.cpuNanoseconds()];
      withIt.push(await measure());
      ownCpu.push((top.cpuNanoseconds() - before) / 1e6 / (performance.now() - startedAt));
    } finally {
      await top.stop();
    }
  }
  const ratio = (of: (figures: CellFigures) => number) => spreadOf(withIt.map((figures, i) => of(figures) / of(without[i]!)));
  return {
    onTerminal,
    requestsPerSecond: spreadOf(without.map(({ bare }) => bare.requestsPerSecond.median)),
    throughput: ratio(({ bare }) => bare.requestsPerSecond.median),
    serverCpu: ratio(({ bare }) => bare.cpuMicros.median),
    ownCpu: spreadOf(ownCpu),
  };
}

export function topLines(figures: TopFigures | null): string[] {
  if (figures === null) return [];
  const share = (spread: Spread): string => [spread.median, spread.min, spread.max].map((value) => (value * 100).toFixed(1)).join(' / ');
  const verdict = (met: boolean): string => (met ? 'pass' : 'MISS');
  const { throughput, ownCpu, serverCpu, requestsPerSecond } = figures;
  return [
    `\`ainogap top\`${figures.onTerminal ? ' on a terminal' : ' --watch --json'} beside ${requestsPerSecond.median.toFixed(0)} requests/s (median / least / most, %):`,
    `  throughput with it ${share(throughput)} of without; ≥ 97 ${verdict(throughput.median >= 0.97)}; server CPU per request ${share(serverCpu)}`,
    `  its own CPU ${share(ownCpu)} of a core; < 10 ${verdict(ownCpu.median < 0.1)}`,
  ];
}
