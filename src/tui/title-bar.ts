/** The first row: where one is, whether the figures live, and of when they are. */
import { clockText } from './figures.ts';
import type { Line, Span } from './line.ts';
import { filled, lineWidth, span } from './line.ts';
import type { FrameInput } from './view-state.ts';
import { VIEWS } from './view-state.ts';
import type { View } from './view-state.ts';

const NAMES: Readonly<Record<View, readonly [full: string, short: string]>> = {
  overview: ['Overview', 'Over'],
  buyers: ['Buyers', 'Buyers'],
  routes: ['Routes', 'Routes'],
  keys: ['Keys', 'Keys'],
  live: ['Live', 'Live'],
  upstreams: ['Upstreams', 'Up'],
};

type Tabs = 'full' | 'short' | 'numbers' | 'current' | 'none';

/** Tabs beside a status, from the widest to the narrowest. */
const PAIRS: readonly (readonly [tabs: Tabs, status: number])[] = [
  ['full', 0],
  ['short', 0],
  ['short', 1],
  ['numbers', 1],
  ['numbers', 2],
  ['current', 1],
  ['current', 2],
  ['current', 3],
  ['none', 3],
];

export function titleBar(input: FrameInput): Line {
  const wide = statuses(input);
  for (const [how, index] of PAIRS) {
    const tabs = tabsOf(input, how);
    const status = wide[Math.min(index, wide.length - 1)] ?? [];
    if (lineWidth(tabs) + lineWidth(status) < input.columns) return [...filled(tabs, input.columns - lineWidth(status)), ...status];
  }
  return [];
}

function tabsOf({ state }: FrameInput, how: Tabs): Span[] {
  if (how === 'none') return [];
  const tabs = how === 'full' || how === 'short' ? [span('ainogap ', 'strong')] : [];
  VIEWS.forEach((view, index) => {
    const [full, short] = NAMES[view];
    const name = how === 'full' ? full : short;
    if (view === state.view) tabs.push(span(`[${index + 1} ${name}]`, 'strong'));
    else if (how !== 'current') tabs.push(span(how === 'numbers' ? ` ${index + 1} ` : ` ${index + 1} ${name} `));
  });
  return tabs;
}

/** From the fullest to the shortest. */
function statuses({ snapshot, state }: FrameInput): Line[] {
  const seconds = `${state.intervalMs / 1000}s`;
  if (state.problem !== null) {
    const since = clockText(state.problem.since);
    return [`! stale, figures as of ${since} UTC`, `! stale ${since} UTC`, `! ${since}`, '!'].map((text) => [span(text, 'problem')]);
  }
  const full = snapshot === null ? '—' : `${clockText(snapshot.at)} UTC`;
  const short = snapshot === null ? '—' : `${clockText(snapshot.at).slice(0, 5)} UTC`;
  if (state.paused) return [[span('paused', 'warning'), span(`  ${full}`)], [span('paused', 'warning'), span(` ${short}`)], [span('paused', 'warning')]];
  const dot = span('●', 'cacheRead');
  return [[dot, span(` live ${seconds}  ${full}`)], [dot, span(` ${seconds} ${short}`)], [dot, span(` ${short}`)], [dot]];
}
