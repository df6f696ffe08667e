/**
 * Where a serving process can be asked: a Unix socket beside the database. Who answers on it is alive and is the one
 * that listens; a process id on record would prove neither, for they repeat, in containers most of all.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';

/** sockaddr_un(7) has room for 108 bytes on Linux and 104 on macOS, one of them for the end. */
const PATH_BYTES_MAX = 103;
const INFIX = '.control-';

export function controlPath(database: string, token: string): string {
  return `${database}${INFIX}${token}`;
}

/** Those that lie beside the database, of living and of killed processes. */
export function controlPaths(database: string): string[] {
  const prefix = `${path.basename(database)}${INFIX}`;
  const folder = path.dirname(database);
  return fs
    .readdirSync(folder)
    .filter((name) => name.startsWith(prefix))
    .map((name) => path.join(folder, name));
}

/**
 * Calls `use` with a name for the socket that is short enough for the system. On Linux one that is too long is reached
 * through a descriptor of its folder; elsewhere it throws.
 */
export async function withShortPath<T>(file: string, use: (short: string) => Promise<T>): Promise<T> {
  if (Buffer.byteLength(file) <= PATH_BYTES_MAX) return await use(file);
  if (process.platform !== 'linux') throw new Error(`the path ${file} is longer than the ${PATH_BYTES_MAX} bytes that a socket's may have`);
  const folder = fs.openSync(path.dirname(file), 'r');
  try {
    return await use(`/proc/self/fd/${folder}/${path.basename(file)}`);
  } finally {
    fs.closeSync(folder);
  }
}
