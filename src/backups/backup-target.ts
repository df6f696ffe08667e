/** Where a backup goes: a file of that name, or a dated one in a folder. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { datedName } from '../db/backup-names.ts';
import { belongsToDatabase } from '../db/own-files.ts';
import { BackupError } from './backup-error.ts';

export interface TargetOptions {
  /** The database's real path. */
  readonly database: string;
  /** An absolute path, with a slash at its end where it was typed so. */
  readonly wanted: string;
  readonly force: boolean;
  /** Unix ms. */
  readonly now: number;
}

/** The real path that the copy gets. Throws `BackupError`: something is there already, the folder is not, it is the database. */
export function backupTarget({ database, wanted, force, now }: TargetOptions): string {
  const found = fs.statSync(wanted, { throwIfNoEntry: false });
  const asFolder = found?.isDirectory() === true || /[/\\]$/.test(wanted);
  const folder = realFolder(asFolder ? wanted : path.dirname(wanted));
  const target = path.join(folder, asFolder ? datedName(database, now) : path.basename(wanted));
  refuseOwnFiles(database, target);
  const there = fs.lstatSync(target, { throwIfNoEntry: false });
  if (there?.isSymbolicLink()) throw new BackupError(`${target} is a symbolic link; name the file itself, so that it is plain what is replaced.`);
  if (there?.isDirectory()) throw new BackupError(`${target} is a folder.`);
  if (there && !there.isFile()) throw new BackupError(`${target} is no regular file; a backup can only be one.`);
  if (there && !force) throw existsAlready(target);
  return target;
}

export const existsAlready = (target: string): BackupError => new BackupError(`there is ${target} already, and a backup overwrites nothing unless --force is given.`);

function realFolder(folder: string): string {
  try {
    const real = fs.realpathSync(folder);
    if (!fs.statSync(real).isDirectory()) throw new BackupError(`${folder} is not a folder.`);
    return real;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new BackupError(`there is no folder ${folder}.`, { next: `mkdir -p -m 700 ${folder}` });
    if (code === 'ENOTDIR') throw new BackupError(`${folder} is no folder: a part of its path is a file.`);
    if (code === 'EACCES') throw new BackupError(`${folder} may not be entered by this user.`);
    throw error;
  }
}

function refuseOwnFiles(database: string, target: string): void {
  if (belongsToDatabase(database, target)) throw new BackupError(`${target} is the database itself or belongs to it; give the backup another name.`);
}
