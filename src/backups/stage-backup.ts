/** A backup, checked and copied beside the database that it is to replace: what is prepared there touches neither. */
import * as fs from 'node:fs';
import { checkCopy } from '../db/check-copy.ts';
import { createPrivateFile } from '../db/durable-files.ts';
import { livingInstances } from '../db/living-instances.ts';
import { APPLICATION_ID, SCHEMA_VERSION, versionOf } from '../db/migrate.ts';
import { openAnySchema, type Db } from '../db/open.ts';
import { BackupError, writeFailure } from './backup-error.ts';

export interface StageOptions {
  /** The backup, an absolute path. */
  readonly source: string;
  /** The database that it is for; it need not be there. */
  readonly database: string;
  /** Where the copy goes; nothing is there. */
  readonly staged: string;
}

export interface StagedBackup {
  readonly schema: number;
  readonly bytes: number;
}

/** Throws `BackupError`, and leaves what it wrote to the caller to remove. */
export async function stageBackup({ source, database, staged }: StageOptions): Promise<StagedBackup> {
  refuseNoBackup(source, database);
  let schema: number;
  const backup = openBackup(source);
  try {
    schema = requireKnownSchema(backup, source);
    createPrivateFile(staged);
    await backup.backup(staged, { progress: () => 4096 });
  } catch (error) {
    throw inWords(error, source, staged);
  } finally {
    backup.close();
  }
  try {
    checkCopy(staged, schema);
  } catch (error) {
    throw damaged(source, error as Error);
  }
  return { schema, bytes: fs.statSync(staged).size };
}

function refuseNoBackup(source: string, database: string): void {
  const found = statOf(source);
  if (found === undefined) throw new BackupError(`there is no file ${source}.`);
  if (found.isDirectory()) throw new BackupError(`${source} is a folder; name the backup in it.`);
  if (!found.isFile()) throw new BackupError(`${source} is no regular file, so it is no backup.`);
  if (found.size === 0) throw new BackupError(`${source} is empty, so it is no backup.`);
  const current = statOf(database);
  if (current !== undefined && current.ino === found.ino && current.dev === found.dev) throw new BackupError(`${source} is the database itself; name a backup of it.`);
  if (livingInstances(fs.realpathSync(source)).length > 0)
    throw new BackupError(`${source} is a database that is served at this moment, no backup; make one of it with the configuration of that gateway.`, { next: 'ainogap --config ITS_CONFIG backup FILE' });
}

function statOf(file: string): fs.Stats | undefined {
  try {
    return fs.statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    throw new BackupError(`${file} cannot be read: ${(error as Error).message}.`);
  }
}

function openBackup(source: string): Db {
  try {
    return openAnySchema(source, 'read');
  } catch (error) {
    throw new BackupError(`${source} cannot be opened: ${(error as Error).message}.`, { cause: error });
  }
}

function requireKnownSchema(backup: Db, source: string): number {
  if (backup.pragma('application_id', { simple: true }) !== APPLICATION_ID) throw new BackupError(`${source} is a database of another program, no backup of ainogap.`);
  const schema = versionOf(backup);
  if (schema > SCHEMA_VERSION)
    throw new BackupError(`${source} has schema ${schema}, made by a newer ainogap; this one knows up to ${SCHEMA_VERSION}. Upgrade ainogap to restore it, or restore an older backup.`);
  return schema;
}

function inWords(error: unknown, source: string, staged: string): unknown {
  if (error instanceof BackupError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'SQLITE_NOTADB') return new BackupError(`${source} is no SQLite database, so it is no backup.`, { cause: error });
  if (code.startsWith('SQLITE_CORRUPT')) return damaged(source, error as Error);
  // A database that was copied with its log needs a file for the log's index beside it.
  if (code.startsWith('SQLITE_CANTOPEN') || code.startsWith('SQLITE_READONLY'))
    return new BackupError(`${source} cannot be read where it is (${message}); copy it, and what lies beside it, into a folder that this user may write.`, { cause: error });
  const why = writeFailure(error);
  return why === null ? error : new BackupError(`${staged}, the copy to restore from, cannot be written: ${why}. Nothing was changed.`, { cause: error });
}

const damaged = (source: string, error: Error): BackupError => new BackupError(`${source} is damaged (${error.message}); nothing was changed. Take another backup.`, { cause: error });
