/** From a command's options to its configuration and database. */
import type { Config } from '../config.ts';
import { findConfigFile, loadConfig } from '../config.ts';
import { DatabaseError, openDatabase, SqliteError } from '../db/open.ts';
import type { Db } from '../db/open.ts';
import { UsageNotSummedError } from '../reports/usage-state.ts';
import type { GlobalOptions } from './add-command.ts';
import { CliError } from './cli-error.ts';
import type { CliContext } from './context.ts';

/** Null when no configuration was named and there is none in the usual places. */
export function readConfigIfAny(ctx: CliContext, options: GlobalOptions): Config | null {
  const file = findConfigFile({ flag: options.config, env: ctx.env, cwd: ctx.cwd });
  if (file === null) return null;
  const loaded = loadConfig(file);
  if (loaded.ok) return loaded.config;
  const count = loaded.problems.length;
  const list = loaded.problems.map((problem) => `\n  ${String(problem)}`).join('');
  throw new CliError(`the configuration has ${count === 1 ? 'a mistake' : `${count} mistakes`}:${list}`);
}

export function readConfig(ctx: CliContext, options: GlobalOptions): Config {
  const config = readConfigIfAny(ctx, options);
  if (config !== null) return config;
  throw new CliError('there is no config.yaml here, and none was named.', { next: 'ainogap init' });
}

/** Failures of the database in words; everything else is a bug and passes. */
export function inWords(error: unknown): unknown {
  if (error instanceof DatabaseError) return new CliError(error.message, error.next === undefined ? {} : { next: error.next });
  if (error instanceof UsageNotSummedError) return new CliError(`${error.message}.`, { next: 'ainogap verify --rebuild' });
  if (!(error instanceof SqliteError)) return error;
  if (error.code.startsWith('SQLITE_BUSY')) return new CliError('another process kept the database locked for too long; nothing was changed. Try again.');
  if (error.code.startsWith('SQLITE_FULL')) return new CliError('the disk is full; nothing was changed.');
  if (error.code.startsWith('SQLITE_READONLY')) return new CliError(`the database cannot be written: ${error.message}.`);
  if (error.code.startsWith('SQLITE_CORRUPT')) return new CliError(`the database is damaged: ${error.message}.`, { next: 'ainogap verify' });
  return error;
}

/** Opens the configured database, runs `use`, and closes it. */
export async function withDatabase<T>(file: string, mode: 'read' | 'write', use: (db: Db) => T | Promise<T>): Promise<T> {
  let db: Db | undefined;
  try {
    db = openDatabase(file, { mode });
    return await use(db);
  } catch (error) {
    throw inWords(error);
  } finally {
    db?.close();
  }
}
