/** Requests: those that hold money now, then those that ended last. */
import { formatRequestId } from '../../ids.ts';
import { printable } from '../../printable.ts';
import type { LiveRequest, LiveSnapshot } from '../../reports/live/snapshot.ts';
import type { TokenClass } from '../../tokens.ts';
import { ageText, chargeText, compactText, countText, durationText, NONE } from '../figures.ts';
import { figure } from '../flow.ts';
import type { Line, Span } from '../line.ts';
import { lineOf, span } from '../line.ts';
import { compareValues } from '../list-model.ts';
import type { Column, ListModel } from '../list-model.ts';
import { CLASS_MARKS } from '../style.ts';

const isOpen = (request: LiveRequest): boolean => request.held !== null;

/** Short, so that all classes have room at 120 columns. `completed` is what matters to who pays: settled. */
const STATE_WORDS: Readonly<Record<string, string>> = { streaming: 'stream', completed: 'settled', upstream_error: 'up error', client_left: 'left', interrupted: 'cut off' };

function stateCell(request: LiveRequest): Span {
  const word = STATE_WORDS[request.state] ?? printable(request.state).replaceAll('_', ' ');
  return span(word, request.failed ? 'problem' : isOpen(request) ? 'plain' : 'faint');
}

/** Ids begin alike: where one is cut, its end stays. */
function idText({ requestId }: LiveRequest, width: number): string {
  const id = formatRequestId(requestId);
  return width === 0 || id.length <= width ? id : `…${id.slice(1 - width)}`;
}

function tokensColumn(tokenClass: TokenClass, drop: number): Column<LiveRequest> {
  return {
    letter: CLASS_MARKS[tokenClass],
    title: CLASS_MARKS[tokenClass],
    titleInk: tokenClass,
    align: 'right',
    cell: ({ tokens }, { compact }) => (tokens === null ? NONE : compact ? compactText(tokens[tokenClass]) : countText(tokens[tokenClass])),
    sortsBy: ({ tokens }) => (tokens === null ? null : tokens[tokenClass]),
    descendingFirst: true,
    drop,
    least: 5,
  };
}

const words = (rest: Pick<Column<LiveRequest>, 'letter' | 'title' | 'drop' | 'least' | 'shrinksTo'>, text: (request: LiveRequest) => string | null): Column<LiveRequest> => ({
  ...rest,
  align: 'left',
  cell: (request) => printable(text(request) ?? NONE),
  sortsBy: text,
  descendingFirst: false,
});

export const REQUEST_COLUMNS: readonly Column<LiveRequest>[] = [
  { letter: 'r', title: 'request', align: 'left', cell: (request, { width }) => idText(request, width), sortsBy: (request) => request.requestId, descendingFirst: true, drop: 5, shrinksTo: 13 },
  { letter: 's', title: 'state', align: 'left', cell: stateCell, sortsBy: (request) => request.state, descendingFirst: false, drop: 0, least: 8, shrinksTo: 8 },
  { letter: 'a', title: 'age', align: 'right', cell: (request) => (isOpen(request) ? ageText : durationText)(request.ageMs), sortsBy: (request) => request.ageMs, descendingFirst: true, drop: 2, least: 5 },
  words({ letter: 'b', title: 'buyer', drop: 1, least: 8, shrinksTo: 7 }, (request) => request.buyerName),
  words({ letter: 'u', title: 'route', drop: 7, least: 11, shrinksTo: 9 }, (request) => request.route),
  words({ letter: 'm', title: 'model', drop: 9, least: 12, shrinksTo: 16 }, (request) => request.model),
  tokensColumn('input', 8),
  tokensColumn('output', 4),
  tokensColumn('cacheWrite5m', 8),
  tokensColumn('cacheWrite1h', 8),
  tokensColumn('cacheRead', 6),
  {
    letter: 'c',
    title: 'charge',
    align: 'right',
    cell: ({ charge, held }) => (charge === null ? NONE : `${held === null ? '' : '~'}${chargeText(charge)}`),
    sortsBy: ({ charge }) => charge,
    descendingFirst: true,
    drop: 0,
    least: 9,
  },
  { letter: 'h', title: 'held', align: 'right', cell: ({ held }) => (held === null ? NONE : chargeText(held)), sortsBy: ({ held }) => held, descendingFirst: true, drop: 3, least: 9 },
];

/** Newest first: ids are ordered by time. Those that run come before those that ended. */
const newestFirst = (a: LiveRequest, b: LiveRequest): number => Number(isOpen(b)) - Number(isOpen(a)) || compareValues(b.requestId, a.requestId);

export const LIVE: ListModel<LiveRequest> = {
  items: ({ requests }) => [...requests.open, ...requests.ended],
  idOf: (request) => formatRequestId(request.requestId),
  words: (request) => [formatRequestId(request.requestId), request.state, request.buyerName, request.route, request.model],
  byDefault: newestFirst,
  defaultSort: null,
  columns: REQUEST_COLUMNS,
};

export function liveSummary({ requests }: LiveSnapshot): Line[] {
  return [
    lineOf(`${countText(requests.openCount)} open`),
    figure('held', chargeText(requests.held)),
    figure('charged so far', `~${chargeText(requests.chargedSoFar)}`),
    lineOf('~ estimated until settled', 'faint'),
  ];
}
