/** A consistent copy of a database, made while others read and write it. */
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { checkCopy } from '../db/check-copy.ts';
import { createPrivateFile, freeBytes, placeFile, replaceFile, syncFile } from '../db/durable-files.ts';
import { APPLICATION_ID, versionOf } from '../db/migrate.ts';
import { openAnySchema, type Db } from '../db/open.ts';
import { BackupError, writeFailure } from './backup-error.ts';
import { backupTarget, existsAlready } from './backup-target.ts';

export interface BackupOptions {
  /** Absolute. */
  readonly database: string;
  /** An absolute path: a file, or a folder, which gets a file with a dated name. */
  readonly wanted: string;
  /** Replace what is there. */
  readonly force: boolean;
  /** Unix ms. */
  readonly now: number;
  /** Stops it; nothing is left then. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (pages: number, of: number) => void;
}

export interface MadeBackup {
  readonly file: string;
  readonly bytes: number;
  readonly schema: number;
  /** The ledger's clock in the copy, Unix ms; null before its first entry. */
  readonly ledgerAt: number | null;
  /** How long the read of the database stayed open, and all of it, ms. */
  readonly readMs: number;
  readonly tookMs: number;
}

/**
 * 4 MB: a step is short enough to stop between two. One read transaction spans them all. Measured on 2 shared cores beside
 * 16 clients with 500 to 900 holds and settlements a second, on a database of 250 MB: without the transaction, SQLite begins
 * anew whenever a server commits, and a copy in steps was not done after 20 s and 1,514 beginnings; with it, like VACUUM INTO
 * and like one single step, it took 3 to 6 s, in which the log grew by at most 14 MB and the median of a pair by a half.
 * Those two cannot be stopped or bounded.
 */
const PAGES_A_STEP = 1024;

/** While the read is open the write-ahead log cannot begin anew: a copy to a slow disk must not fill the database's. */
const LOG_GROWTH_MAX = 512 * 1024 * 1024;

/**
 * Makes a checked copy (0600), durable and under its name when this resolves, or leaves nothing. Throws `BackupError`.
 * The database's schema may be an older or a newer one; nothing is upgraded.
 */
export async function makeBackup(options: BackupOptions): Promise<MadeBackup> {
  const began = performance.now();
  const database = realDatabase(options.database);
  const target = backupTarget({ ...options, database });
  const partial = path.join(path.dirname(target), `.${path.basename(target)}.${randomBytes(6).toString('hex')}.partial`);
  try {
    const { schema, ledgerAt, readMs } = await copyInto(partial, database, options);
    checkCopy(partial, schema);
    const bytes = fs.statSync(partial).size;
    syncFile(partial);
    options.signal?.throwIfAborted();
    if (options.force) replaceFile(partial, target);
    else placeFile(partial, target);
    return { file: target, bytes, schema, ledgerAt, readMs, tookMs: performance.now() - began };
  } catch (error) {
    for (const suffix of ['', '-journal', '-wal', '-shm']) fs.rmSync(partial + suffix, { force: true });
    throw inWords(error, target);
  }
}

function realDatabase(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    throw new BackupError(`there is no database at ${file}.`, { next: 'ainogap init' });
  }
}

async function copyInto(partial: string, database: string, options: BackupOptions): Promise<Pick<MadeBackup, 'schema' | 'ledgerAt' | 'readMs'>> {
  const db = openOurs(database);
  try {
    refuseFullDisk(db, path.dirname(partial));
    createPrivateFile(partial);
    const began = performance.now();
    db.exec('BEGIN');
    // The first read opens the transaction's view of the database.
    const schema = versionOf(db);
    const ledgerAt = ledgerTime(db);
    await db.backup(partial, { progress: follow(database, options) });
    db.exec('COMMIT');
    return { schema, ledgerAt, readMs: performance.now() - began };
  } finally {
    db.close();
  }
}

/** Asked between two steps: goes on, or throws. */
function follow(database: string, { signal, onProgress }: BackupOptions): (progress: { totalPages: number; remainingPages: number }) => number {
  const logAtStart = logBytes(database);
  return ({ totalPages, remainingPages }) => {
    signal?.throwIfAborted();
    const grown = logBytes(database) - logAtStart;
    if (grown > LOG_GROWTH_MAX)
      throw new BackupError(`given up: while the copy was written, the database's write-ahead log grew by ${Math.round(grown / 1e6)} MB. Write the backup to a faster disk, and move it from there.`);
    onProgress?.(totalPages - remainingPages, totalPages);
    return PAGES_A_STEP;
  };
}

const logBytes = (database: string): number => fs.statSync(`${database}-wal`, { throwIfNoEntry: false })?.size ?? 0;

function openOurs(database: string): Db {
  const db = openAnySchema(database, 'read');
  try {
    if (db.pragma('application_id', { simple: true }) === APPLICATION_ID) return db;
    throw new BackupError(`${database} is no database of ainogap.`);
  } catch (error) {
    db.close();
    throw error;
  }
}

function ledgerTime(db: Db): number | null {
  const at = db.prepare('SELECT at FROM ledger_clock').pluck().get() as number | undefined;
  return at === undefined || at === 0 ? null : at;
}

function refuseFullDisk(db: Db, folder: string): void {
  const bytes = Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true }));
  const free = freeBytes(folder);
  if (free !== null && free < bytes) throw new BackupError(`${folder} has ${(free / 1e6).toFixed(1)} MB free, and the backup needs ${(bytes / 1e6).toFixed(1)} MB.`);
}

function inWords(error: unknown, target: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof BackupError) return error;
  if (code === 'EEXIST') return existsAlready(target);
  const why = writeFailure(error);
  if (why !== null) return new BackupError(`${target} cannot be written: ${why}. Nothing was left there.`, { cause: error });
  if (code === 'SQLITE_NOTADB' || code?.startsWith('SQLITE_CORRUPT') || message.startsWith('the copy is'))
    return new BackupError(`no backup was made, for the database is damaged: ${message}. Keep it, and restore an earlier backup.`, { cause: error, next: 'ainogap verify' });
  if (code?.startsWith('SQLITE_')) return new BackupError(`no backup was made: ${message} (${code}).`, { cause: error });
  return error;
}
