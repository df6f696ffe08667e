/** What a list says that has no rows, and what to do about it. */
import { printable } from '../printable.ts';
import type { LiveSnapshot } from '../reports/live/snapshot.ts';
import type { Line } from './line.ts';
import { BLANK, lineOf } from './line.ts';
import { wrapped } from './cell-width.ts';
import type { Screen } from './screen.ts';
import type { View } from './view-state.ts';

export function emptyWords({ snapshot, state, width }: Screen): Line[] {
  if (snapshot === null) return [lineOf('  —', 'faint')];
  const { filter } = state.lists[state.view];
  const lines =
    filter !== ''
      ? [`Nothing here has “${printable(filter)}” in it. Esc shows all.`]
      : state.view === 'live' && state.errorsOnly
        ? ['None of these requests failed. e shows all.']
        : wordsOf(state.view, snapshot);
  return [BLANK, ...lines.flatMap((text) => wrapped(`  ${text}`, width - 1).map((line) => lineOf(line)))];
}

function wordsOf(view: View, snapshot: LiveSnapshot): string[] {
  switch (view) {
    case 'overview':
    case 'buyers':
      return ['No buyers yet.', '  ainogap buyer create acme'];
    case 'keys':
      return ['No keys yet.', `  ainogap key create ${snapshot.buyers[0] === undefined ? 'acme' : 'BUYER'}`];
    case 'routes':
      return ['No routes yet.', '  ainogap route create claude-fast --upstream NAME'];
    case 'upstreams':
      return ['No upstreams are known: no requests came in the last five minutes, and no route leads to one.'];
    case 'live':
      return ['No requests yet. A key works with this command:', ...curl(snapshot)];
  }
}

function curl({ origin, routes }: LiveSnapshot): string[] {
  const [route] = routes;
  const alias = printable(route?.alias ?? 'ROUTE');
  return [
    `  curl ${printable(origin)}/${alias}/v1/messages \\`,
    `    -H "x-api-key: $KEY" -H 'anthropic-version: 2023-06-01' \\`,
    `    -H 'content-type: application/json' \\`,
    `    -d '{"model":"${printable(route?.model ?? 'claude-sonnet-5-5')}","max_tokens":100,`,
    `         "messages":[{"role":"user","content":"Hello!"}]}'`,
  ];
}
