/** The tables of `ainogap usage`: one row for each that used something, or one for each class. */
import type { MicroUsdc } from '../money.ts';
import { formatUsdc, ZERO } from '../money.ts';
import { hitShare, marginOf, marginShare } from '../reports/usage-json.ts';
import type { UsageGroup, UsageReport, UsageReportRow } from '../reports/usage-report.ts';
import type { UsageSums } from '../reports/usage-sums.ts';
import { CLASS_WORDS, TOKEN_CLASSES } from '../tokens.ts';
import { compactText, shareText } from '../tui/figures.ts';
import type { CliContext } from './context.ts';
import { printTable, type Column } from './print-table.ts';
import { classRows, type ClassRow } from '../documents/class-rows.ts';

type Shown = Pick<UsageReportRow, 'label' | 'id' | 'buyer' | 'sums'>;

const money = (title: string, amount: (sums: UsageSums) => MicroUsdc, drop: number): Column<Shown> => ({
  title,
  cell: ({ sums }) => formatUsdc(amount(sums), 2, true),
  align: 'right',
  drop,
});
const count = (title: string, value: (sums: UsageSums) => number, drop: number): Column<Shown> => ({
  title,
  cell: ({ sums }) => value(sums).toLocaleString('en-US'),
  align: 'right',
  drop,
});

/** Columns with higher numbers go first where the terminal is narrow; a class's tokens stay longer than its charge. */
function columnsOf(by: UsageGroup, total: UsageSums): Column<Shown>[] {
  return [
    { title: by, cell: ({ label }) => label, shrink: by !== 'day' && by !== 'hour' },
    ...(by === 'key' ? [{ title: 'id', cell: ({ id }: Shown) => id ?? '', drop: 4 }, { title: 'buyer', cell: ({ buyer }: Shown) => buyer ?? '', drop: 5, shrink: true }] : []),
    ...TOKEN_CLASSES.flatMap((tokenClass): Column<Shown>[] => [
      { title: CLASS_WORDS[tokenClass], cell: ({ sums }) => compactText(sums.tokens[tokenClass]), align: 'right', tokenClass, drop: 1 },
      money('USDC', ({ chargeByClass }) => chargeByClass[tokenClass], 9),
    ]),
    ...(total.webSearchCharge > 0n ? [money('web search', ({ webSearchCharge }) => webSearchCharge, 9)] : []),
    money('charge', ({ charge }) => charge, 0),
    money('list', ({ listCost }) => listCost, 8),
    { title: 'margin', cell: ({ sums }) => shareText(marginShare(sums)), align: 'right', drop: 7 },
    money('saved', ({ cacheSaved }) => cacheSaved, 5),
    { title: 'hits', cell: ({ sums }) => shareText(hitShare(sums)), align: 'right', drop: 6 },
    count('requests', ({ requests }) => requests, 2),
    count('errors', ({ errors }) => errors, 3),
  ];
}

/** For a terminal: the rows and their total. */
export function printUsageTable(ctx: CliContext, by: UsageGroup, { rows, total }: UsageReport): void {
  if (by === 'class') printClasses(ctx, total);
  else if (rows.length > 0) printTable(ctx, columnsOf(by, total), [...rows, { label: 'total', id: null, buyer: null, sums: total }]);
}

const shareOf = (part: MicroUsdc, whole: MicroUsdc): number | null => (whole === 0n ? null : Number(part) / Number(whole));

function printClasses(ctx: CliContext, total: UsageSums): void {
  const all: ClassRow = { tokenClass: null, name: 'total', tokens: null, charge: total.charge };
  printTable<ClassRow>(
    ctx,
    [
      { title: 'class', cell: ({ name }) => name, markOf: ({ tokenClass }) => tokenClass },
      { title: 'tokens', cell: ({ tokens }) => tokens?.toLocaleString('en-US') ?? '', align: 'right' },
      { title: 'charge', cell: ({ charge }) => formatUsdc(charge, 2, true), align: 'right' },
      { title: 'share', cell: ({ charge }) => shareText(shareOf(charge, total.charge)), align: 'right', drop: 1 },
    ],
    [...classRows(total), all],
  );
  for (const line of summaryLines(total, ctx.stdout.columns)) ctx.stdout.write(`${line}\n`);
}

/** `list 1.82   margin 0.61 (25.0 %)   caching saved 10.27   hit share 94.2 %   requests 123   errors 2` */
function summaryLines(total: UsageSums, columns: number): string[] {
  const figures = [
    `list ${formatUsdc(total.listCost, 2, true)}`,
    `margin ${formatUsdc(marginOf(total), 2, true)} (${shareText(marginShare(total))})`,
    `caching saved ${formatUsdc(total.cacheSaved, 2, true)}`,
    `hit share ${shareText(hitShare(total))}`,
    `requests ${total.requests.toLocaleString('en-US')}`,
    `errors ${total.errors.toLocaleString('en-US')}`,
    ...(total.refused > 0 ? [`refused ${total.refused.toLocaleString('en-US')}`] : []),
    ...(total.estimated > 0 ? [`estimated ${total.estimated.toLocaleString('en-US')}`] : []),
    ...(total.shortfall > ZERO ? [`shortfall ${formatUsdc(total.shortfall, 2, true)}`] : []),
  ];
  const lines: string[] = [];
  for (const figure of figures) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 3 + figure.length <= columns) lines[lines.length - 1] = `${last}   ${figure}`;
    else lines.push(figure);
  }
  return lines;
}
