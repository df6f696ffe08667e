/** A statement as a document, and as flat lines for CSV: money as integers, times in ISO 8601. */
import { formatBuyerId, type BuyerId } from '../ids.ts';
import { jsonMicros } from '../money.ts';
import { TOKEN_CLASSES } from '../tokens.ts';
import type { CsvCell } from './csv-line.ts';
import { TOKEN_FIELDS } from './request-json.ts';
import { debitedOf, type Statement, type StatementFunding } from './statement.ts';
import { CHARGE_FIELDS } from './usage-json.ts';
import type { UsageSums } from './usage-sums.ts';

/** Whose statement, of when. */
export interface StatementHead {
  readonly buyerId: BuyerId;
  readonly buyerName: string;
  /** `2026-11` */
  readonly month: string;
  readonly start: number;
  readonly end: number;
  readonly timezone: string;
  /** When it was read. Before `end`: the month is not over. */
  readonly asOf: number;
}

const USAGE_FIELDS = [
  'requests',
  ...TOKEN_CLASSES.map((tokenClass) => TOKEN_FIELDS[tokenClass]),
  ...TOKEN_CLASSES.map((tokenClass) => CHARGE_FIELDS[tokenClass]),
  'webSearchChargeUsdMicros',
  'chargeUsdMicros',
  'shortfallUsdMicros',
] as const;

/** `line`: opening, topup, adjustment, charges (one a day) or closing. `amountUsdMicros`: what it does to the balance. */
export const STATEMENT_FIELDS = ['line', 'day', 'at', 'transferId', 'reference', 'reason', ...USAGE_FIELDS, 'amountUsdMicros', 'balanceUsdMicros'] as const;
export type StatementLine = Readonly<Partial<Record<(typeof STATEMENT_FIELDS)[number], CsvCell>>>;

const iso = (ms: number): string => new Date(ms).toISOString();

/** What a buyer sees of usage: no list prices. */
function usageOf(sums: UsageSums): Readonly<Record<(typeof USAGE_FIELDS)[number], number>> {
  const fields = [
    ['requests', sums.requests],
    ...TOKEN_CLASSES.map((tokenClass) => [TOKEN_FIELDS[tokenClass], sums.tokens[tokenClass]]),
    ...TOKEN_CLASSES.map((tokenClass) => [CHARGE_FIELDS[tokenClass], jsonMicros(sums.chargeByClass[tokenClass])]),
    ['webSearchChargeUsdMicros', jsonMicros(sums.webSearchCharge)],
    ['chargeUsdMicros', jsonMicros(sums.charge)],
    ['shortfallUsdMicros', jsonMicros(sums.shortfall)],
  ];
  return Object.fromEntries(fields) as Readonly<Record<(typeof USAGE_FIELDS)[number], number>>;
}

function fundingOf({ transferId, kind, at, amount, reference, reason }: StatementFunding) {
  return { line: kind, at: iso(at), transferId: String(transferId), reference, reason, amountUsdMicros: jsonMicros(amount) };
}

export function statementJson(head: StatementHead, statement: Statement): Record<string, unknown> {
  const { opening, topUps, adjustments, total, closing } = statement;
  return {
    buyerId: formatBuyerId(head.buyerId),
    buyer: head.buyerName,
    month: head.month,
    since: iso(head.start),
    until: iso(head.end),
    timezone: head.timezone,
    asOf: iso(head.asOf),
    running: head.asOf < head.end,
    openingUsdMicros: jsonMicros(opening),
    topUpsUsdMicros: jsonMicros(topUps),
    adjustmentsUsdMicros: jsonMicros(adjustments),
    chargeUsdMicros: jsonMicros(total.charge),
    shortfallUsdMicros: jsonMicros(total.shortfall),
    debitedUsdMicros: jsonMicros(debitedOf(total)),
    closingUsdMicros: jsonMicros(closing),
    fundings: statement.fundings.map((funding) => {
      const { line, ...fields } = fundingOf(funding);
      return { kind: line, ...fields };
    }),
    days: statement.days.map(({ day, sums }) => ({ day, ...usageOf(sums), debitedUsdMicros: jsonMicros(debitedOf(sums)) })),
    total: usageOf(total),
  };
}

/** Top-ups and adjustments by time, then the charges by day: the amounts between opening and closing add up to their difference. */
export function statementLines({ start, end, asOf }: StatementHead, { opening, fundings, days, closing }: Statement): StatementLine[] {
  return [
    { line: 'opening', at: iso(start), balanceUsdMicros: jsonMicros(opening) },
    ...fundings.map(fundingOf),
    ...days.map(({ day, sums }) => ({ line: 'charges', day, ...usageOf(sums), amountUsdMicros: jsonMicros(0n - debitedOf(sums)) })),
    { line: 'closing', at: iso(Math.min(end, asOf)), balanceUsdMicros: jsonMicros(closing) },
  ];
}
