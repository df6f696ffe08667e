/** Puts bytes of the program into a private cache folder, for what can only be used as a file. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

export class UnpackError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnpackError';
  }
}

export interface PackedFile {
  readonly name: string;
  /** Changes with the bytes. */
  readonly version: string;
  readonly bytes: Uint8Array;
}

/** What a killed process left of its own is removed when it is so old that nobody can be writing it. */
const ABANDONED_AFTER_MS = 600_000;

/**
 * Writes `bytes` as `name` into a folder named by `version`, unless it is there, hands its path to `use`, and returns
 * that path. The next folder is tried when one cannot be used or `use` throws (a file system mounted `noexec`).
 *
 * Safe against processes that do the same at once (a name of one's own, then a rename), against a kill in the middle
 * (the final name never holds part of a file), against a file that was damaged or replaced (it is compared whole every
 * time, which is quicker than a digest of it) and against folders that others can write (refused). Throws `UnpackError` naming each folder and why it would not do.
 */
export function unpackFile({ name, version, bytes }: PackedFile, use: (file: string) => void): string {
  const reasons: string[] = [];
  for (const root of cacheFolders(process.env)) {
    try {
      const folder = privateFolder(root, version);
      const file = path.join(folder, name);
      if (!holds(file, bytes)) write(file, bytes);
      use(file);
      return file;
    } catch (error) {
      reasons.push(`${root}: ${(error as Error).message}`);
    }
  }
  throw new UnpackError(
    `${name} cannot be unpacked anywhere; set AINOGAP_CACHE_DIR to a folder of your own that allows execution.\n  ${reasons.join('\n  ')}`,
  );
}

/** Where to try, in this order. One that was named is the only one. */
export function cacheFolders(env: Readonly<Record<string, string | undefined>>): string[] {
  if (env['AINOGAP_CACHE_DIR']) return [path.resolve(env['AINOGAP_CACHE_DIR'])];
  const own: string[] = [];
  // A service manager's own folder for it.
  if (env['CACHE_DIRECTORY']) own.push(path.resolve(env['CACHE_DIRECTORY'].split(':')[0] as string));
  if (process.platform === 'win32' && env['LOCALAPPDATA']) own.push(path.join(env['LOCALAPPDATA'], 'ainogap', 'cache'));
  else if (env['XDG_CACHE_HOME'] && path.isAbsolute(env['XDG_CACHE_HOME'])) own.push(path.join(env['XDG_CACHE_HOME'], 'ainogap'));
  else if (env['HOME']) own.push(path.join(env['HOME'], ...(process.platform === 'darwin' ? ['Library', 'Caches'] : ['.cache']), 'ainogap'));
  const user = typeof process.getuid === 'function' ? process.getuid() : 'user';
  return [...own, path.join(os.tmpdir(), `ainogap-${user}`)];
}

/** `root/native/<version>`, 0700, made where missing. Throws when somebody else could write one of them. */
function privateFolder(root: string, version: string): string {
  const folder = path.join(root, 'native', version);
  for (const each of [root, path.dirname(folder), folder]) {
    fs.mkdirSync(each, { recursive: true, mode: 0o700 });
    // Before anything is made in it: it may be a link that another user has left, to where only this one can write.
    requireOwn(each);
  }
  return folder;
}

function requireOwn(folder: string): void {
  if (typeof process.getuid !== 'function') return;
  const stat = fs.lstatSync(folder);
  if (!stat.isDirectory() || stat.uid !== process.getuid() || (stat.mode & 0o022) !== 0) throw new Error(`${folder} is not a folder that this user alone can write`);
}

function holds(file: string, bytes: Uint8Array): boolean {
  try {
    return fs.readFileSync(file).equals(bytes);
  } catch {
    return false;
  }
}

function write(file: string, bytes: Uint8Array): void {
  const folder = path.dirname(file);
  removeAbandoned(folder);
  // Process ids repeat in containers that share a folder; `wx` refuses a name that is taken.
  const own = path.join(folder, `.${process.pid}.${process.hrtime.bigint()}.tmp`);
  try {
    fs.writeFileSync(own, bytes, { flag: 'wx', mode: 0o700, flush: true });
    fs.renameSync(own, file);
  } catch (error) {
    fs.rmSync(own, { force: true });
    // Windows lets nobody replace a file that is in use; whoever uses it wrote the same bytes.
    if (!holds(file, bytes)) throw error;
  }
}

function removeAbandoned(folder: string): void {
  for (const name of fs.readdirSync(folder)) {
    if (!name.endsWith('.tmp')) continue;
    try {
      const file = path.join(folder, name);
      if (Date.now() - fs.statSync(file).mtimeMs > ABANDONED_AFTER_MS) fs.rmSync(file, { force: true });
    } catch {
      // Another process was quicker.
    }
  }
}
