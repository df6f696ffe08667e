/** A dialog as a box of lines, as small as its words allow. */
import { cellWidth, cellsOf, shortened, wrapped } from './cell-width.ts';
import type { DialogWords } from './dialog-words.ts';
import type { Line } from './line.ts';
import { BLANK, filled, lineOf, lineWidth, span } from './line.ts';

const WIDEST = 66;
/** Border and a space within and without, on both sides. */
const SIDES = 6;

export interface Box {
  readonly lines: readonly Line[];
  readonly width: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * With a border where there is room for it. In too few rows the words go first, what is exact and the keys stay.
 */
export function dialogBox(words: DialogWords, size: Size, unicode: boolean): Box {
  const bordered = size.width >= Math.max(30, cellWidth(words.exact ?? '') + SIDES) && size.height >= 9;
  const inner = Math.min(WIDEST, size.width - (bordered ? SIDES : 0));
  const rows = size.height - (bordered ? 2 : 0);
  const content = contentLines(words, { width: inner, height: rows, unicode });
  if (!bordered) return { lines: content.map((line) => filled(line, size.width)), width: size.width };
  const widest = Math.max(24, ...content.map(lineWidth));
  const edge = (left: string, right: string): Line => lineOf(` ${left}${'─'.repeat(widest + 2)}${right} `, 'strong');
  const lines = content.map((line): Line => [span(' │ ', 'strong'), ...filled(line, widest), span(' │ ', 'strong')]);
  return { lines: [edge('┌', '┐'), ...lines, edge('└', '┘')], width: widest + SIDES };
}

function contentLines(words: DialogWords, { width, height, unicode }: Size & { readonly unicode: boolean }): Line[] {
  const title = lineOf(shortened(words.title, width), 'strong');
  const body = words.body.flatMap((text) => wrapped(text, width).map((line) => lineOf(line)));
  const exact = words.exact === null ? [] : broken(words.exact, width).map((text) => lineOf(text, 'strong'));
  const problem = words.problem === null ? [] : wrapped(`! ${words.problem}`, width).map((text) => lineOf(text, 'problem'));
  const keys = keyLines(words, width, unicode);
  const needed = [...exact, ...problem.slice(0, 2), ...keys];
  const spaced = [title, BLANK, ...body, ...(exact.length > 0 ? [BLANK, ...exact] : []), ...problem, BLANK, ...keys];
  if (spaced.length <= height) return spaced;
  const rest = height - needed.length;
  return [...[title, ...body].slice(0, Math.max(0, rest)), ...needed].slice(0, Math.max(1, height));
}

/** In pieces that fill their rows: a key that is copied by hand must be all there. */
function broken(text: string, width: number): string[] {
  if (cellWidth(text) <= width || width < 1) return [text];
  const lines = [''];
  for (const cell of cellsOf(text)) {
    const last = lines.at(-1) ?? '';
    if (cellWidth(last) + cell.width > width) lines.push(cell.text);
    else lines[lines.length - 1] = last + cell.text;
  }
  return lines;
}

function keyLines({ keys }: DialogWords, width: number, unicode: boolean): Line[] {
  const lines: Line[] = [];
  for (const [key, text] of keys) {
    const item: Line = [span(unicode ? key : key.replace('⏎', 'enter'), 'strong'), span(` ${text}`)];
    const last = lines.at(-1);
    if (last !== undefined && lineWidth(last) + 3 + lineWidth(item) <= width) lines[lines.length - 1] = [...last, span('   '), ...item];
    else lines.push(item);
  }
  return lines;
}
