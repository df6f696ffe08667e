import * as fs from 'node:fs';
import * as path from 'node:path';
import { CliError, usageError } from './cli-error.ts';
import type { CliContext } from './context.ts';

/** Far above any receipt or price card. */
const BYTES_MAX = 16 * 1024 * 1024;
const STDIN = 0;

export interface Input {
  /** As typed: a path, or `-` for standard input. */
  readonly file: string;
  /** The option that named it, e.g. `--check`. */
  readonly option: string;
  /** What it should hold, e.g. `the receipt`. */
  readonly what: string;
}

/**
 * The text of a file that the command line names. Throws a `CliError` when it cannot be read, is no regular file, or has
 * more than 16 MB: a device or an endless pipe would fill the memory.
 */
export function readInput(ctx: CliContext, input: Input): string {
  const { file, option, what } = input;
  if (file === '') throw usageError(`${option} needs the path of a file, or - for standard input.`);
  try {
    return file === '-' ? readBounded(STDIN, what) : readRegular(path.resolve(ctx.cwd, file), input);
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`cannot read ${what}: ${(error as Error).message}.`);
  }
}

function readRegular(absolute: string, { file, option, what }: Input): string {
  // Without O_NONBLOCK, the opening of a pipe that nobody writes to would wait for ever.
  const descriptor = fs.openSync(absolute, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  try {
    if (!fs.fstatSync(descriptor).isFile()) throw new CliError(`cannot read ${what}: ${file} is no regular file. From a pipe, it comes as ${option} - on standard input.`);
    return readBounded(descriptor, what);
  } finally {
    fs.closeSync(descriptor);
  }
}

function readBounded(descriptor: number, what: string): string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(65_536);
    const count = readSome(descriptor, chunk);
    if (count === 0) return Buffer.concat(chunks).toString('utf8');
    bytes += count;
    if (bytes > BYTES_MAX) throw new CliError(`cannot read ${what}: the input has more than ${BYTES_MAX / 1024 ** 2} MB, so it is something else.`);
    chunks.push(chunk.subarray(0, count));
  }
}

/** A pipe that another process has made non-blocking says EAGAIN while it is empty. */
function readSome(descriptor: number, chunk: Buffer): number {
  for (;;) {
    try {
      return fs.readSync(descriptor, chunk);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}
