/** Files that are there whole or not at all, after a power loss too, and readable by their owner alone. */
import * as fs from 'node:fs';
import * as path from 'node:path';

/** An empty file with mode 0600 whatever the umask is. Throws `EEXIST` when there is one. */
export function createPrivateFile(file: string): void {
  const fd = fs.openSync(file, 'wx', 0o600);
  try {
    // The umask may have taken bits away from the owner too.
    if (process.platform !== 'win32') fs.fchmodSync(fd, 0o600);
  } finally {
    fs.closeSync(fd);
  }
}

/** What was written to the file is on disk. Never for a database that this process has open: SQLite's locks would go. */
export function syncFile(file: string): void {
  const fd = fs.openSync(file, 'r+');
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** Names that were made, changed or removed in the folder are so on disk. Windows has no such thing. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const fd = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(fd);
  } catch (error) {
    // Some file systems have no such call for folders, and then no need for it.
    if (!['EINVAL', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    fs.closeSync(fd);
  }
}

/** Gives a finished file its name, in place of what had it. Durable when it returns. */
export function replaceFile(from: string, to: string): void {
  fs.renameSync(from, to);
  syncFolder(path.dirname(to));
}

/** Gives a finished file its name, and throws `EEXIST` when something has it. Durable when it returns. */
export function placeFile(from: string, to: string): void {
  try {
    // A link refuses an existing name in one step, which a rename does not.
    fs.linkSync(from, to);
    fs.unlinkSync(from);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
    // A file system without hard links.
    if (fs.lstatSync(to, { throwIfNoEntry: false })) throw Object.assign(new Error(`${to} exists`), { code: 'EEXIST' });
    fs.renameSync(from, to);
  }
  syncFolder(path.dirname(to));
}

/** Bytes that this user can still write there; null where the system does not say. */
export function freeBytes(folder: string): number | null {
  try {
    const { bavail, bsize } = fs.statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

/** What root makes for a service belongs to the service's user: to whoever owns `like`. Does nothing for other users. */
export function giveToOwner(file: string, like: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = fs.statSync(like);
  fs.chownSync(file, uid, gid);
}
