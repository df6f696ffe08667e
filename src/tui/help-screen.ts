/** The help: every key with its meaning, by where it has it; what is typed searches it. */
import { padded, wrapped } from './cell-width.ts';
import { CONTEXT_TITLES, contextsOf, KEY_HELP } from './key-help.ts';
import type { KeyContext, KeyHelp } from './key-help.ts';
import type { Line } from './line.ts';
import { BLANK, lineOf, span } from './line.ts';
import { printable } from '../printable.ts';
import type { Screen } from './screen.ts';
import type { Style } from './style.ts';
import type { ViewState } from './view-state.ts';

const KEYS_WIDTH = 11;
/** The line that is typed into, and a blank row. */
const AROUND = 2;

export function helpScrollMost(screen: Screen): number {
  return Math.max(0, helpLines(screen).length - Math.max(1, screen.height - AROUND));
}

export function drawHelp(screen: Screen): Line[] {
  const { query, scroll } = screen.state.help ?? { query: '', scroll: 0 };
  const top = Math.min(Math.max(0, scroll), helpScrollMost(screen));
  const typed = query === '' ? span('type to search', 'faint') : span(printable(query));
  const title: Line = [span('  Help  ', 'strong'), typed, span('_', 'strong')];
  return [title, BLANK, ...helpLines(screen).slice(top, top + Math.max(1, screen.height - AROUND))];
}

/** What the keys mean where one is comes first. */
function helpLines({ state, width, style }: Screen): Line[] {
  const query = state.help?.query.trim().toLowerCase() ?? '';
  const found = KEY_HELP.filter((row) => `${row.keys} ${row.label ?? ''} ${row.meaning} ${CONTEXT_TITLES[row.context]}`.toLowerCase().includes(query));
  const groups = orderOf(state).map((context) => ({ context, rows: found.filter((row) => row.context === context) }));
  const lines = groups.filter(({ rows }) => rows.length > 0).flatMap(({ context, rows }) => [lineOf(`  ${CONTEXT_TITLES[context]}`, 'strong'), ...rows.flatMap((row) => keyLines(row, width, style)), BLANK]);
  return lines.length > 0 ? lines : [lineOf('  No key does that.')];
}

function orderOf(state: ViewState): KeyContext[] {
  const here = contextsOf({ ...state, help: null, dialog: null });
  const all = Object.keys(CONTEXT_TITLES) as KeyContext[];
  return [...here, ...all.filter((context) => !here.includes(context))];
}

function keyLines({ keys, meaning }: KeyHelp, width: number, style: Style): Line[] {
  const shown = style.unicode ? keys : keys.replace('⏎', 'enter');
  const lines = wrapped(meaning, Math.max(8, width - KEYS_WIDTH - 5));
  return lines.map((text, index) => [span(`    ${padded(index === 0 ? shown : '', KEYS_WIDTH)}`, 'strong'), span(text)]);
}
