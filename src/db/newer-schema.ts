import * as fs from 'node:fs';
import { upgradeBackups } from './backup-names.ts';
import { DatabaseError } from './database-error.ts';
import { APPLICATION_ID, SCHEMA_VERSION } from './migrate.ts';

/** A database that a newer program has upgraded, and the two ways on. */
export function newerSchema(database: string, version: number): DatabaseError {
  const backup = backupBefore(database);
  const what = `${database} has schema ${version}, made by a newer ainogap; this one knows up to ${SCHEMA_VERSION}`;
  if (backup === null) return new DatabaseError('newer_schema', `${what}: upgrade ainogap, or restore a backup that was made before`);
  return new DatabaseError(
    'newer_schema',
    `${what}: upgrade ainogap, or go back to the database as it was before that upgrade, without what happened since`,
    { next: `ainogap restore ${backup}   (first with --dry-run: it says what would be lost)` },
  );
}

/** The newest automatic backup beside the database that this program can read. */
function backupBefore(database: string): string | null {
  const usable = upgradeBackups(database).find(({ file, before }) => before > SCHEMA_VERSION && isReadable(file));
  return usable?.file ?? null;
}

/** By the header of a file that nobody writes to. https://www.sqlite.org/fileformat2.html#the_database_header */
function isReadable(file: string): boolean {
  try {
    const header = Buffer.alloc(100);
    const fd = fs.openSync(file, 'r');
    try {
      fs.readSync(fd, header, 0, 100, 0);
    } finally {
      fs.closeSync(fd);
    }
    return header.readUInt32BE(68) === APPLICATION_ID && header.readUInt32BE(60) <= SCHEMA_VERSION;
  } catch {
    return false;
  }
}
