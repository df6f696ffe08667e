/** The five classes and their sum: rates, what they charge, how it went. */
import type { LiveOverview } from '../../reports/live/snapshot.ts';
import { SERIES_CELL_MS, SERIES_CELLS } from '../../reports/live/snapshot.ts';
import { TOKEN_CLASSES } from '../../tokens.ts';
import type { TokenClass } from '../../tokens.ts';
import { balanceText, compactText, countText, NONE, partOf, rateText, shareText } from '../figures.ts';
import type { Line, Span } from '../line.ts';
import { inked, span } from '../line.ts';
import type { Column } from '../list-model.ts';
import { COMPACT_BELOW } from '../screen.ts';
import type { Screen } from '../screen.ts';
import { sparkCells, sparkLine } from '../spark-line.ts';
import { CLASS_MARKS, CLASS_NAMES } from '../style.ts';
import { drawTable } from '../table.ts';

/** A class, web searches where they cost anything, or the sum. */
type Row = TokenClass | 'webSearch' | 'total';

const isClass = (row: Row): row is TokenClass => row !== 'webSearch' && row !== 'total';

/** From here there is room for how much of the charge is whose. */
const SHARES_FROM = 140;
const SPARK_LEAST = 20;

/** Header, one row per class, web searches where there are any, the sum. */
export function classTable({ snapshot, width, style }: Screen): Line[] {
  const overview = snapshot?.overview ?? null;
  const searches = (overview?.today.webSearchCharge ?? 0n) > 0n;
  const items: Row[] = [...TOKEN_CLASSES, ...(searches ? (['webSearch'] as const) : []), 'total'];
  const columns = columnsFor(overview).filter(({ letter }) => width >= SHARES_FROM || (letter !== 'share' && letter !== 'tokens'));
  const lines = drawTable<Row>({
    columns,
    items,
    cursor: null,
    top: 0,
    sort: null,
    choosingSort: false,
    width,
    rows: items.length + 1,
    place: { style, now: snapshot?.at ?? 0, compact: width < COMPACT_BELOW },
    mark: (row) => (isClass(row) ? span(`${CLASS_MARKS[row]} `, row) : span('  ')),
  });
  return lines.map((line, index) => (index === items.length ? inked(line, 'strong') : line));
}

/** Columns that only show: nothing is sorted here, so the letters are no keys. */
function columnsFor(overview: LiveOverview | null): Column<Row>[] {
  const column = (rest: Pick<Column<Row>, 'letter' | 'title' | 'drop' | 'least'>, known: (figures: LiveOverview, row: Row, compact: boolean) => string): Column<Row> => ({
    ...rest,
    align: 'right',
    cell: (row, { compact }) => (overview === null ? NONE : known(overview, row, compact)),
    descendingFirst: true,
  });
  const spark = (row: Row, width: number, now: number, style: Screen['style']): Span =>
    overview !== null && isClass(row) ? span(sparkLine(overview.tokenSeries[row], { cells: width, slot: Math.floor(now / SERIES_CELL_MS) }, style), row) : span('');
  return [
    {
      letter: 'class',
      title: 'class',
      align: 'left',
      // Where bars are not told apart by colour, each class is named with the glyph of its bar.
      cell: (row, { style }) => (!isClass(row) ? (row === 'total' ? 'total' : 'web search') : style.colourLevel > 0 ? CLASS_NAMES[row] : `${CLASS_NAMES[row].padEnd(9)}${style.bar(row)}`),
      descendingFirst: false,
      drop: 0,
      least: 10,
    },
    { letter: 'spark', title: 'tokens/s, last 5 min', align: 'left', cell: (row, { width, now, style }) => spark(row, width, now, style), descendingFirst: false, drop: 4, least: SPARK_LEAST, fills: (room) => sparkCells(room, SERIES_CELLS) },
    column({ letter: 'rate', title: 'tok/s', drop: 2, least: 8 }, (figures, row, compact) => (isClass(row) ? (compact ? compactText : countText)(figures.tokensPerSecond[row]) : '')),
    column({ letter: 'charge', title: 'USDC/min', drop: 1, least: 9 }, chargeCell),
    column({ letter: 'today', title: 'today', drop: 3, least: 9 }, ({ today }, row) => balanceText(row === 'total' ? today.charge : row === 'webSearch' ? today.webSearchCharge : today.chargeByClass[row])),
    column({ letter: 'share', title: 'share', drop: 6, least: 7 }, ({ today }, row) => (isClass(row) ? shareText(partOf(today.chargeByClass[row], today.charge)) : '')),
    column({ letter: 'tokens', title: 'tokens today', drop: 5 }, ({ today }, row) => (isClass(row) ? compactText(today.tokens[row]) : '')),
  ];
}

function chargeCell({ chargePerMinute, lastMinute }: LiveOverview, row: Row): string {
  return rateText(row === 'total' ? lastMinute.charge : row === 'webSearch' ? lastMinute.webSearchCharge : chargePerMinute[row]);
}
