/**
 * What watching costs: the product under load, small JSON, with `ainogap top` at its default interval and with `top`
 * paused, turn by turn. Each ratio is made of two neighbours in time; they are short and many, for what a disk
 * does differs more from second to second than what is measured.
 */
import type { BenchChild } from './bench-child.ts';
import { createCells } from './cells.ts';
import { measureCell, type CellFigures } from './paired-rounds.ts';
import type { Product } from './product.ts';
import { spreadOf, type Spread } from './spread.ts';
import { hasTerminal, startTop } from './top-process.ts';

export interface TopFigures {
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
  readonly pairs: number;
  readonly windowMs: number;
}

/** Null where there is no pseudo-terminal to run it on. */
export async function benchTop(plan: TopPlan): Promise<TopFigures | null> {
  if (!hasTerminal) return null;
  const cell = { ...createCells()[0]!, inFlight: IN_FLIGHT };
  const measure = () => measureCell(cell, { ...plan, bare: plan.product, product: null, rounds: 1 });
  await measureCell({ ...cell, inFlight: 64 }, { ...plan, bare: plan.product, product: null, rounds: 1, windowMs: 2_000 });
  const without: CellFigures[] = [];
  const withIt: CellFigures[] = [];
  const ownCpu: number[] = [];
  const top = await startTop(plan.product);
  const unwatched = async (): Promise<void> => {
    top.pressPause();
    without.push(await measure());
    top.pressPause();
  };
  const watched = async (): Promise<void> => {
    const [startedAt, before] = [performance.now(), top.cpuNanoseconds()];
    withIt.push(await measure());
    ownCpu.push((top.cpuNanoseconds() - before) / 1e6 / (performance.now() - startedAt));
  };
  try {
    // Which comes first changes from pair to pair, for a drift of the machine to favour neither.
    for (let pair = 0; pair < plan.pairs; pair++)
      for (const turn of pair % 2 === 0 ? [unwatched, watched] : [watched, unwatched]) await turn();
  } finally {
    await top.stop();
  }
  const ratio = (of: (figures: CellFigures) => number) => spreadOf(withIt.map((figures, i) => of(figures) / of(without[i]!)));
  return {
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
    `\`ainogap top\` beside ${requestsPerSecond.median.toFixed(0)} requests/s (median / least / most, %):`,
    `  throughput with it ${share(throughput)} of that with it paused; ≥ 97 ${verdict(throughput.median >= 0.97)}; server CPU per request ${share(serverCpu)}`,
    `  its own CPU ${share(ownCpu)} of a core; < 10 ${verdict(ownCpu.median < 0.1)}`,
  ];
}
