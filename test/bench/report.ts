/** The bench's output: one table of at most sixty lines, each target beside its figure. */
import { EVENT_COUNT } from './canned-responses.ts';
import { handoverLines, type HandoverFigures } from './handover.ts';
import type { IdleFigures } from './idle-streams.ts';
import type { LedgerFigures } from './ledger.ts';
import { consoleLines, type ConsoleFigures } from './console.ts';
import type { CellFigures, SideFigures } from './paired-rounds.ts';
import type { Verification } from './product.ts';
import { reportsLines, type ReportsFigures } from './reports.ts';
import type { RollupFigures } from './rollups.ts';
import type { Spread } from './spread.ts';
import { metricsLines, type MetricsFigures } from './metrics.ts';
import { topLines, type TopFigures } from './top.ts';

export interface BenchFigures {
  readonly cells: readonly CellFigures[];
  /** Hold and settle, both durable, without HTTP; empty when it was not asked for. */
  readonly ledger: readonly LedgerFigures[];
  /** The same with usage summed and without; empty when it was not asked for. */
  readonly rollups: readonly RollupFigures[];
  /** Null when it was not asked for. */
  readonly reports: ReportsFigures | null;
  readonly idle: { readonly bare: IdleFigures; readonly product: IdleFigures | null } | null;
  /** What watching costs; null when it was not asked for. */
  readonly top: TopFigures | null;
  /** What open pages cost; empty when it was not asked for. */
  readonly console: readonly ConsoleFigures[];
  readonly metrics: readonly MetricsFigures[];
  /** What clients see of a hand-over and of a restart; null when it was not asked for. */
  readonly handover: HandoverFigures | null;
  /** `ainogap verify` on the product's database; null when the product did not run. */
  readonly verify: Verification | null;
  readonly machine: readonly string[];
  readonly rounds: number;
  readonly windowMs: number;
}

const verdict = (met: boolean): string => (met ? 'pass' : 'MISS');
const right = (text: string, width: number): string => text.padStart(width);

function digits(value: number): string {
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
}

const range = (spread: Spread): string => `${digits(spread.median)} [${digits(spread.min)}–${digits(spread.max)}]`;

export function reportLines(figures: BenchFigures): string[] {
  return [
    `Paired rounds: bare, product, bare, …; ${figures.rounds} of ${figures.windowMs} ms each. Medians, [least–most] of the paired figures.`,
    'bare = node:http + undici dispatch, nothing else. CPU: all threads. Latency: to the end of a JSON response, to the first byte of a stream.',
    '',
    'request             in flight  CPU µs/request  ratio             target      p50 ms        p99 ms        added p99',
    '                               bare   product                                bare  product bare  product',
    ...figures.cells.map(cellLine),
    '',
    ...busyLines(figures.cells),
    ...latencyLines(figures),
    ...ledgerLines(figures.ledger),
    ...rollupLines(figures.rollups),
    ...reportsLines(figures.reports),
    ...idleLines(figures.idle),
    ...topLines(figures.top),
    ...consoleLines(figures.console),
    ...metricsLines(figures.metrics),
    ...handoverLines(figures.handover),
    ...(figures.verify === null ? [] : [`ainogap verify after all this: ${figures.verify.passed ? 'passed' : 'FAILED'} (${figures.verify.lastLine})`]),
    '',
    ...figures.machine,
  ];
}

function cellLine({ cell, bare, product, cpuRatio, addedP99Ms }: CellFigures): string {
  const pair = (figure: keyof SideFigures, width: number) =>
    `${right(digits(bare[figure].median), width)} ${right(product ? digits(product[figure].median) : '—', width + 2)}`;
  const target = cell.cpuRatioMax;
  const judged = target === null || !cpuRatio ? '' : `≤ ${target} ${verdict(cpuRatio.median <= target)}`;
  return [
    cell.name.padEnd(19),
    right(String(cell.inFlight), 9),
    ` ${pair('cpuMicros', 5)} `,
    (cpuRatio ? range(cpuRatio) : '—').padEnd(17),
    judged.padEnd(11),
    pair('p50Ms', 5),
    pair('p99Ms', 5),
    ` ${addedP99Ms ? range(addedP99Ms) : '—'}`,
  ].join(' ');
}

/** A proxy that finds several events in one read has less to do than one that finds them singly: no fair pair. */
function busyLines(cells: readonly CellFigures[]): string[] {
  return cells.flatMap(({ cell, bare, product }) => {
    if (cell.tickMs === 0 || !product || product.reads.median > 0.9 * EVENT_COUNT) return [];
    const reads = `${digits(bare.reads.median)} reads (bare) and ${digits(product.reads.median)} (product) for ${EVENT_COUNT} events`;
    return [`Machine too busy for ${cell.name}, ${cell.inFlight} in flight: ${reads}; the ratio flatters the slower side.`];
  });
}

function latencyLines({ cells, ledger }: BenchFigures): string[] {
  // From a call at the same load to its answer: one group commit, with the wait for it to begin.
  const commitP99Ms = ledger.find(({ inFlight }) => inFlight === 64)?.p99Ms;
  return cells.flatMap(({ cell, addedP99Ms }) => {
    if (!cell.latencyTarget || !addedP99Ms || commitP99Ms === undefined) return [];
    const most = 3 * commitP99Ms;
    const met = addedP99Ms.median <= most;
    return [
      `Added p99, ${cell.name}, ${cell.inFlight} in flight: ${digits(addedP99Ms.median)} ms; ≤ 3 × one group commit's p99 (${digits(commitP99Ms)} ms) = ${digits(most)} ms ${verdict(met)}`,
    ];
  });
}

function ledgerLines(ledger: readonly LedgerFigures[]): string[] {
  return ledger.map(({ inFlight, pairsPerSecond, cpuMicrosPerPair, p50Ms, p99Ms, ratio }) => {
    const judged = inFlight === 256 ? `; ≥ 0.6 ${verdict(ratio >= 0.6)}` : '';
    const cost = `${digits(cpuMicrosPerPair)} µs CPU a pair, answered in ${digits(p50Ms)} ms (p99 ${digits(p99Ms)})`;
    return `Durable hold+settle, ${inFlight} in flight: ${pairsPerSecond.toFixed(0)} pairs/s, ${cost}, ${digits(ratio)} of a bare SQLite loop${judged}`;
  });
}

function rollupLines(rollups: readonly RollupFigures[]): string[] {
  return rollups.map(({ inFlight, withSums, without, ratio, cpuRatio }) => {
    const rates = `${withSums.median.toFixed(0)} / ${without.median.toFixed(0)} pairs/s`;
    return `Settle throughput with rollups / without, 200 keys, 4 routes, ${inFlight} in flight: ${rates} = ${range(ratio)}; ≥ 0.85 ${verdict(ratio.median >= 0.85)} (CPU a pair × ${digits(cpuRatio.median)})`;
  });
}

function idleLines(idle: BenchFigures['idle']): string[] {
  if (!idle) return [];
  const kilobytes = (figures: IdleFigures) => figures.bytesPerStream / 1000;
  const { bare, product } = idle;
  if (!product) return [`Memory per idle stream, ${bare.streams} open: bare ${digits(kilobytes(bare))} kB`];
  const judged = `< 45 kB ${verdict(kilobytes(product) < 45)}`;
  return [`Memory per idle stream, ${product.streams} open: ${digits(kilobytes(product))} kB (bare ${digits(kilobytes(bare))} kB); ${judged}`];
}
