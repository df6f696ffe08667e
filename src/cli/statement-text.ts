/** A statement on a terminal, with all six decimals. */
import { formatUsdc, type MicroUsdc } from '../money.ts';
import { printable } from '../printable.ts';
import type { StatementHead } from '../reports/statement-json.ts';
import { debitedOf, type Statement, type StatementDay, type StatementFunding } from '../reports/statement.ts';
import type { UsageSums } from '../reports/usage-sums.ts';
import { TOKEN_CLASSES, CLASS_WORDS } from '../tokens.ts';
import { chalkFor } from './colours.ts';
import type { CliContext } from './context.ts';
import { printTable, type Column } from './print-table.ts';
import { timeIn } from '../reports/time-range.ts';
import { classRows, type ClassRow } from '../documents/class-rows.ts';

const usdc = (amount: bigint): string => formatUsdc(amount, 6, true);
const signed = (amount: MicroUsdc): string => (amount > 0n ? `+${usdc(amount)}` : usdc(amount));

export function printStatement(ctx: CliContext, head: StatementHead, statement: Statement): void {
  const { bold } = chalkFor(ctx.env, ctx.stdout);
  const line = (text = ''): void => ctx.stdout.write(`${text}\n`);
  const { start, end, asOf, timezone } = head;
  line(bold(printable(`statement of ${head.buyerName}, ${head.month}`)));
  line(`${timeIn(start, timezone)} to ${timeIn(Math.min(end, asOf), timezone)}, ${timezone}${asOf < end ? ', so far' : ''}; in USDC`);
  line();
  printTable(ctx, SUMMARY, summaryOf(statement));
  if (statement.fundings.length > 0) {
    line();
    printTable(ctx, fundingColumns(timezone), statement.fundings);
  }
  if (statement.days.length === 0) return line('\nno requests');
  line();
  printTable(ctx, CLASSES, [...classRows(statement.total), { tokenClass: null, name: 'total', tokens: null, charge: statement.total.charge }]);
  line();
  printTable(ctx, dayColumns(statement.total), [...statement.days, { day: 'total', sums: statement.total }]);
}

interface Summand {
  readonly what: string;
  readonly amount: string;
}

const SUMMARY: readonly Column<Summand>[] = [
  { title: 'balance', cell: ({ what }) => what },
  { title: 'USDC', cell: ({ amount }) => amount, align: 'right' },
];

function summaryOf({ opening, topUps, adjustments, total, closing }: Statement): Summand[] {
  return [
    { what: 'opening balance', amount: usdc(opening) },
    { what: 'top-ups', amount: signed(topUps) },
    ...(adjustments === 0n ? [] : [{ what: 'adjustments', amount: signed(adjustments) }]),
    { what: 'charges', amount: usdc(0n - total.charge) },
    // The operator's loss: it was not debited.
    ...(total.shortfall === 0n ? [] : [{ what: 'not covered', amount: signed(total.shortfall) }]),
    { what: 'closing balance', amount: usdc(closing) },
  ];
}

const fundingColumns = (timezone: string): Column<StatementFunding>[] => [
  { title: `time, ${timezone}`, cell: ({ at }) => timeIn(at, timezone) },
  { title: 'what', cell: ({ kind }) => (kind === 'topup' ? 'top-up' : kind), drop: 2 },
  { title: 'USDC', cell: ({ amount }) => signed(amount), align: 'right' },
  { title: 'reference', cell: ({ reference, reason }) => reason ?? reference ?? '', shrink: true, drop: 1 },
  { title: 'ledger', cell: ({ transferId }) => `#${transferId}`, drop: 3 },
];

const CLASSES: readonly Column<ClassRow>[] = [
  { title: 'class', cell: ({ name }) => name, markOf: ({ tokenClass }) => tokenClass },
  { title: 'tokens', cell: ({ tokens }) => tokens?.toLocaleString('en-US') ?? '', align: 'right' },
  { title: 'charge', cell: ({ charge }) => usdc(charge), align: 'right' },
];

function dayColumns(total: UsageSums): Column<StatementDay>[] {
  const money = (title: string, amount: (sums: UsageSums) => MicroUsdc, drop: number): Column<StatementDay> => ({
    title,
    cell: ({ sums }) => usdc(amount(sums)),
    align: 'right',
    drop,
  });
  return [
    { title: 'day', cell: ({ day }) => day },
    { title: 'requests', cell: ({ sums }) => sums.requests.toLocaleString('en-US'), align: 'right', drop: 2 },
    ...TOKEN_CLASSES.map((tokenClass) => ({ ...money(CLASS_WORDS[tokenClass], ({ chargeByClass }) => chargeByClass[tokenClass], 3), tokenClass })),
    ...(total.webSearchCharge === 0n ? [] : [money('web search', ({ webSearchCharge }) => webSearchCharge, 3)]),
    ...(total.shortfall === 0n ? [] : [money('charge', ({ charge }) => charge, 1), money('not covered', ({ shortfall }) => shortfall, 1)]),
    money('debited', debitedOf, 0),
  ];
}
