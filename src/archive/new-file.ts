/** A file that appears under its name only when all of it is on disk, and never in the place of another one. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ArchiveError, writingFailure } from './archive-error.ts';

/** Throws in words where a file of that name could not be put: sooner than after all was written. */
export function refuseTarget(target: string): void {
  const folder = fs.statSync(path.dirname(target), { throwIfNoEntry: false });
  if (folder === undefined || !folder.isDirectory()) throw new ArchiveError(`the archive ${target} cannot be written: its folder is not there; no request was moved.`);
  if (fs.lstatSync(target, { throwIfNoEntry: false }) !== undefined)
    throw new ArchiveError(`there is a file ${target} already, and archives never overwrite one; no request was moved.`, { next: 'give another name with --out FILE' });
}

/** For its owner alone. Throws when there is one of that name. */
export async function createFile(file: string): Promise<fs.promises.FileHandle> {
  try {
    return await fs.promises.open(file, 'wx', 0o600);
  } catch (error) {
    throw writingFailure(file, error);
  }
}

/**
 * Gives the whole file its name, on disk when it resolves. A link fails where the name is taken, which a rename would
 * not; where a file system has no links, one is looked for before the rename.
 */
export async function publishFile(partial: string, target: string): Promise<void> {
  try {
    try {
      await fs.promises.link(partial, target);
      await fs.promises.unlink(partial);
    } catch (error) {
      if (!['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      refuseTarget(target);
      await fs.promises.rename(partial, target);
    }
    await syncFolder(path.dirname(target));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') refuseTarget(target);
    throw writingFailure(target, error);
  }
}

/** Without it a power loss can take the name away again. Windows has no such call, and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await fs.promises.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function removeFile(file: string): Promise<void> {
  await fs.promises.rm(file, { force: true });
}
