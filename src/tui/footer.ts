/** The last row: the keys that mean something here; or what was done, a filter being typed, columns to choose from. */
import { cellWidth, endFrom, shortened, shortenedAtWord } from './cell-width.ts';
import { footerKeys } from './key-help.ts';
import type { KeyHelp } from './key-help.ts';
import type { Line } from './line.ts';
import { BLANK, lineEnd, lineWidth, span } from './line.ts';
import { columnsOf } from './lists.ts';
import { printable } from '../printable.ts';
import type { Style } from './style.ts';
import type { FrameInput, ViewState } from './view-state.ts';

export function footer({ state, columns }: FrameInput, style: Style): Line {
  if (state.busy) return [span(shortened('working …', columns), 'strong')];
  if (state.notice !== null) return noticeLine(state.notice, columns);
  // A dialog names its own keys.
  if (state.dialog !== null) return BLANK;
  if (state.filtering) return filterLine(state, columns, style);
  if (state.choosingSort) return sortLine(state, columns);
  const { filter } = state.lists[state.view];
  if (state.help !== null || state.detail !== null || filter === '') return keysLine(footerKeys(state), columns, style);
  const kept = [span(`/${shortened(printable(filter), Math.floor(columns / 3))}`, 'strong'), span('  esc', 'strong'), span(' show all  ')];
  return [...kept, ...keysLine(footerKeys(state).filter(({ label }) => label !== 'filter'), columns - lineWidth(kept), style)];
}

function noticeLine(notice: NonNullable<ViewState['notice']>, columns: number): Line {
  const sign = notice.kind === 'done' ? '✓ ' : '! ';
  return [span(shortenedAtWord(sign + printable(notice.text), columns), notice.kind === 'done' ? 'strong' : 'problem')];
}

/** The end of what is typed stays visible. */
function filterLine(state: ViewState, columns: number, style: Style): Line {
  const typed = printable(state.lists[state.view].filter);
  const keys = keysLine(footerKeys(state), Math.max(0, columns - 16), style);
  const room = Math.max(1, columns - lineWidth(keys) - 6);
  const shown = cellWidth(typed) > room ? endFrom(typed, cellWidth(typed) - room) : typed;
  return [span('/ ', 'strong'), span(shown), span('_', 'strong'), span('   '), ...keys];
}

function sortLine(state: ViewState, columns: number): Line {
  const line = [span('sort by', 'strong')];
  for (const { letter, title } of columnsOf(state.view)) {
    const item = [span('  '), span(letter, 'letter'), ...(title === letter ? [] : [span(` ${title}`)])];
    if (lineWidth(line) + lineWidth(item) > columns) return line;
    line.push(...item);
  }
  const leave = [span('  esc', 'strong'), span(' leave')];
  return lineWidth(line) + lineWidth(leave) > columns ? line : [...line, ...leave];
}

const drawn = ({ keys, label }: KeyHelp, style: Style): Line => [span('  '), span(style.unicode ? keys : keys.replace('⏎', 'enter'), 'strong'), span(` ${label ?? ''}`)];

function keysLine(keys: readonly KeyHelp[], columns: number, style: Style): Line {
  let kept = keys;
  const line = (): Line => lineEnd(kept.flatMap((each) => drawn(each, style)), 2);
  while (kept.length > 0 && lineWidth(line()) > columns) {
    const highest = Math.max(...kept.map(({ drop }) => drop));
    const last = kept.findLastIndex(({ drop }) => drop === highest);
    kept = kept.filter((_, index) => index !== last);
  }
  return kept.length === 0 ? BLANK : line();
}
