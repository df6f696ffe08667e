/** `ainogap export`: every field of the requests that settled in a window, as a stream. */
import * as path from 'node:path';
import type { Command } from 'commander';
import type { Db } from '../db/open.ts';
import { printableLines } from '../printable.ts';
import { EXPORT_FORMATS, exportRequests, PrunedMeanwhileError, type ExportFormat, type ExportOptions, type WriteText } from '../reports/export-requests.ts';
import { prunedBefore } from '../reports/pruned.ts';
import { addCommand, globalOptions } from './add-command.ts';
import { tellPruned } from './archive-words.ts';
import { createAtomicFile, type AtomicFile } from './atomic-file.ts';
import { CliError, usageError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { requireBuyer } from './find-buyer.ts';
import { readConfig, withDatabase } from './open-store.ts';
import { stoppable } from './stoppable.ts';
import { parseWindow, TIME_HELP, windowWords } from './time-range.ts';
import { upToPresent } from '../reports/time-range.ts';

interface CommandOptions {
  readonly format?: string;
  readonly since?: string;
  readonly until?: string;
  readonly buyer?: string;
  readonly out?: string;
}

export function registerExport(program: Command, ctx: CliContext): void {
  addCommand(program, {
    usage: 'export',
    description: "write the meter's record of each request, in the order in which they started, as CSV or JSON Lines",
    example: 'ainogap export --since month > requests.csv\nainogap export --since 2026-11-01 --until 2026-11-15 --buyer acme --out acme.jsonl',
    exitCodes: '0 done, 1 failed, 2 wrong usage, 129, 130 or 143 stopped by a signal',
  })
    .option('--format <format>', `${EXPORT_FORMATS.join(' or ')} (default: by the name of --out, else csv)`)
    .option('--since <time>', `settled from then on: ${TIME_HELP} (default: today)`)
    .option('--until <time>', 'settled up to then; a day or a month that is named is in it, a time is not (default: now)')
    .option('--buyer <buyer>', 'only this buyer')
    .option('--out <file>', 'into a file, which is replaced when all is written (default: stdout)')
    .action(async (options: CommandOptions, command: Command) => {
      const global = globalOptions(command);
      const format = formatOf(options, global.json);
      const config = readConfig(ctx, global);
      const now = ctx.now();
      const window = parseWindow({ since: options.since, until: options.until, sinceDefault: 'today', now, timezone: config.timezone });
      const { rows, pruned } = await withDatabase(config.database, 'read', async (db) => {
        const buyer = options.buyer === undefined ? {} : { buyerId: requireBuyer(db, options.buyer).id };
        const wanted: ExportOptions = { format, ...upToPresent(db, window), ...buyer };
        const toPath = options.out === undefined || options.out === '-' ? null : path.resolve(ctx.cwd, options.out);
        const written = await (toPath === null ? toStdout(ctx, db, wanted) : toFile(ctx, db, { ...wanted, file: toPath })).catch(incomplete);
        return { ...written, pruned: prunedBefore(db) };
      });
      ctx.stderr.write(`${rows.toLocaleString('en-US')} ${rows === 1 ? 'request' : 'requests'}, ${windowWords(window, now)}\n`);
      tellPruned(ctx, pruned, window.since);
    });
}

function incomplete(error: unknown): never {
  throw error instanceof PrunedMeanwhileError ? new CliError(`${error.message}.`, { next: 'run the same command again: it says what is in archives' }) : error;
}

/** With `--json`, as every command takes it, JSON Lines. */
function formatOf({ format, out }: CommandOptions, json: boolean): ExportFormat {
  const asked = format ?? (json ? 'jsonl' : out === undefined ? 'csv' : path.extname(out).slice(1).toLowerCase().replace('ndjson', 'jsonl'));
  const known = EXPORT_FORMATS.find((name) => name === asked);
  if (json && known !== 'jsonl') throw usageError(`--json and --format ${asked} exclude each other.`);
  if (known !== undefined) return known;
  if (format === undefined) return 'csv';
  throw usageError(`--format: "${asked}" is none of ${EXPORT_FORMATS.join(', ')}.`);
}

async function toStdout(ctx: CliContext, db: Db, options: ExportOptions): Promise<{ rows: number }> {
  const write: WriteText = (text) => {
    ctx.stdout.write(ctx.stdout.isTTY ? printableLines(text.replaceAll('\r\n', '\n')) : text);
    return ctx.stdout.drained?.();
  };
  // On a terminal the rows themselves are what moves.
  return ctx.stdout.isTTY ? exportRequests(db, options, write) : withProgress(ctx, db, options, write);
}

async function withProgress(ctx: CliContext, db: Db, options: ExportOptions, write: WriteText): Promise<{ rows: number }> {
  // What draws it would make every command start later.
  const { createProgressBar } = await import('./progress-bar.ts');
  const bar = createProgressBar(ctx);
  try {
    return await exportRequests(db, { ...options, onProgress: bar.update }, write);
  } finally {
    bar.clear();
  }
}

/** A signal takes the unfinished file away. */
function toFile(ctx: CliContext, db: Db, { file, ...options }: ExportOptions & { file: string }): Promise<{ rows: number }> {
  return stoppable(`${file} was not written`, async (signal) =>
    whole(await createAtomicFile(file), async (out) => {
      const done = await withProgress(ctx, db, { ...options, signal }, out.write);
      signal.throwIfAborted();
      return done;
    }),
  );
}

async function whole<T>(out: AtomicFile, fill: (out: AtomicFile) => Promise<T>): Promise<T> {
  try {
    const done = await fill(out);
    await out.commit();
    return done;
  } catch (error) {
    await out.discard();
    throw error;
  }
}
