/** `ainogap statement`: a buyer's month, from the opening balance to the closing one. */
import type { Command } from 'commander';
import { printable, printableLines } from '../printable.ts';
import type { Buyer } from '../registry/buyers.ts';
import { csvLine } from '../reports/csv-line.ts';
import { statementHtml } from '../reports/statement-html.ts';
import { STATEMENT_FIELDS, statementJson, statementLines, type StatementLine } from '../reports/statement-json.ts';
import { parseStatementMonth, type StatementMonth } from '../reports/statement-month.ts';
import { readStatement, StatementMismatchError, type Statement } from '../reports/statement.ts';
import { dayName } from '../reports/zone.ts';
import { addCommand, globalOptions } from './add-command.ts';
import { CliError, usageError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { requireBuyer } from './find-buyer.ts';
import { readConfig, withDatabase } from './open-store.ts';
import { printJson } from './print-json.ts';
import { printTable } from './print-table.ts';
import { printStatement } from './statement-text.ts';
import { timeIn } from '../reports/time-range.ts';

interface StatementOptions {
  readonly month?: string;
  readonly csv?: boolean;
  readonly html?: boolean;
}

export function registerStatement(program: Command, ctx: CliContext): void {
  addCommand(program, {
    usage: 'statement <buyer>',
    description: "a buyer's month: opening balance, top-ups, adjustments, charges by day and class, closing balance",
    example: 'ainogap statement acme\nainogap statement acme --month 2026-10 --html > statement.html',
  })
    .option('--month <month>', 'such as 2026-10, in the configured zone (default: this month)')
    .option('--csv', 'comma-separated: one line for each top-up, adjustment and day of charges')
    .option('--html', 'one page to print or to send, which loads nothing')
    .action(async (name: string, options: StatementOptions, command: Command) => {
      const global = globalOptions(command);
      if (Number(global.json) + Number(options.csv ?? false) + Number(options.html ?? false) > 1) throw usageError('--json, --csv and --html exclude each other.');
      const config = readConfig(ctx, global);
      const month = monthOf(options.month, { now: ctx.now(), timezone: config.timezone });
      const { head, statement } = await withDatabase(config.database, 'read', (db) => {
        const buyer = requireBuyer(db, name);
        const read = agreed(buyer, () => readStatement(db, { ...month, buyerId: buyer.id }));
        refuseBefore(buyer, month, read);
        return { head: { ...month, buyerId: buyer.id, buyerName: buyer.name, asOf: ctx.now() }, statement: read };
      });
      if (global.json) printJson(ctx, statementJson(head, statement));
      else if (options.csv === true) printCsv(ctx, statementLines(head, statement));
      else if (options.html === true) ctx.stdout.write(printableLines(statementHtml(head, statement)));
      else if (ctx.stdout.isTTY) printStatement(ctx, head, statement);
      else printTable(ctx, STATEMENT_FIELDS.map((field) => ({ title: field, cell: (line: StatementLine) => String(line[field] ?? '') })), statementLines(head, statement));
    });
}

function monthOf(text: string | undefined, { now, timezone }: { now: number; timezone: string }): StatementMonth {
  const parsed = parseStatementMonth(text, { now, timezone });
  if (parsed.ok) return parsed.month;
  if (parsed.reason === 'malformed') throw usageError(`--month: "${text}" is not a month: write one such as ${dayName(now, timezone).slice(0, 7)}.`);
  throw usageError(`--month: ${text} lies in the future; it is ${timeIn(now, timezone)} (${timezone}).`);
}

function agreed(buyer: Buyer, read: () => Statement): Statement {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof StatementMismatchError)) throw error;
    throw new CliError(`there is no statement for ${buyer.name}, for its books do not agree: ${error.message}.`, { next: 'ainogap verify' });
  }
}

/** A month of before the buyer was there has nothing to state. */
function refuseBefore({ name, createdAt }: Buyer, { month, end, timezone }: StatementMonth, { opening, fundings, days }: Statement): void {
  if (createdAt < end || opening !== 0n || fundings.length > 0 || days.length > 0) return;
  throw usageError(`buyer ${name} was made on ${dayName(createdAt, timezone)}; there is no statement for ${month}.`);
}

function printCsv(ctx: CliContext, lines: readonly StatementLine[]): void {
  const shown = <T>(cell: T): T | string => (ctx.stdout.isTTY && typeof cell === 'string' ? printable(cell) : cell);
  ctx.stdout.write(csvLine(STATEMENT_FIELDS) + lines.map((line) => csvLine(STATEMENT_FIELDS.map((field) => shown(line[field] ?? null)))).join(''));
}
