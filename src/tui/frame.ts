/** One frame of the live view: values in, rows of text out. No clock, no database, no terminal. */
import { shortenedAtWord } from './cell-width.ts';
import { dialogBox } from './dialog-box.ts';
import { dialogWords } from './dialog-words.ts';
import { clockText } from './figures.ts';
import { footer } from './footer.ts';
import { drawHelp, helpScrollMost } from './help-screen.ts';
import type { Line } from './line.ts';
import { BLANK, filled, inked, lineEnd, lineOf, lineStart, lineText, lineWidth, span } from './line.ts';
import { drawListView } from './list-screen.ts';
import { printable } from '../printable.ts';
import type { Screen } from './screen.ts';
import { createStyle } from './style.ts';
import type { Style } from './style.ts';
import { titleBar } from './title-bar.ts';
import type { FrameInput } from './view-state.ts';
import { drawBuyerDetail } from './views/buyer-detail.ts';
import { drawOverview } from './views/overview.ts';
import { drawRequestDetail, requestScrollMost } from './views/request-detail.ts';

/** Lines are as many in every style. */
const PLAIN = createStyle({ colourLevel: 0, unicode: true });

/** Below this the rule under the title gives its row to the figures, unless it has something to say. */
const RULE_FROM_ROWS = 9;

/** Exactly `rows` strings of exactly `columns` terminal cells, for a terminal of any size. */
export function renderFrame(input: FrameInput, style: Style): string[] {
  const { columns, rows } = input;
  const top = [titleBar(input), ...ruleLines(input)];
  const body = drawBody(screenOf(input, style));
  const lines = [...top, ...body.slice(0, bodyRows(input))];
  while (lines.length < rows - 1) lines.push(BLANK);
  const all = [...lines.slice(0, Math.max(0, rows - 1)), footer(input, style)].slice(0, rows);
  return withDialog(input, all, style).map((line) => lineText(filled(line, columns), style));
}

/** Rows between title and footer. */
export const bodyRows = (input: FrameInput): number => Math.max(0, input.rows - 2 - ruleLines(input).length);

const screenOf = (input: FrameInput, style: Style): Screen => ({ snapshot: input.snapshot, state: input.state, width: input.columns, height: bodyRows(input), style });

/** How far the detail or the help that is open can be scrolled in this size; 0 where nothing scrolls. */
export function scrollMost(input: FrameInput): number {
  const screen = screenOf(input, PLAIN);
  if (input.state.help !== null) return helpScrollMost(screen);
  return input.state.detail?.kind === 'request' ? requestScrollMost(input.state.detail, screen) : 0;
}

function drawBody(screen: Screen): Line[] {
  const { help, detail, view } = screen.state;
  if (help !== null) return drawHelp(screen);
  if (detail !== null) return detail.kind === 'buyer' ? drawBuyerDetail(screen, detail) : drawRequestDetail(screen, detail);
  return view === 'overview' ? drawOverview(screen) : drawListView({ ...screen, view });
}

/** The rule under the title, which says why figures stand still. */
function ruleLines(input: FrameInput): Line[] {
  const { columns, rows } = input;
  const words = troubleWords(input);
  if (words === null) return rows < RULE_FROM_ROWS ? [] : [lineOf('─'.repeat(columns), 'faint')];
  const text = shortenedAtWord(`! ${words} `, columns);
  return [[span(text, input.state.problem === null ? 'warning' : 'problem'), span('─'.repeat(Math.max(0, columns - lineWidth(lineOf(text)))), 'faint')]];
}

function troubleWords({ snapshot, state }: FrameInput): string | null {
  if (state.problem !== null) return `Live updates paused. Figures as of ${clockText(state.problem.since)} UTC. Retrying: ${printable(state.problem.message)}`;
  return snapshot?.serving === 0 ? 'Not serving: no `ainogap serve` runs on this database.' : null;
}

/** In the middle of the frame, above the last row. */
function withDialog(input: FrameInput, lines: readonly Line[], style: Style): Line[] {
  const { state, snapshot, columns, rows } = input;
  if (state.dialog === null) return [...lines];
  const box = dialogBox(dialogWords(state.dialog, snapshot), { width: columns, height: rows - (rows > 6 ? 2 : 0) }, style.unicode);
  const left = Math.max(0, Math.floor((columns - box.width) / 2));
  const top = Math.max(0, Math.floor((rows - box.lines.length) / 2));
  return lines.map((line, index) => {
    const inBox = box.lines[index - top];
    const under = inked(filled(line, columns), 'faint');
    return inBox === undefined ? under : [...filled(lineStart(under, left), left), ...filled(inBox, box.width), ...lineEnd(under, left + box.width)];
  });
}
