/** `ainogap verify`: the books, recomputed from the ledger's rows. */
import type { Command } from 'commander';
import { verifyDatabase } from '../ledger/verify.ts';
import type { Verification } from '../ledger/verify.ts';
import { CHARGE_CHECKS } from '../reports/charge-checks.ts';
import { printable } from '../printable.ts';
import { addCommand, globalOptions } from './add-command.ts';
import { CliError } from './cli-error.ts';
import { chalkFor } from './colours.ts';
import type { CliContext } from './context.ts';
import { readConfig, withDatabase } from './open-store.ts';
import { printJson } from './print-json.ts';

export function registerVerify(program: Command, ctx: CliContext): void {
  addCommand(program, {
    usage: 'verify',
    description: "recompute every balance and every charge from their rows and check the database; exit 1 and the first difference if one fails",
    example: 'ainogap verify',
    exitCodes: '0 all is right, 1 a check failed or could not be made, 2 wrong usage',
  }).action(async (_options: unknown, command: Command) => {
    const global = globalOptions(command);
    const found = await withDatabase(readConfig(ctx, global).database, 'read', (db) => verifyDatabase(db, CHARGE_CHECKS));
    if (global.json) printJson(ctx, found);
    else printVerification(ctx, found);
    if (!found.ok) throw new CliError(`the books do not balance: ${found.firstDifference ?? 'a check failed'}`);
  });
}

function printVerification(ctx: CliContext, found: Verification): void {
  const chalk = chalkFor(ctx.env, ctx.stdout);
  for (const { name, ok, detail } of found.checks)
    ctx.stdout.write(`${ok ? chalk.bold('ok') : chalk.red('FAILED')}\t${printable(name)}\t${printable(detail)}\n`);
  if (found.recoverable > 0)
    ctx.stderr.write(`! ${found.recoverable} open holds belong to processes that are gone; a running \`ainogap serve\` settles them.\n`);
}
