/** Upstreams: how they do, worst first. */
import { printable } from '../../printable.ts';
import type { LiveSnapshot, LiveUpstream } from '../../reports/live/snapshot.ts';
import { agoText, compactText, countText, durationText, NONE } from '../figures.ts';
import type { Line, Span } from '../line.ts';
import { lineOf, span } from '../line.ts';
import { compareValues } from '../list-model.ts';
import type { Column, ListModel } from '../list-model.ts';
import { countColumn, errorColumn, shareColumn } from './usage-columns.ts';

const WORST_FIRST: readonly LiveUpstream['health'][] = ['down', 'degraded', 'up', 'idle'];
const rank = (upstream: LiveUpstream): number => WORST_FIRST.indexOf(upstream.health);

function healthCell({ health }: LiveUpstream): Span {
  if (health === 'down') return span('● down', 'problem');
  if (health === 'degraded') return span('! degraded', 'warning');
  return health === 'up' ? span('● up') : span('○ idle', 'faint');
}

const latency = (letter: string, title: string, of: (upstream: LiveUpstream) => number | null): Column<LiveUpstream> => ({
  letter,
  title,
  align: 'right',
  cell: (upstream) => durationText(of(upstream)),
  sortsBy: of,
  descendingFirst: true,
  drop: title.endsWith('p50') ? 6 : 4,
  least: 8,
});

function lastErrorText({ lastError }: LiveUpstream, now: number): string {
  return lastError === null ? NONE : `${agoText(now - lastError.at)}, ${printable(lastError.code)}`;
}

export const UPSTREAMS: ListModel<LiveUpstream> = {
  items: (snapshot) => snapshot.upstreams,
  idOf: (upstream) => upstream.name,
  words: (upstream) => [upstream.name, upstream.health, upstream.lastError?.code ?? null, ...upstream.routes],
  byDefault: (a, b) => rank(a) - rank(b) || b.errorShare - a.errorShare || compareValues(a.name, b.name),
  defaultSort: { column: 'h', descending: false },
  columns: [
    { letter: 'u', title: 'upstream', align: 'left', cell: (upstream) => printable(upstream.name), sortsBy: (upstream) => upstream.name, descendingFirst: false, drop: 0, least: 12, shrinksTo: 10 },
    { letter: 'h', title: 'health', align: 'left', cell: healthCell, sortsBy: rank, descendingFirst: false, drop: 1, least: 10 },
    countColumn({ letter: 'q', title: 'req/min', drop: 3, least: 7 }, (upstream) => upstream.requestsPerMinute),
    errorColumn({ letter: 'e', title: 'errors', drop: 2, least: 7 }, (upstream) => upstream.errorShare),
    shareColumn({ letter: 'r', title: 'retried', drop: 7, least: 7 }, (upstream) => upstream.retriedShare),
    latency('5', 'TTFB p50', (upstream) => upstream.timeToFirstByteP50Ms),
    latency('9', 'TTFB p95', (upstream) => upstream.timeToFirstByteP95Ms),
    countColumn({ letter: 'o', title: 'open', drop: 5, least: 5 }, (upstream) => upstream.openRequests),
    {
      letter: 'l',
      title: 'last error',
      align: 'left',
      cell: (upstream, { now }) => lastErrorText(upstream, now),
      sortsBy: (upstream) => upstream.lastError?.at ?? null,
      descendingFirst: true,
      drop: 8,
      least: 12,
      shrinksTo: 24,
    },
    { letter: 's', title: 'routes', align: 'left', cell: (upstream) => upstream.routes.map(printable).join(' '), sortsBy: (upstream) => upstream.routes.join(' '), descendingFirst: false, drop: 9, least: 12, shrinksTo: 12 },
  ],
};

export function upstreamsSummary({ upstreams }: LiveSnapshot): Line[] {
  const sum = (of: (upstream: LiveUpstream) => number): number => upstreams.reduce((total, upstream) => total + of(upstream), 0);
  return [
    lineOf('last 5 min'),
    lineOf(`${compactText(sum((upstream) => upstream.requestsPerMinute))} req/min`),
    lineOf(`${countText(sum((upstream) => upstream.openRequests))} open`),
    lineOf(`${upstreams.filter(({ health }) => health === 'down' || health === 'degraded').length} of ${upstreams.length} not well`),
  ];
}
