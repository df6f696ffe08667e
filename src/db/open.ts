/** Opens the database. The only file that loads better-sqlite3. */
import Database from 'better-sqlite3';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { findDamage } from './check-copy.ts';
import { DatabaseError } from './database-error.ts';
import { createPrivateFile } from './durable-files.ts';
import { APPLICATION_ID, migrate, SCHEMA_VERSION } from './migrate.ts';
import { nativeAddon } from './native-addon.ts';
import { newerSchema } from './newer-schema.ts';
import { UnpackError } from './unpack-file.ts';
import { upgrade, type UpgradeEvent } from './upgrade.ts';

export { DatabaseError, type DatabaseErrorCode } from './database-error.ts';

export type Db = Database.Database;
export type Statement = Database.Statement<unknown[]>;
export const SqliteError = Database.SqliteError;

/**
 * `create`: makes the file when there is none, and migrates. `write`: an existing database, migrated. `read`: an
 * existing database of exactly this schema, never written.
 */
export type OpenMode = 'create' | 'write' | 'read';

export interface OpenOptions {
  readonly mode: OpenMode;
  /** Milliseconds to wait for another process's transaction. Default 5000. */
  readonly busyTimeoutMs?: number;
  /** Told of an upgrade of the schema. By default it is said on standard error. */
  readonly onUpgrade?: (event: UpgradeEvent) => void;
}

/**
 * Opens `file`. Throws `DatabaseError` when it is missing, not ours or of another schema. Integers come back as
 * numbers unless a statement asks for `safeIntegers()`: statements that read money or request ids must.
 */
export function openDatabase(file: string, { mode, busyTimeoutMs = 5000, onUpgrade }: OpenOptions): Db {
  const absolute = locate(path.resolve(file), mode);
  let db: Db;
  try {
    db = connect(absolute, { fileMustExist: true, readonly: mode === 'read', timeout: busyTimeoutMs });
  } catch (error) {
    if (error instanceof UnpackError) throw new DatabaseError('unsafe', error.message, { cause: error });
    throw new DatabaseError('not_a_database', `cannot open ${absolute}: ${(error as Error).message}`, { cause: error });
  }
  try {
    if (mode === 'read') db = rolledBack(db, busyTimeoutMs);
    refuseForeign(db, mode);
    if (mode === 'read') requireSchema(db);
    else prepareWriter(db, onUpgrade);
    return db;
  } catch (error) {
    db.close();
    if (error instanceof SqliteError && error.code === 'SQLITE_NOTADB')
      throw new DatabaseError('not_a_database', `${absolute} is not a SQLite database`, { cause: error });
    throw error;
  }
}

function connect(file: string, options: Database.Options = {}): Db {
  const addon = nativeAddon();
  // The library takes the addon itself too, which its types do not say yet.
  return new Database(file, addon === undefined ? options : { ...options, nativeBinding: addon as unknown as string });
}

/** What a restore that was killed left half-written is undone by whoever opens the database next, also one that only reads. */
function rolledBack(db: Db, timeout: number): Db {
  try {
    db.pragma('schema_version');
    return db;
  } catch (error) {
    if (!(error instanceof SqliteError) || error.code !== 'SQLITE_READONLY_ROLLBACK') throw error;
  }
  db.close();
  const writer = connect(db.name, { fileMustExist: true, timeout });
  writer.pragma('schema_version');
  writer.close();
  return connect(db.name, { fileMustExist: true, readonly: true, timeout });
}

/**
 * The real path: absolute, because the library reads names that start with `file:` as URIs, and without symbolic
 * links, because other files are found beside it whichever way the processes came.
 */
function locate(file: string, mode: OpenMode): string {
  if (mode === 'create') createFile(file);
  else if (!fs.existsSync(file)) throw new DatabaseError('missing', `there is no database at ${file}; \`ainogap init\` makes one`);
  return fs.realpathSync(file);
}

