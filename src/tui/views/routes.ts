/** Routes and the models asked for through them: the last hour, and what today charged. */
import type { CardVersion } from '../../ids.ts';
import { formatCardVersion } from '../../ids.ts';
import { tagged } from '../cell-width.ts';
import { printable } from '../../printable.ts';
import type { LiveRoute, LiveSnapshot } from '../../reports/live/snapshot.ts';
import { marginOf, marginShare } from '../../reports/usage-json.ts';
import { addUsage, NO_USAGE } from '../../reports/usage-sums.ts';
import { balanceText, errorShareOf, NONE, shareText } from '../figures.ts';
import { figure } from '../flow.ts';
import type { Line } from '../line.ts';
import { lineOf, span } from '../line.ts';
import { compareValues } from '../list-model.ts';
import type { Column, ListModel } from '../list-model.ts';
import { classColumns, countColumn, errorColumn, hitColumn, marginColumn, moneyColumn } from './usage-columns.ts';

/** The alias and the model, as the cursor remembers a row. */
export const routeItemId = (route: LiveRoute): string => `${route.alias} ${route.model ?? ''}`;

const words = (rest: Pick<Column<LiveRoute>, 'letter' | 'title' | 'drop' | 'least' | 'shrinksTo'>, text: (route: LiveRoute) => string | null): Column<LiveRoute> => ({
  ...rest,
  align: 'left',
  cell: (route) => printable(text(route) ?? NONE),
  sortsBy: text,
  descendingFirst: false,
});

const alias: Column<LiveRoute> = {
  ...words({ letter: 'r', title: 'route', drop: 0, least: 12, shrinksTo: 11 }, (route) => route.alias),
  cell: (route, { width }) => (route.deleted ? span(tagged(printable(route.alias), 'deleted', width), 'faint') : printable(route.alias)),
};
const model = words({ letter: 'm', title: 'model', drop: 2, least: 12, shrinksTo: 16 }, (route) => route.model);
const upstream = words({ letter: 'u', title: 'upstream', drop: 10, least: 8, shrinksTo: 8 }, (route) => route.upstream);
const card: Column<LiveRoute> = { ...words({ letter: 'p', title: 'card', drop: 11 }, (route) => formatCardVersion(route.cardVersion as CardVersion)), sortsBy: (route) => route.cardVersion };

export const ROUTES: ListModel<LiveRoute> = {
  items: (snapshot) => snapshot.routes,
  idOf: routeItemId,
  words: (route) => [route.alias, route.model, route.upstream, route.deleted ? 'deleted' : null],
  byDefault: (a, b) => compareValues(a.alias, b.alias) || compareValues(a.model, b.model),
  defaultSort: { column: 'r', descending: false },
  columns: [
    alias,
    model,
    upstream,
    card,
    countColumn({ letter: 'q', title: 'req/h', drop: 5, least: 5 }, (route) => route.lastHour.requests),
    errorColumn({ letter: 'e', title: 'errors', drop: 4, least: 6 }, (route) => errorShareOf(route.lastHour)),
    ...classColumns<LiveRoute>((route) => route.lastHour, 6),
    hitColumn({ letter: 'h', title: 'hits', drop: 9, least: 6 }, (route) => route.lastHour),
    moneyColumn({ letter: 's', title: 'saved/h', drop: 8, least: 8 }, (route) => route.lastHour.cacheSaved),
    moneyColumn({ letter: 'c', title: 'charge/h', drop: 1, least: 8 }, (route) => route.lastHour.charge),
    marginColumn({ letter: 'g', title: 'margin', drop: 3, least: 6 }, (route) => route.lastHour),
    moneyColumn({ letter: 't', title: 'today', drop: 8, least: 9 }, (route) => route.today.charge),
  ],
};

export function routesSummary({ routes }: LiveSnapshot): Line[] {
  const hour = routes.reduce((sums, route) => addUsage(sums, route.lastHour), NO_USAGE);
  const margin = marginOf(hour);
  return [
    lineOf('last 60 min'),
    figure('charge', balanceText(hour.charge)),
    figure('list', balanceText(hour.listCost)),
    figure('margin', span(`${balanceText(margin)} (${shareText(marginShare(hour))})`, margin < 0n ? 'warning' : 'plain')),
    figure('errors', shareText(errorShareOf(hour))),
    figure('caching saved', balanceText(hour.cacheSaved)),
  ];
}
