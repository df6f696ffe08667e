/**
 * What metrics cost: the product under load, small JSON, with metrics that are scraped every second and without, turn by
 * turn. Each ratio is made of two neighbours in time.
 */
import type { BenchChild } from './bench-child.ts';
import { createCells } from './cells.ts';
import { measureCell, type SideFigures } from './paired-rounds.ts';
import { freePort, openProduct, type Product } from './product.ts';
import { spreadOf, type Spread } from './spread.ts';

export interface MetricsFigures {
  readonly inFlight: number;
  /** The server's CPU per request with metrics ÷ without. */
  readonly serverCpu: Spread;
  /** p99 with ÷ without. */
  readonly p99: Spread;
}

export interface MetricsPlan {
  readonly stub: BenchChild;
  readonly load: BenchChild;
  /** Without metrics. */
  readonly product: Product;
  readonly upstream: string;
  readonly pairs: number;
  readonly windowMs: number;
}

const SCRAPE_EVERY_MS = 1_000;

export async function benchMetrics(plan: MetricsPlan): Promise<MetricsFigures[]> {
  const port = await freePort();
  const watched = await openProduct({ upstream: plan.upstream, launcher: null, nodeOptions: [], config: `metrics: { listen: "127.0.0.1:${port}" }` });
  const scraping = setInterval(() => void fetch(`http://127.0.0.1:${port}/metrics`).then((response) => response.text()), SCRAPE_EVERY_MS);
  try {
    const figures: MetricsFigures[] = [];
    for (const inFlight of [2, 64]) figures.push(await measurePairs(plan, watched, inFlight));
    return figures;
  } finally {
    clearInterval(scraping);
    await watched.remove();
  }
}

async function measurePairs({ pairs, product, ...plan }: MetricsPlan, watched: Product, inFlight: number): Promise<MetricsFigures> {
  const cell = { ...createCells()[0]!, inFlight };
  const measure = async (subject: Product, windowMs = plan.windowMs): Promise<SideFigures> =>
    (await measureCell(cell, { ...plan, bare: subject, product: null, rounds: 1, windowMs })).bare;
  for (const subject of [product, watched]) await measure(subject, 2_000);
  const [without, withIt]: SideFigures[][] = [[], []];
  // Which comes first changes from pair to pair, for a drift of the machine to favour neither.
  for (let pair = 0; pair < pairs; pair++) {
    const turns = [async () => without!.push(await measure(product)), async () => withIt!.push(await measure(watched))];
    for (const turn of pair % 2 === 0 ? turns : turns.reverse()) await turn();
  }
  const ratio = (of: (side: SideFigures) => number): Spread => spreadOf(withIt!.map((side, i) => of(side) / of(without![i]!)));
  return { inFlight, serverCpu: ratio(({ cpuMicros }) => cpuMicros.median), p99: ratio(({ p99Ms }) => p99Ms.median) };
}

export function metricsLines(all: readonly MetricsFigures[]): string[] {
  const share = ({ median, min, max }: Spread): string => [median, min, max].map((value) => value.toFixed(3)).join(' / ');
  return all.map(({ inFlight, serverCpu, p99 }) => `metrics, small JSON, ${inFlight} in flight, with ÷ without (median / least / most): CPU per request ${share(serverCpu)}, p99 ${share(p99)}`);
}
