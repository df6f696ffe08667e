/** A row of the screen before it is a string: stretches of text, each with its look. */
import { cellWidth, endFrom, startOf } from './cell-width.ts';
import type { Ink, Style } from './style.ts';

export interface Span {
  readonly text: string;
  readonly ink: Ink;
}
export type Line = readonly Span[];

export const span = (text: string, ink: Ink = 'plain'): Span => ({ text, ink });
export const lineOf = (text: string, ink: Ink = 'plain'): Line => [span(text, ink)];
export const BLANK: Line = [];

export const lineWidth = (line: Line): number => line.reduce((sum, { text }) => sum + cellWidth(text), 0);

/** The first `width` cells. */
export function lineStart(line: Line, width: number): Line {
  const kept: Span[] = [];
  let left = width;
  for (const { text, ink } of line) {
    const start = startOf(text, left);
    if (start !== '') kept.push({ text: start, ink });
    left -= cellWidth(text);
    if (left <= 0) break;
  }
  return kept;
}

/** What is left without the first `width` cells. */
export function lineEnd(line: Line, width: number): Line {
  const kept: Span[] = [];
  let left = width;
  for (const { text, ink } of line) {
    const cells = cellWidth(text);
    const end = left <= 0 ? text : endFrom(text, left);
    if (end !== '') kept.push({ text: end, ink });
    left -= cells;
  }
  return kept;
}

/** Exactly `width` cells: cut, or filled with spaces. */
export function filled(line: Line, width: number): Line {
  const start = lineWidth(line) > width ? lineStart(line, width) : line;
  const missing = width - lineWidth(start);
  return missing > 0 ? [...start, span(' '.repeat(missing))] : start;
}

/** What has no look of its own gets one. */
export const inked = (line: Line, ink: Ink): Line => line.map((each) => (each.ink === 'plain' ? { ...each, ink } : each));

/** Neighbours of one look share their codes. */
export function lineText(line: Line, style: Style): string {
  const merged: Span[] = [];
  for (const each of line) {
    const last = merged.at(-1);
    if (last?.ink === each.ink) merged[merged.length - 1] = { text: last.text + each.text, ink: each.ink };
    else merged.push(each);
  }
  return merged.map(({ text, ink }) => style.paint(style.shown(text), ink)).join('');
}
