/**
 * Who is alive. Each serving process holds an exclusive SQLite lock on a file of its own beside the database. The
 * lock survives SIGSTOP and is freed by `kill -9`; heartbeats do neither, and process ids repeat in containers. So
 * whoever obtains the lock has proven its owner dead.
 */
import * as fs from 'node:fs';
import { openLockFile, SqliteError, type Db } from './open.ts';

export interface InstanceLock {
  readonly path: string;
  release(): void;
}

export function lockPath(database: string, token: string): string {
  return `${database}.instance-${token}`;
}

/** Creates the file (0600) and holds its lock. */
export function acquireInstanceLock(database: string, token: string): InstanceLock {
  const path = lockPath(database, token);
  fs.closeSync(fs.openSync(path, 'wx', 0o600));
  const db = openLockFile(path);
  lock(db);
  return { path, release: () => db.close() };
}

/**
 * True when the instance is gone: its lock could be had, or its file is missing, for a living instance created and
 * locked its file before its row appeared, and stops when the file is removed.
 */
export function isInstanceDead(database: string, token: string): boolean {
  const path = lockPath(database, token);
  if (!fs.existsSync(path)) return true;
  let db: Db | undefined;
  try {
    db = openLockFile(path);
    lock(db);
    return true;
  } catch (error) {
    if (error instanceof SqliteError && error.code.startsWith('SQLITE_BUSY')) return false;
    if (!fs.existsSync(path)) return true;
    throw error;
  } finally {
    // Through SQLite, never by a plain close: that would drop the process's own locks on the file.
    db?.close();
  }
}

function lock(db: Db): void {
  // Nothing is ever written to the file, so it needs no journal beside it.
  db.pragma('journal_mode = MEMORY');
  db.exec('BEGIN EXCLUSIVE');
}

export function removeLockFile(database: string, token: string): void {
  fs.rmSync(lockPath(database, token), { force: true });
}
