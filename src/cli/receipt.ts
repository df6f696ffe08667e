/** `ainogap receipt`: how a charge came about, and its check without the gateway. */
import type { Command } from 'commander';
import type { Db } from '../db/open.ts';
import { formatRequestId, parseRequestId, type RequestId } from '../ids.ts';
import { readReceipt, receiptJson, type ReceiptOutcome } from '../reports/receipt.ts';
import { requestJson } from '../reports/request-json.ts';
import { addCommand, globalOptions } from './add-command.ts';
import { archivedError } from './archive-words.ts';
import { checkReceipt } from './check-receipt.ts';
import { CliError, usageError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { readConfig, withDatabase } from './open-store.ts';
import { printJson } from './print-json.ts';
import { printReceipt } from './print-receipt.ts';
import { receiptFrom } from './receipt-from.ts';

export function registerReceipt(program: Command, ctx: CliContext): void {
  addCommand(program, {
    usage: 'receipt [request-id]',
    description: "show a request's charge: tokens × prices per class, the card's version, the total",
    example: 'ainogap receipt req_01jd8m2x5k0c0 --json > receipt.json\nainogap receipt --check receipt.json\nainogap receipt req_01jd8m2x5k0c0 --from requests-before-2026-11-01.jsonl.gz',
    exitCodes: '0 done (the checked receipt is right), 1 not found or wrong, 2 wrong usage',
  })
    .option('--check <file>', 'recompute a receipt (from --json) offline; needs neither configuration nor database ("-": stdin)')
    .option('--from <archive>', 'read the request from an archive of `ainogap prune`; needs neither configuration nor database')
    .action(async (id: string | undefined, options: { check?: string; from?: string }, command: Command) => {
      const global = globalOptions(command);
      if (id !== undefined && options.check !== undefined) throw usageError('give a request id or --check FILE, not both.');
      if (options.from !== undefined && options.check !== undefined) throw usageError('--from and --check exclude each other.');
      if (options.check !== undefined) return checkReceipt(ctx, options.check, global.json);
      if (id === undefined) throw usageError('receipt needs a request id or --check FILE.', 'ainogap requests');
      const wanted = parseRequestId(id);
      if (wanted === null) throw usageError(`"${id}" is not a request id (an example: req_01jd8m2x5k0c0); the upstream's own ids are not ours.`, 'ainogap requests');
      if (options.from !== undefined) return receiptFrom(ctx, wanted, { archive: options.from, global, show: (outcome) => showReceipt(ctx, outcome, global.json) });
      showReceipt(ctx, await withDatabase(readConfig(ctx, global).database, 'read', (db) => receiptHere(db, wanted)), global.json);
    });
}

type Shown = Exclude<ReceiptOutcome, { kind: 'notFound' }>;

function receiptHere(db: Db, id: RequestId): Shown {
  const outcome = readReceipt(db, id);
  if (outcome.kind !== 'notFound') return outcome;
  throw archivedError(db, id) ?? new CliError(`request "${formatRequestId(id)}" not found; one that is still running has no receipt yet.`, { next: 'ainogap requests' });
}

function showReceipt(ctx: CliContext, outcome: Shown, json: boolean): void {
  if (outcome.kind === 'receipt') {
    if (json) return printJson(ctx, receiptJson(outcome.document));
    return printReceipt(ctx, outcome);
  }
  const { entry } = outcome;
  if (json) return printJson(ctx, { ...requestJson(entry), receipt: null, message: entry.detail?.message ?? null });
  const why = entry.errorCode === null ? '' : ` with ${entry.errorCode}`;
  ctx.stdout.write(`${formatRequestId(entry.requestId)}  ${entry.status}${why} (HTTP ${entry.httpStatus}) before any price applied: nothing was charged.\n`);
}