/**
 * Throws `DatabaseError` when a page or a row is not what SQLite wrote: for a server to look before it begins, since
 * damage found later ends it in the middle of its requests. Costs about 0.2 s for a million charges.
 */
export function refuseDamaged(db: Db): void {
  const damage = findDamage(db);
  if (damage !== null) throw new DatabaseError('damaged', `${db.name} is damaged (${damage}); restore a backup: the damaged file is kept aside`, { next: 'ainogap restore FILE' });
}

/** A new schema in memory, for tests of what needs no disk. */
export function openMemoryDatabase(): Db {
  const db = connect(':memory:');
  migrate(db);
  return db;
}

/**
 * Opens an existing database whatever its schema is, and changes nothing about it: for copying, for looking at it, and
 * for what a restore does to a copy. Throws SQLite's own errors.
 */
export function openAnySchema(file: string, mode: 'read' | 'write'): Db {
  return connect(path.resolve(file), { fileMustExist: true, readonly: mode === 'read', timeout: 5000 });
}

/** Opens a file that only serves to be locked: no schema, no waiting. */
export function openLockFile(file: string): Db {
  return connect(file, { fileMustExist: true, timeout: 0 });
}

/**
 * An empty file with mode 0600. SQLite gives `-wal` and `-shm` the mode of the database itself, so nothing that
 * follows is readable by others either.
 */
function createFile(file: string): void {
  try {
    createPrivateFile(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EEXIST') return;
    if (code === 'ENOENT') throw new DatabaseError('no_directory', `cannot create ${file}: its folder does not exist`, { cause: error });
    throw error;
  }
}

function refuseForeign(db: Db, mode: OpenMode): void {
  const id = db.pragma('application_id', { simple: true });
  if (id === APPLICATION_ID) return;
  const empty = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0;
  if (id === 0 && empty) {
    if (mode === 'create') return;
    throw new DatabaseError('missing', `${db.name} is empty; \`ainogap init\` makes a database`);
  }
  // Another process may have finished its migration between the two reads.
  if (db.pragma('application_id', { simple: true }) === APPLICATION_ID) return;
  throw new DatabaseError('not_ours', `${db.name} is a database of another program; give \`database:\` another path`);
}

function requireSchema(db: Db): void {
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version > SCHEMA_VERSION) throw newerSchema(db.name, version);
  if (version < SCHEMA_VERSION)
    throw new DatabaseError(
      'older_schema',
      `${db.name} has schema ${version}, this program needs ${SCHEMA_VERSION}; \`ainogap serve\` or any command that writes upgrades it`,
    );
}

function prepareWriter(db: Db, onUpgrade: OpenOptions['onUpgrade']): void {
  // Before anything is changed: a newer schema may not even be in WAL mode.
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version > SCHEMA_VERSION) throw newerSchema(db.name, version);
  enterWal(db);
  // better-sqlite3 is built with DEFAULT_WAL_SYNCHRONOUS=1: without this, a power loss forgets acknowledged commits.
  db.pragma('synchronous = FULL');
  const synchronous = db.pragma('synchronous', { simple: true });
  if (synchronous !== 2)
    throw new DatabaseError('unsafe', `${db.name}: synchronous reads ${String(synchronous)} instead of 2 (FULL); commits would not be durable`);
  db.pragma('foreign_keys = ON');
  // A reader that stays open lets the WAL grow; afterwards it shrinks to this again.
  db.pragma('journal_size_limit = 67108864');
  upgrade(db, onUpgrade === undefined ? {} : { tell: onUpgrade });
}

/** The change to WAL needs the file alone for a moment, and SQLite does not wait for that by itself. */
function enterWal(db: Db): void {
  const deadline = Date.now() + 5000;
  for (;;) {
    try {
      if (db.pragma('journal_mode = WAL', { simple: true }) === 'wal') return;
      throw new DatabaseError('unsafe', `${db.name} cannot use a write-ahead log here (is it on a network file system?)`);
    } catch (error) {
      const busy = error instanceof SqliteError && error.code.startsWith('SQLITE_BUSY');
      if (!busy || Date.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}
