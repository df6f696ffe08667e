// SHA256SUMS, as `sha256sum -c SHA256SUMS` reads it in the folder of the files.
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';

export const SUMS_FILE = 'SHA256SUMS';

/** Writes it beside the files, which are all in one folder; returns its path. */
export async function sha256Sums(files: readonly string[]): Promise<string> {
  const folders = new Set(files.map((file) => path.dirname(path.resolve(file))));
  const [folder, ...others] = folders;
  if (folder === undefined || others.length > 0) throw new Error(`the files of one ${SUMS_FILE} are in one folder, not in ${folders.size}`);
  const lines: string[] = [];
  for (const file of files.toSorted()) {
    const name = path.basename(file);
    // Such names need an escape that not every reader knows.
    if (/[\\\n\r]/.test(name)) throw new Error(`${JSON.stringify(name)} cannot stand in ${SUMS_FILE}`);
    lines.push(`${await sha256(file)}  ${name}\n`);
  }
  const sums = path.join(folder, SUMS_FILE);
  fs.writeFileSync(sums, lines.join(''));
  return sums;
}

/** In pieces: binaries have a hundred megabytes. */
async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of fs.createReadStream(file)) hash.update(piece as Buffer);
  return hash.digest('hex');
}
