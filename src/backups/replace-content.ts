/**
 * Puts a copy in the place of a database, keeping the old one aside.
 *
 * Where SQLite can use the old one, the copy is written into it as one transaction, by SQLite's own backup: a kill leaves
 * all of the old content or all of the new. A rename would be shorter, and wrong: a process that opened the old file a
 * moment before would find the new one's write-ahead log by its name, and mix the two. Where it cannot be used, nobody can
 * have it open, and it is moved aside with all that belongs to it.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPrivateFile, freeBytes, giveToOwner, placeFile, syncFile, syncFolder } from '../db/durable-files.ts';
import { livingInstances } from '../db/living-instances.ts';
import { openAnySchema, SqliteError, type Db } from '../db/open.ts';
import { BackupError, writeFailure } from './backup-error.ts';

export interface Replacement {
  /** The database's real path. */
  readonly database: string;
  /** A finished single file beside it, of the same owner; it is used up. */
  readonly staged: string;
  /** Where the old one is kept. */
  readonly aside: string;
}

const ALONE_WITHIN_MS = 1_000;
/** https://www.sqlite.org/fileformat2.html: whoever commits, or turns the write-ahead log on, changes the header. */
const HEADER_BYTES = 100;

/** True: the old database is in `aside`; false: there was none. Throws `BackupError`, and then nothing was changed. */
export async function replaceContent(replacement: Replacement): Promise<boolean> {
  const { database, aside } = replacement;
  refuseServed(database);
  const usable = await closeLog(database);
  if (!usable) return moveAside(replacement);
  const file = fs.openSync(database, 'r');
  // Closing a file drops the locks that SQLite has on it in this process, so this one stays open until all is done.
  try {
    const header = headerOf(file);
    copyAside(database, aside);
    await overwrite(replacement, () => {
      refuseServed(database);
      if (!header.equals(headerOf(file))) throw new BackupError('another process wrote to the database just now; nothing was changed. Try again.');
    });
    // Every commit counts in the header.
    if (header.equals(headerOf(file))) throw new BackupError(`the backup was not written into ${database}; nothing was changed. Try again.`);
    // A database that was made by hand may have been readable by others; and SQLite syncs no folder after a commit.
    fs.fchmodSync(file, 0o600);
    syncFolder(path.dirname(database));
    return true;
  } catch (error) {
    fs.rmSync(aside, { force: true });
    throw inWords(error, database, aside);
  } finally {
    fs.closeSync(file);
  }
}

/** Throws `BackupError` in words. */
export function refuseServed(database: string): void {
  const { length } = livingInstances(database);
  if (length === 0) return;
  const [who, it] = length === 1 ? ['a process serves', 'it'] : [`${length} processes serve`, 'them'];
  throw new BackupError(`${who} ${database}; nothing was changed. Stop ${it} first: what is written meanwhile would be lost.`, { next: 'kill -TERM PID   or   systemctl stop ainogap' });
}

/**
 * Brings what is in the write-ahead log into the file and removes the log, which SQLite does only for who is alone with
 * the database. False: SQLite cannot use what is there, or nothing is.
 */
async function closeLog(database: string): Promise<boolean> {
  let db: Db | undefined;
  try {
    if (!fs.existsSync(database)) return false;
    db = openAnySchema(database, 'write');
    const deadline = performance.now() + ALONE_WITHIN_MS;
    while (!isAlone(db)) {
      if (performance.now() > deadline)
        throw new BackupError(`another process has ${database} open (a command, or \`ainogap top\`); nothing was changed. End it first.`, { next: `fuser ${database}` });
      await sleep(50);
    }
    return true;
  } catch (error) {
    const unusable = error instanceof SqliteError && /^SQLITE_(NOTADB|CORRUPT|IOERR_(READ|SHORT_READ|CORRUPTFS))/.test(error.code);
    if (!unusable) throw inWords(error, database, database);
    return false;
  } finally {
    db?.close();
  }
}

function isAlone(db: Db): boolean {
  try {
    db.pragma('busy_timeout = 0');
    if (db.pragma('journal_mode = DELETE', { simple: true }) !== 'delete') return false;
    db.exec('BEGIN EXCLUSIVE; ROLLBACK');
    return true;
  } catch (error) {
    if (error instanceof SqliteError && error.code.startsWith('SQLITE_BUSY')) return false;
    throw error;
  }
}

function headerOf(file: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  fs.readSync(file, header, 0, HEADER_BYTES, 0);
  return header;
}

function copyAside(database: string, aside: string): void {
  const { size } = fs.statSync(database);
  const free = freeBytes(path.dirname(database));
  // The copy, and SQLite's journal of the pages that are overwritten.
  if (free !== null && free < 2 * size)
    throw new BackupError(`${path.dirname(database)} has ${(free / 1e6).toFixed(1)} MB free; to keep the old database aside and to be able to go back, a restore needs ${((2 * size) / 1e6).toFixed(1)} MB. Nothing was changed.`);
  createPrivateFile(aside);
  fs.copyFileSync(database, aside, fs.constants.COPYFILE_FICLONE);
  fs.chmodSync(aside, 0o600);
  giveToOwner(aside, database);
  syncFile(aside);
  syncFolder(path.dirname(aside));
}

/** `locked` is called once nobody else can write; what it throws leaves everything as it was. */
async function overwrite({ database, staged }: Replacement, locked: () => void): Promise<void> {
  const from = openAnySchema(staged, 'read');
  let alone = false;
  try {
    await from.backup(database, {
      progress: () => {
        // The first step takes the lock and copies nothing. Where another has it, the library ends without a word and without
        // a copy, and this is never called.
        if (!alone) locked();
        alone = true;
        return 4096;
      },
    });
  } finally {
    from.close();
  }
  if (!alone) throw new BackupError(`another process uses ${database}; nothing was changed. Try again.`);
}

/** With its log and journal, for those would be taken for the new one's. */
function moveAside({ database, staged, aside }: Replacement): boolean {
  let moved = false;
  giveToOwner(staged, fs.existsSync(database) ? database : path.dirname(database));
  for (const suffix of ['-wal', '-shm', '-journal', '']) {
    if (!fs.lstatSync(database + suffix, { throwIfNoEntry: false })) continue;
    fs.renameSync(database + suffix, aside + suffix);
    if (process.platform !== 'win32') fs.chmodSync(aside + suffix, 0o600);
    moved = true;
  }
  syncFolder(path.dirname(database));
  syncFile(staged);
  placeFile(staged, database);
  return moved;
}

function inWords(error: unknown, database: string, aside: string): unknown {
  if (error instanceof BackupError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code.startsWith('SQLITE_BUSY') || code === 'SQLITE_LOCKED') return new BackupError(`another process uses ${database}; nothing was changed. Try again.`, { cause: error });
  const why = writeFailure(error);
  if (why !== null) return new BackupError(`${aside} or ${database} cannot be written: ${why}. Nothing was changed.`, { cause: error });
  return code.startsWith('SQLITE_') ? new BackupError(`SQLite failed (${message}, ${code}); nothing was changed.`, { cause: error }) : error;
}
