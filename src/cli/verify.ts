/** `ainogap verify`: the books, recomputed from the ledger's rows. */
import type { Command } from 'commander';
import type { Db } from '../db/open.ts';
import { verifyDatabase } from '../ledger/verify.ts';
import type { Verification } from '../ledger/verify.ts';
import { rebuildUsage, type RebuiltUsage } from '../reports/rebuild-usage.ts';
import { reportChecks } from '../reports/report-checks.ts';
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
    description: 'recompute every balance, charge and sum from their rows and check the database; exit 1 and the first difference if one fails',
    example: 'ainogap verify\nainogap verify --rebuild',
    exitCodes: '0 all is right, 1 a check failed or could not be made, 2 wrong usage',
  })
    .option('--rebuild', 'sum usage anew from the request rows before, and replace what differs; servers go on working')
    .action(async (options: { rebuild?: boolean }, command: Command) => {
      const global = globalOptions(command);
      const file = readConfig(ctx, global).database;
      const rebuilt = options.rebuild === true ? await withDatabase(file, 'write', (db) => rebuild(ctx, db, global.json)) : null;
      const found = await withDatabase(file, 'read', (db) => verifyDatabase(db, reportChecks()));
      if (global.json) printJson(ctx, rebuilt === null ? found : { ...found, rebuilt: { ...rebuilt.differed, requests: rebuilt.requests } });
      else printVerification(ctx, found);
      if (!found.ok) throw new CliError(`the books do not balance: ${found.firstDifference ?? 'a check failed'}`);
    });
}

function rebuild(ctx: CliContext, db: Db, quiet: boolean): RebuiltUsage {
  const terminal = !quiet && (ctx.stderr as { isTTY?: boolean }).isTTY === true;
  const clear = terminal ? '\r\x1b[K' : '';
  try {
    const rebuilt = rebuildUsage(db, ({ requests, of }) => void (terminal && ctx.stderr.write(`${clear}${requests} of ${of} requests`)));
    const { minutes, hours, days, sums } = rebuilt.differed;
    const outcome = minutes + hours + days + sums === 0 ? 'no bucket differed' : `replaced ${minutes} minutes, ${hours} hours, ${days} days and ${sums} sums that differed`;
    if (!quiet) ctx.stderr.write(`${clear}Summed ${rebuilt.requests} requests anew: ${outcome}.\n`);
    return rebuilt;
  } catch (error) {
    ctx.stderr.write(clear);
    throw notSummed(error);
  }
}

/** A row that no card prices: the checks name all that is wrong with it. Failures of SQLite pass, to be worded as ever. */
function notSummed(error: unknown): unknown {
  if (!(error instanceof Error) || error.name === 'SqliteError') return error;
  return new CliError(`usage cannot be summed: ${error.message}.`, { next: 'ainogap verify' });
}

function printVerification(ctx: CliContext, found: Verification): void {
  const chalk = chalkFor(ctx.env, ctx.stdout);
  for (const { name, ok, detail } of found.checks)
    ctx.stdout.write(`${ok ? chalk.bold('ok') : chalk.red('FAILED')}\t${printable(name)}\t${printable(detail)}\n`);
  if (found.recoverable > 0)
    ctx.stderr.write(`! ${found.recoverable} open holds belong to processes that are gone; a running \`ainogap serve\` settles them.\n`);
}
