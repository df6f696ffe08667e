/** The backup that is made before each upgrade, beside the database or in the folder that the environment names. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { beforeSchemaName, upgradeBackups } from './backup-names.ts';
import { checkCopy } from './check-copy.ts';
import { DatabaseError } from './database-error.ts';
import { createPrivateFile, freeBytes, giveToOwner, placeFile, syncFile } from './durable-files.ts';
import type { Db } from './open.ts';
import type { PendingMigrations } from './pending-migrations.ts';

/** A folder, or `none` for no automatic backups. In the environment, for a database is opened with no configuration at hand. */
export const UPGRADE_BACKUPS_VARIABLE = 'AINOGAP_UPGRADE_BACKUPS';

/** Each is as large as the database was. */
export const UPGRADE_BACKUPS_KEPT = 3;

/** Left free beyond the copy's size, for the write-ahead log of those who work meanwhile. */
const SPARE_BYTES = 8 * 1024 * 1024;

/** Null: switched off. */
function upgradeBackupFolder(database: string): string | null {
  const set = process.env[UPGRADE_BACKUPS_VARIABLE] ?? '';
  if (set === 'none') return null;
  return set === '' ? path.dirname(database) : path.resolve(set);
}

/**
 * The path of a checked copy (0600) that is on disk, or null when such backups are switched off. The caller is alone in
 * doing this. Throws `DatabaseError`, and leaves nothing, when it cannot be made.
 */
export function makeUpgradeBackup(db: Db, { from, to }: PendingMigrations): string | null {
  const folder = upgradeBackupFolder(db.name);
  if (folder === null) return null;
  const wanted = path.join(folder, beforeSchemaName(db.name, to, Date.now()));
  const partial = `${wanted}.partial`;
  try {
    removeLeftOvers(db.name, folder);
    refuseFullDisk(db, folder);
    createPrivateFile(partial);
    db.prepare('VACUUM INTO ?').run(partial);
    checkCopy(partial, from);
    giveToOwner(partial, db.name);
    syncFile(partial);
    return placeFree(partial, wanted);
  } catch (error) {
    fs.rmSync(partial, { force: true });
    fs.rmSync(`${partial}-journal`, { force: true });
    throw notBackedUp(db.name, folder, error as NodeJS.ErrnoException);
  }
}

/** A second one within the same second gets a number. */
function placeFree(partial: string, wanted: string): string {
  for (let i = 1; ; i++) {
    const file = i === 1 ? wanted : `${wanted}-${i}`;
    try {
      placeFile(partial, file);
      return file;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** What a process left that was killed while it copied. */
function removeLeftOvers(database: string, folder: string): void {
  const start = `${path.basename(database)}.before-schema-`;
  for (const name of fs.readdirSync(folder)) if (name.startsWith(start) && /\.partial(-journal)?$/.test(name)) fs.rmSync(path.join(folder, name), { force: true });
}

/** Before the copy fills the disk: those who work beside this process need it too. */
function refuseFullDisk(db: Db, folder: string): void {
  const bytes = Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true }));
  const free = freeBytes(folder);
  if (free !== null && free < bytes + SPARE_BYTES) throw Object.assign(new Error(`it needs ${megabytes(bytes)}, and ${megabytes(free)} are free`), { code: 'ENOSPC' });
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

function notBackedUp(database: string, folder: string, { code, message }: NodeJS.ErrnoException): DatabaseError {
  const why =
    code === 'ENOENT'
      ? 'the folder is not there'
      : code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'SQLITE_READONLY'
        ? 'this user may not write there'
        : code === 'SQLITE_FULL' || (code === 'ENOSPC' && message === '')
          ? 'the disk is full'
          : message;
  return new DatabaseError(
    'not_backed_up',
    `${database} must be upgraded, but the backup before it cannot be written in ${folder}: ${why}. Nothing was changed. ` +
      `Make room there, name another folder with ${UPGRADE_BACKUPS_VARIABLE}=DIR, or make a backup elsewhere and switch this one off with ${UPGRADE_BACKUPS_VARIABLE}=none`,
    { next: 'ainogap backup /another/disk/ainogap.db' },
  );
}

/** Removes all but the newest few, and returns what was removed. */
export function removeOldUpgradeBackups(database: string): string[] {
  const folder = upgradeBackupFolder(database);
  if (folder === null) return [];
  const old = upgradeBackups(database, folder).slice(UPGRADE_BACKUPS_KEPT);
  for (const { file } of old) fs.rmSync(file, { force: true });
  return old.map(({ file }) => file);
}
