/** `ainogap balance`: available, held, settled. */
import type { Command } from 'commander';
import { formatUsdc } from '../money.ts';
import { readBalances } from '../reports/balances.ts';
import type { BuyerBalance } from '../reports/balances.ts';
import { emptyInText } from '../tui/figures.ts';
import { addCommand, globalOptions } from './add-command.ts';
import { chalkFor } from './colours.ts';
import type { CliContext } from './context.ts';
import { requireBuyer } from './find-buyer.ts';
import { readConfig, withDatabase } from './open-store.ts';
import { printJson } from './print-json.ts';
import { printTable } from './print-table.ts';
import { usdcColumn } from './usdc-column.ts';
import { balanceJson } from '../documents/balance-json.ts';

export function registerBalance(program: Command, ctx: CliContext): void {
  addCommand(program, {
    usage: 'balance [buyer]',
    description: 'show what buyers have: balance (settled), held, available',
    example: 'ainogap balance acme',
  }).action(async (name: string | undefined, _options: unknown, command: Command) => {
    const global = globalOptions(command);
    const rows = await withDatabase(readConfig(ctx, global).database, 'read', (db) =>
      readBalances(db, { buyerId: name === undefined ? null : requireBuyer(db, name).id, now: ctx.now() }),
    );
    const [only] = rows;
    if (name === undefined) return printAll(ctx, rows, global.json);
    if (only === undefined) throw new Error('a buyer has no account');
    if (global.json) return printJson(ctx, balanceJson(only));
    ctx.stdout.write(`${balanceLine(ctx, only)}\n`);
  });
}

/** `balance 212.40   held 1.92   available 210.48   burn 38.20/h   empty in 5h 30m` */
export function balanceLine(ctx: CliContext, row: BuyerBalance): string {
  const chalk = chalkFor(ctx.env, ctx.stdout);
  const parts: [string, string][] = [
    ['balance', formatUsdc(row.balance, 2)],
    ['held', formatUsdc(row.held, 2)],
    ['available', formatUsdc(row.available, 2)],
    ['burn', `${formatUsdc(row.burnPerHour, 2)}/h`],
    ['empty in', emptyInText(row.emptyInMinutes)],
  ];
  return parts.map(([word, figure]) => `${chalk.bold(word)} ${figure}`).join('   ');
}

function printAll(ctx: CliContext, rows: readonly BuyerBalance[], json: boolean): void {
  if (json) return printJson(ctx, { balances: rows.map(balanceJson) });
  printTable<BuyerBalance>(
    ctx,
    [
      { title: 'buyer', cell: (row) => row.buyerName, shrink: true },
      { title: 'balance', ...usdcColumn((row) => row.balance) },
      { title: 'held', ...usdcColumn((row) => row.held), drop: 1 },
      { title: 'available', ...usdcColumn((row) => row.available) },
      { title: 'burn/h', field: 'burnPerHour', ...usdcColumn((row) => row.burnPerHour), drop: 2 },
      { title: 'empty in', field: 'emptyInMinutes', cell: (row) => emptyInText(row.emptyInMinutes), raw: (row) => String(row.emptyInMinutes ?? ''), align: 'right', drop: 3 },
    ],
    rows,
  );
  if (rows.length === 0) ctx.stderr.write('No buyers yet.\n  ainogap buyer create acme\n');
}
