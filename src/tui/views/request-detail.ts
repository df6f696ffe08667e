/** One request: its receipt, its story or its JSON, as lines to scroll through. */
import { formatRequestId } from '../../ids.ts';
import { cellWidth, shortenedAtWord, wrapped } from '../cell-width.ts';
import { ageText, chargeText, countText, NONE } from '../figures.ts';
import { figure, flowLines } from '../flow.ts';
import type { Line } from '../line.ts';
import { BLANK, lineOf, span } from '../line.ts';
import { printable } from '../../printable.ts';
import type { LiveRequest } from '../../reports/live/snapshot.ts';
import type { Screen } from '../screen.ts';
import { CLASS_MARKS } from '../style.ts';
import { TOKEN_CLASSES } from '../../tokens.ts';
import type { Detail } from '../view-state.ts';

type RequestDetail = Extract<Detail, { kind: 'request' }>;

const TITLES: Readonly<Record<RequestDetail['shows'], string>> = { receipt: 'Receipt', explain: 'Story', json: 'JSON' };
/** Its title and a blank row. */
const AROUND = 2;

/** How many lines the document has in this width, and how far it can be scrolled. */
export function requestScrollMost(detail: RequestDetail, size: { readonly width: number; readonly height: number }): number {
  return Math.max(0, documentLines(detail, size.width).length - Math.max(1, size.height - AROUND));
}

export function drawRequestDetail(screen: Screen, detail: RequestDetail): Line[] {
  const { width, height } = screen;
  const id = formatRequestId(detail.requestId);
  if (detail.content === null || detail.content[detail.shows].length === 0) return [lineOf(`  Request ${id}`, 'strong'), BLANK, ...openLines(screen, detail)];
  const lines = documentLines(detail, width);
  const room = Math.max(1, height - AROUND);
  const top = Math.min(Math.max(0, detail.scroll), requestScrollMost(detail, { width, height }));
  const title = `  ${TITLES[detail.shows]} ${id}`;
  const position = positionOf({ top, bottom: Math.min(lines.length, top + room), of: lines.length }, width - cellWidth(title));
  return [[span(title, 'strong'), span(position, 'faint')], BLANK, ...lines.slice(top, top + room).map(detail.shows === 'receipt' ? receiptLine : classLine)];
}

/** In words, in figures, or not at all, as there is room. */
function positionOf({ top, bottom, of }: { readonly top: number; readonly bottom: number; readonly of: number }, room: number): string {
  if (top === 0 && bottom === of) return '';
  return [`   lines ${top + 1} to ${bottom} of ${of}`, `  ${bottom}/${of}`].find((text) => cellWidth(text) < room) ?? '';
}

/** Laid out for the width already. What is wider still: figures go to the next line, prose is wrapped, JSON ends after a word. */
function documentLines(detail: RequestDetail, width: number): string[] {
  const lines = (detail.content?.[detail.shows] ?? []).map((line) => `  ${printable(line)}`);
  return lines.flatMap((line) => {
    if (cellWidth(line) < width) return [line];
    if (detail.shows === 'json') return [shortenedAtWord(line, width - 1)];
    return detail.shows === 'explain' ? wrapped(line, width - 1) : folded(line, width - 1);
  });
}

/** Three blanks divide the figures of a line. */
function folded(line: string, width: number): string[] {
  const lines: string[] = [];
  for (const figures of line.trim().split(/ {3,}/)) {
    const last = lines.at(-1);
    if (last !== undefined && cellWidth(`${last}   ${figures}`) <= width) lines[lines.length - 1] = `${last}   ${figures}`;
    else lines.push(...wrapped(`  ${figures}`, width));
  }
  return lines;
}

const CLASS_LINE = /^( *)([IO5HR]) (?=(?:input|output|cache|write|read)\b)/;

/** The head of the figures and the rule stand back, what they come to stands out. */
function receiptLine(text: string): Line {
  if (/^ *(?:─+|class {2,}.*)$/.test(text)) return lineOf(text, 'faint');
  return /^ *charge {2,}/.test(text) ? lineOf(text, 'strong') : classLine(text);
}

/** The mark of a class has its colour. */
function classLine(text: string): Line {
  const match = CLASS_LINE.exec(text);
  const tokenClass = TOKEN_CLASSES.find((each) => CLASS_MARKS[each] === match?.[2]);
  if (match === null || tokenClass === undefined) return lineOf(text);
  const indent = match[1]?.length ?? 0;
  return [span(text.slice(0, indent)), span(text.slice(indent, indent + 1), tokenClass), span(text.slice(indent + 1))];
}

/** What is known of one that still runs. */
function openLines({ snapshot, width }: Screen, detail: RequestDetail): Line[] {
  const open = snapshot?.requests.open.find(({ requestId }) => requestId === detail.requestId);
  if (open === undefined) return wrapped('  Its record is not there yet: it is being read, or the request still runs.', width - 1).map((line) => lineOf(line));
  const lines = wrapped('  It still runs; the receipt comes when it is settled.', width - 1).map((line) => lineOf(line));
  return [...lines, BLANK, ...flowLines(openFigures(open), width), ...flowLines(openTokens(open), width)];
}

const openFigures = (open: LiveRequest): Line[] => [
  figure('state', printable(open.state)),
  figure('age', ageText(open.ageMs)),
  figure('held', open.held === null ? NONE : chargeText(open.held)),
  figure('charged so far', open.charge === null ? NONE : `~${chargeText(open.charge)}`),
];

const openTokens = (open: LiveRequest): Line[] =>
  TOKEN_CLASSES.map((tokenClass) => [span(`${CLASS_MARKS[tokenClass]} `, tokenClass), span(open.tokens === null ? NONE : countText(open.tokens[tokenClass]))]);
