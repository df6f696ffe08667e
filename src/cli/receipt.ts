/** `ainogap receipt`: how a charge came about, and its check without the gateway. */
import type { Command } from 'commander';
import { formatRequestId, parseRequestId } from '../ids.ts';
import { readReceipt, receiptJson } from '../reports/receipt.ts';
import { requestJson } from '../reports/request-json.ts';
import { addCommand, globalOptions } from './add-command.ts';
import type { GlobalOptions } from './add-command.ts';
import { checkReceipt } from './check-receipt.ts';
import { CliError, usageError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { readConfig, withDatabase } from './open-store.ts';
import { printJson } from './print-json.ts';
import { printReceipt } from './print-receipt.ts';

export function registerReceipt(program: Command, ctx: CliContext): void {
  addCommand(program, {
    usage: 'receipt [request-id]',
    description: "show a request's charge: tokens × prices per class, the card's version, the total",
    example: 'ainogap receipt req_01jd8m2x5k0c0 --json > receipt.json\nainogap receipt --check receipt.json',
    exitCodes: '0 done (the checked receipt is right), 1 not found or wrong, 2 wrong usage',
  })
    .option('--check <file>', 'recompute a receipt (from --json) offline; needs neither configuration nor database ("-": stdin)')
    .action(async (id: string | undefined, options: { check?: string }, command: Command) => {
      const global = globalOptions(command);
      if (id !== undefined && options.check !== undefined) throw usageError('give a request id or --check FILE, not both.');
      if (options.check !== undefined) return checkReceipt(ctx, options.check, global.json);
      if (id === undefined) throw usageError('receipt needs a request id or --check FILE.', 'ainogap requests');
      await showReceipt(ctx, id, global);
    });
}

async function showReceipt(ctx: CliContext, text: string, global: GlobalOptions): Promise<void> {
  const id = parseRequestId(text);
  if (id === null) throw usageError(`"${text}" is not a request id (an example: req_01jd8m2x5k0c0); the upstream's own ids are not ours.`, 'ainogap requests');
  const outcome = await withDatabase(readConfig(ctx, global).database, 'read', (db) => readReceipt(db, id));
  if (outcome.kind === 'notFound')
    throw new CliError(`request "${text}" not found; one that is still running has no receipt yet.`, { next: 'ainogap requests' });
  if (outcome.kind === 'receipt') {
    if (global.json) return printJson(ctx, receiptJson(outcome.document));
    return printReceipt(ctx, outcome);
  }
  const { entry } = outcome;
  if (global.json) return printJson(ctx, { ...requestJson(entry), receipt: null, message: entry.detail?.message ?? null });
  const why = entry.errorCode === null ? '' : ` with ${entry.errorCode}`;
  ctx.stdout.write(`${formatRequestId(id)}  ${entry.status}${why} (HTTP ${entry.httpStatus}) before any price applied: nothing was charged.\n`);
}
