/**
 * Tables: aligned on a terminal, tab-separated with a header line in a pipe. On a narrow terminal the least important
 * columns go; nothing wraps.
 */
import { stripVTControlCharacters } from 'node:util';
import type { ChalkInstance } from 'chalk';
import Table from 'cli-table3';
import { printable } from '../printable.ts';
import type { TokenClass } from '../tokens.ts';
import { chalkFor, classColour } from './colours.ts';
import type { CliContext, TextSink } from './context.ts';

export interface Column<Row> {
  /** As the terminal's header shows it. */
  readonly title: string;
  /** As the header line of the piped table names it; the title by default. */
  readonly field?: string;
  readonly cell: (row: Row) => string;
  /** What a script gets instead, e.g. all decimals. */
  readonly raw?: (row: Row) => string;
  readonly align?: 'left' | 'right';
  /** Colours the title as the mark of its class. */
  readonly tokenClass?: TokenClass;
  /** Colours the cell as the mark of a class, on a terminal. */
  readonly markOf?: (row: Row) => TokenClass | null;
  /** Columns with higher numbers go first when the terminal is narrow. Default 0: stays. */
  readonly drop?: number;
  /** Names and other words that are cut with `…` where even the last columns do not fit. Never ids or numbers. */
  readonly shrink?: boolean;
}

const BORDER_PARTS = ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'] as const;
const RULE_PARTS = ['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'] as const;
/** No lines; two spaces between columns. */
const NO_LINES = { ...Object.fromEntries([...BORDER_PARTS, ...RULE_PARTS].map((part) => [part, ''])), middle: '  ' };

function titleOf<Row>(column: Column<Row>, text: string, chalk: ChalkInstance): string {
  return column.tokenClass === undefined ? chalk.bold(text) : classColour(chalk, column.tokenClass).bold(text);
}

function cellOf<Row>(column: Column<Row>, row: Row, chalk: ChalkInstance): string {
  const text = printable(column.cell(row));
  const tokenClass = column.markOf?.(row) ?? null;
  return tokenClass === null ? text : classColour(chalk, tokenClass)(text);
}

function aligned<Row>(columns: readonly Column<Row>[], rows: readonly Row[], chalk: ChalkInstance): string {
  const table = new Table({
    head: columns.map((column) => titleOf(column, column.title, chalk)),
    chars: NO_LINES,
    colAligns: columns.map((column) => column.align ?? 'left'),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const row of rows) table.push(columns.map((column) => cellOf(column, row, chalk)));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Characters that take two columns: East Asian wide and full-width ones, and emoji. */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

const lineWidth = (line: string): number => Array.from(line).reduce((sum, character) => sum + (WIDE.test(character) ? 2 : 1), 0);
const widthOf = (text: string): number => Math.max(...stripVTControlCharacters(text).split('\n').map(lineWidth));

const SHRUNK_LEAST = 6;

/** The columns with every cell that may shrink cut to `most` characters. */
function shrunk<Row>(columns: readonly Column<Row>[], most: number): Column<Row>[] {
  const cut = (text: string): string => {
    const characters = Array.from(text);
    return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
  };
  return columns.map((column) => (column.shrink === true ? { ...column, cell: (row) => cut(column.cell(row)) } : column));
}

function fitted<Row>(columns: readonly Column<Row>[], rows: readonly Row[], sink: TextSink, chalk: ChalkInstance): string {
  let kept = columns;
  for (;;) {
    const text = aligned(kept, rows, chalk);
    const least = Math.max(...kept.map((column) => column.drop ?? 0));
    if (widthOf(text) <= sink.columns) return text;
    if (least === 0) break;
    kept = kept.filter((column) => (column.drop ?? 0) !== least);
  }
  for (let most = 32; most > SHRUNK_LEAST; most -= 2) {
    const text = aligned(shrunk(kept, most), rows, chalk);
    if (widthOf(text) <= sink.columns) return text;
  }
  return aligned(shrunk(kept, SHRUNK_LEAST), rows, chalk);
}

function tabSeparated<Row>(columns: readonly Column<Row>[], rows: readonly Row[], chalk: ChalkInstance): string {
  const head = columns.map((column) => {
    const name = column.field ?? column.title;
    return column.tokenClass === undefined ? name : classColour(chalk, column.tokenClass)(name);
  });
  const lines = rows.map((row) => columns.map((column) => printable((column.raw ?? column.cell)(row))).join('\t'));
  return [head.join('\t'), ...lines].join('\n');
}

/** Prints the table to stdout. An empty one has its header in a pipe and nothing on a terminal. */
export function printTable<Row>(ctx: CliContext, columns: readonly Column<Row>[], rows: readonly Row[]): void {
  const chalk = chalkFor(ctx.env, ctx.stdout);
  if (!ctx.stdout.isTTY) ctx.stdout.write(`${tabSeparated(columns, rows, chalk)}\n`);
  else if (rows.length > 0) ctx.stdout.write(`${fitted(columns, rows, ctx.stdout, chalk)}\n`);
}
