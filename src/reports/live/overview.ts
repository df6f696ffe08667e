import { micro } from '../../money.ts';
import { TOKEN_CLASSES } from '../../tokens.ts';
import { percentile } from './percentile.ts';
import type { RecentFigures } from './recent-usage.ts';
import { SERIES_CELL_MS, SERIES_CELLS, type LiveOverview, type PerClass } from './snapshot.ts';
import type { Timeline } from './timeline.ts';
import { growth, usageSumsOf, tokensOf, type UsageTotals } from './usage-totals.ts';

const SECONDS = 60;

/** `timesToFirstByte`: milliseconds, sorted. */
export function liveOverview(figures: RecentFigures, timesToFirstByte: readonly number[]): LiveOverview {
  const { timeline, at } = figures;
  const lastMinute = usageSumsOf(growth(timeline.totalsAt(at - SECONDS * 1000), timeline.totalsAt(at)));
  return {
    tokenSeries: tokenSeries(timeline, at),
    tokensPerSecond: perClass((tokenClass) => lastMinute.tokens[tokenClass] / SECONDS),
    chargePerMinute: perClass((tokenClass) => micro(lastMinute.chargeByClass[tokenClass])),
    lastMinute,
    today: usageSumsOf(figures.today.all),
    requestsPerSecond: lastMinute.requests / SECONDS,
    timeToFirstByteP50Ms: percentile(timesToFirstByte, 0.5),
    timeToFirstByteP95Ms: percentile(timesToFirstByte, 0.95),
    unreadWrites: figures.unreadWrites,
  };
}

/**
 * Cells stand at whole multiples of their length, so that what is past stays as it was drawn. Only the last one moves:
 * it shows the five seconds that end now.
 */
function tokenSeries(timeline: Timeline, at: number): PerClass<number[]> {
  const end = (Math.ceil(at / SERIES_CELL_MS) - 1) * SERIES_CELL_MS;
  const edges: UsageTotals[] = Array.from({ length: SERIES_CELLS }, (_, i) => timeline.totalsAt(end - (SERIES_CELLS - 1 - i) * SERIES_CELL_MS));
  const spans = edges.slice(1).map((edge, i) => ({ from: edges[i] as UsageTotals, to: edge }));
  spans.push({ from: timeline.totalsAt(at - SERIES_CELL_MS), to: timeline.totalsAt(at) });
  return perClass((tokenClass) => spans.map(({ from, to }) => Math.max(0, tokensOf(to, tokenClass) - tokensOf(from, tokenClass)) / (SERIES_CELL_MS / 1000)));
}

function perClass<T>(valueOf: (tokenClass: (typeof TOKEN_CLASSES)[number]) => T): PerClass<T> {
  return Object.fromEntries(TOKEN_CLASSES.map((tokenClass) => [tokenClass, valueOf(tokenClass)])) as PerClass<T>;
}
