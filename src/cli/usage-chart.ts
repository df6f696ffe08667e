/** Usage as horizontal bars, one a row, stacked by what each token class was charged. */
import { formatUsdc } from '../money.ts';
import { printable } from '../printable.ts';
import type { UsageSums } from '../reports/usage-sums.ts';
import { TOKEN_CLASSES, CLASS_WORDS } from '../tokens.ts';
import { cellWidth, padded, paddedLeft, shortened } from '../tui/cell-width.ts';
import type { Style } from '../tui/style.ts';

export interface ChartRow {
  readonly label: string;
  readonly sums: Pick<UsageSums, 'charge' | 'chargeByClass' | 'webSearchCharge'>;
  /** It is not over: the bar may grow. */
  readonly running: boolean;
}

const LABEL_SHARE = 0.4;
const SO_FAR = ' so far';
/** Where bars would have less, `so far` goes: the window above says it too. */
const ROOM_LEAST = 6;

/** Lines that fit into `columns`, a legend last. Bars share one scale: the highest charge takes all the room that there is. */
export function chartLines(rows: readonly ChartRow[], { columns, style }: { columns: number; style: Style }): string[] {
  const amounts = rows.map(({ sums }) => formatUsdc(sums.charge, 2, true));
  const amountWidth = Math.max(0, ...amounts.map((amount) => amount.length));
  const labels = rows.map(({ label }) => style.shown(printable(label)));
  const labelWidth = Math.min(Math.max(0, ...labels.map(cellWidth)), Math.floor(columns * LABEL_SHARE));
  const widest = columns - labelWidth - amountWidth - 4;
  const saysSoFar = rows.some(({ running }) => running) && widest - SO_FAR.length >= ROOM_LEAST;
  const room = Math.max(1, widest - (saysSoFar ? SO_FAR.length : 0));
  const highest = rows.reduce((most, { sums }) => (sums.charge > most ? sums.charge : most), 0n);
  const lines = rows.map(({ sums, running }, i) => {
    const label = padded(style.shown(shortened(labels[i] as string, labelWidth)), labelWidth);
    const amount = `${paddedLeft(amounts[i] as string, amountWidth)}${running && saysSoFar ? SO_FAR : ''}`;
    return `${label}  ${barOf(sums, { cells: cellsFor(sums.charge, highest, room), room, style })}  ${amount}`;
  });
  return [...lines, ...legend(rows, columns, style)];
}

/** What is charged at all is seen: at least one cell. */
function cellsFor(charge: bigint, highest: bigint, room: number): number {
  if (charge <= 0n) return 0;
  return Math.max(1, Number((charge * BigInt(room) * 2n + highest) / (highest * 2n)));
}

interface Bar {
  readonly cells: number;
  readonly room: number;
  readonly style: Style;
}

/** Web searches have no class: what they cost is drawn as a plain line. */
const searchGlyph = (style: Style): string => (style.unicode ? '─' : '-');

function barOf({ chargeByClass, webSearchCharge }: ChartRow['sums'], { cells, room, style }: Bar): string {
  const charges = [...TOKEN_CLASSES.map((tokenClass) => chargeByClass[tokenClass]), webSearchCharge];
  const parts = shares(charges, cells);
  const drawn = parts.map((count, i) => {
    const tokenClass = TOKEN_CLASSES[i];
    return tokenClass === undefined ? searchGlyph(style).repeat(count) : style.paint(style.bar(tokenClass).repeat(count), tokenClass);
  });
  return drawn.join('') + ' '.repeat(Math.max(0, room - cells));
}

/** `cells` split in the proportion of the charges, by largest remainder, so that the parts add up. */
function shares(charges: readonly bigint[], cells: number): number[] {
  const sum = charges.reduce((a, b) => a + b, 0n);
  if (sum <= 0n) return charges.map(() => 0);
  const exact = charges.map((charge) => charge * BigInt(cells));
  const whole = exact.map((part) => Number(part / sum));
  const left = cells - whole.reduce((a, b) => a + b, 0);
  const byRemainder = exact.map((part, i) => ({ i, remainder: part % sum })).toSorted((a, b) => Number(b.remainder > a.remainder) - Number(b.remainder < a.remainder));
  for (const { i } of byRemainder.slice(0, left)) whole[i] = (whole[i] as number) + 1;
  return whole;
}

/** `█ input  ▓ output …`, broken between two classes where it must be. */
function legend(rows: readonly ChartRow[], columns: number, style: Style): string[] {
  const entries = TOKEN_CLASSES.map((tokenClass) => ({ drawn: style.paint(style.bar(tokenClass), tokenClass), word: CLASS_WORDS[tokenClass] }));
  if (rows.some(({ sums }) => sums.webSearchCharge > 0n)) entries.push({ drawn: searchGlyph(style), word: 'web search' });
  const lines: string[] = [];
  let [line, width] = ['', 0];
  for (const { drawn, word } of entries) {
    const longer = width + (width === 0 ? 0 : 2) + 2 + word.length;
    if (width > 0 && longer > columns) {
      lines.push(line);
      [line, width] = [`${drawn} ${word}`, 2 + word.length];
    } else [line, width] = [`${line}${width === 0 ? '' : '  '}${drawn} ${word}`, longer];
  }
  return [...lines, line];
}
