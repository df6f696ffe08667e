/** A buyer's statements as the API answers them: to the buyer and to the operator alike. */
import type { Context } from 'hono';
import { isoTime } from '../documents/iso-time.ts';
import type { Buyer } from '../registry/buyers.ts';
import { csvLine } from '../reports/csv-line.ts';
import { statementHtml } from '../reports/statement-html.ts';
import { STATEMENT_FIELDS, statementJson, statementLines, type StatementHead } from '../reports/statement-json.ts';
import { parseStatementMonth, statementMonths as monthsOf } from '../reports/statement-month.ts';
import { readStatement, StatementMismatchError, type Statement as ReadStatement } from '../reports/statement.ts';
import { dayName } from '../reports/zone.ts';
import type { ApiDeps, ApiEnv } from './api-app.ts';
import { ApiError } from './api-error.ts';
import type { z } from '@hono/zod-openapi';
import type { Statement, statementMonth, statementQuery } from './schemas/usage.ts';

type Format = z.output<typeof statementQuery>['format'];

/** Ten years, and some. */
const MONTHS_MAX = 125;

/** The months since the buyer's first day, the newest first. */
export function statementMonths(deps: ApiDeps, buyer: Buyer): z.output<typeof statementMonth>[] {
  const [now, { timezone }] = [deps.now(), deps.plan()];
  return monthsOf({ since: buyer.createdAt, now, timezone, most: MONTHS_MAX }).map(({ month, end }) => ({ month, running: now < end }));
}

/** `json`: `{"item": …}`. `csv` and `html`: a file to keep. Throws `not_found` for months that have not begun and those of before the buyer. */
export function answerStatement(c: Context<ApiEnv>, deps: ApiDeps, { buyer, month, format }: { readonly buyer: Buyer; readonly month: string; readonly format: Format }): Response {
  const { head, statement } = stated(deps, buyer, month);
  if (format === 'json') return c.json({ item: statementJson(head, statement) as Statement });
  const file = `statement-${head.month}.${format}`;
  const body = format === 'csv' ? csvOf(head, statement) : statementHtml(head, statement);
  const type = format === 'csv' ? 'text/csv; charset=utf-8' : 'text/html; charset=utf-8';
  return c.body(body, 200, { 'content-type': type, 'content-disposition': `attachment; filename="${file}"` });
}

function stated(deps: ApiDeps, buyer: Buyer, text: string): { head: StatementHead; statement: ReadStatement } {
  const [now, { timezone }] = [deps.now(), deps.plan()];
  const parsed = parseStatementMonth(text, { now, timezone });
  if (!parsed.ok && parsed.reason === 'malformed') throw new ApiError('invalid_request', `month: "${text}" is not a month: write one such as ${dayName(now, timezone).slice(0, 7)}.`);
  if (!parsed.ok) throw new ApiError('not_found', `There is no statement for ${text}: that month has not begun.`);
  const { month } = parsed;
  const statement = agreed(deps, buyer, () => readStatement(deps.db, { ...month, buyerId: buyer.id }));
  const { opening, fundings, days } = statement;
  if (buyer.createdAt >= month.end && opening === 0n && fundings.length === 0 && days.length === 0)
    throw new ApiError('not_found', `There is no statement for ${month.month}: this account was made at ${isoTime(buyer.createdAt)}.`);
  return { head: { ...month, buyerId: buyer.id, buyerName: buyer.name, asOf: now }, statement };
}

function agreed(deps: ApiDeps, buyer: Buyer, read: () => ReadStatement): ReadStatement {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof StatementMismatchError)) throw error;
    deps.log.error('alert_statement_mismatch', { buyer: buyer.id, message: error.message });
    throw new ApiError('internal', 'There is no statement now, for these books do not agree; the operator has to look (`ainogap verify`).');
  }
}

function csvOf(head: StatementHead, statement: ReadStatement): string {
  const lines = statementLines(head, statement).map((line) => csvLine(STATEMENT_FIELDS.map((field) => line[field] ?? null)));
  return csvLine(STATEMENT_FIELDS) + lines.join('');
}
