/** A file that is there whole or not at all: written beside its place, readable by its owner alone, and then renamed. */
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { CliError, usageError } from './cli-error.ts';

export interface AtomicFile {
  readonly write: (text: string) => Promise<void>;
  /** It is on disk, in the place of what was there before. */
  readonly commit: () => Promise<void>;
  /** Nothing happened. */
  readonly discard: () => Promise<void>;
}

/** Throws in words where no file can be made there, or where something is that is no file. */
export async function createAtomicFile(target: string): Promise<AtomicFile> {
  refuseNoFile(target);
  const partial = path.join(path.dirname(target), `.${path.basename(target)}.${randomBytes(6).toString('hex')}.partial`);
  const handle = await inWords(target, () => fs.promises.open(partial, 'wx', 0o600));
  return {
    write: (text) => inWords(target, () => handle.writeFile(text)),
    commit: () =>
      inWords(target, async () => {
        await handle.sync();
        await handle.close();
        await fs.promises.rename(partial, target);
      }),
    discard: async () => {
      await handle.close().catch(() => undefined);
      await fs.promises.rm(partial, { force: true });
    },
  };
}

/** A rename would put a file in the place of a device such as /dev/null. */
function refuseNoFile(target: string): void {
  const found = fs.statSync(target, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFile()) throw usageError(`--out: ${target} is not a file. Without --out it goes to stdout.`);
}

async function inWords<T>(target: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const why = { ENOENT: 'its folder is not there', EACCES: 'its folder may not be written', ENOSPC: 'the disk is full' }[code] ?? message;
    throw new CliError(`${target} cannot be written: ${why}.`);
  }
}
