/** `ainogap backup`: a copy of the database, made while it is served. */
import * as path from 'node:path';
import type { Command } from 'commander';
import { recordBackup } from '../actions/record-backup.ts';
import { BackupError } from '../backups/backup-error.ts';
import type { MadeBackup } from '../backups/make-backup.ts';
import { SCHEMA_VERSION } from '../db/migrate.ts';
import { isoTime } from '../documents/iso-time.ts';
import { printable } from '../printable.ts';
import { addCommand, globalOptions } from './add-command.ts';
import { cliActor } from './cli-actor.ts';
import { CliError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { readConfig, withDatabase } from './open-store.ts';
import { printJson } from './print-json.ts';
import { stoppable } from './stoppable.ts';

export function registerBackup(program: Command, ctx: CliContext): void {
  addCommand(program, {
    usage: 'backup <file>',
    description: 'copy the database into a file of its own (0600), checked and on disk when this ends; servers go on working',
    example: 'ainogap backup /backups/\nainogap backup /backups/ainogap.db --force',
    exitCodes: '0 done, 1 failed, 2 wrong usage, 129, 130 or 143 stopped by a signal',
  })
    .option('--force', 'replace the file if it is there; what was there stays until the new one is whole')
    .addHelpText('after', '\nA folder gets a file with the UTC time in its name. It holds everything, hashes of keys and passwords too: keep it as you keep the database.')
    .action(async (wanted: string, options: { force?: boolean }, command: Command) => {
      const global = globalOptions(command);
      const { database } = readConfig(ctx, global);
      const made = await stoppable(`${wanted} was not written`, (signal) => make(ctx, { database, wanted, force: options.force === true, signal }));
      await record(ctx, database, made);
      if (global.json) return printJson(ctx, backupJson(made));
      ctx.stdout.write(`${printable(made.file)}\n`);
      const at = made.ledgerAt === null ? 'nothing in its ledger yet' : `up to ${isoTime(made.ledgerAt)}`;
      ctx.stderr.write(`${(made.bytes / 1e6).toFixed(1)} MB, schema ${made.schema}, ${at}; checked, in ${(made.tookMs / 1000).toFixed(1)} s.\n`);
    });
}

interface Making {
  readonly database: string;
  readonly wanted: string;
  readonly force: boolean;
  readonly signal: AbortSignal;
}

async function make(ctx: CliContext, { database, wanted, force, signal }: Making): Promise<MadeBackup> {
  const { makeBackup } = await import('../backups/make-backup.ts');
  const { createProgressBar } = await import('./progress-bar.ts');
  const bar = createProgressBar(ctx, 'pages');
  // `resolve` drops the slash that says that a folder is meant.
  const absolute = path.resolve(ctx.cwd, wanted) + (/[/\\]$/.test(wanted) ? path.sep : '');
  try {
    return await makeBackup({ database, wanted: absolute, force, now: ctx.now(), signal, onProgress: bar.update });
  } catch (error) {
    throw backupErrorInWords(error);
  } finally {
    bar.clear();
  }
}

export function backupErrorInWords(error: unknown): unknown {
  return error instanceof BackupError ? new CliError(error.message, error.next === undefined ? {} : { next: error.next }) : error;
}

/** The backup is there whether or not this can be written; a schema of another age has no place for it, or is not ours to change. */
async function record(ctx: CliContext, database: string, { file, bytes, schema }: MadeBackup): Promise<void> {
  if (schema !== SCHEMA_VERSION) return;
  try {
    await withDatabase(database, 'write', (db) => recordBackup(db, cliActor(), { file, bytes, now: ctx.now() }));
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    ctx.stderr.write(printable(`! the audit log does not tell of this backup: ${error.message}`) + '\n');
  }
}

function backupJson({ file, bytes, schema, ledgerAt, readMs, tookMs }: MadeBackup): Record<string, unknown> {
  return { file, bytes, schema, ledgerAt: ledgerAt === null ? null : isoTime(ledgerAt), readMs: Math.round(readMs), tookMs: Math.round(tookMs) };
}
