/**
 * The program's own files: beside its bundle, or inside the single executable, where they are found by the same names.
 * Callers name a file by its path beside the bundle.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as sea from 'node:sea';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** True in the single executable. */
export const isPacked: boolean = sea.isSea();

/** The bundles take the executable's own path for theirs, so names are relative to its folder. */
const assetOf = (file: string): string => path.relative(path.dirname(process.execPath), file).split(path.sep).join('/');

/** The whole of a file. Throws when there is none. */
export function readProgramFile(file: string): Uint8Array<ArrayBuffer> {
  return isPacked ? new Uint8Array(sea.getAsset(assetOf(file))) : new Uint8Array(fs.readFileSync(file));
}

/** The whole of a UTF-8 file. Throws when there is none. */
export function readProgramText(file: string): string {
  return isPacked ? sea.getAsset(assetOf(file), 'utf8') : fs.readFileSync(file, 'utf8');
}

export function hasProgramFile(file: string): boolean {
  if (!isPacked) return fs.existsSync(file);
  try {
    sea.getRawAsset(assetOf(file));
    return true;
  } catch {
    return false;
  }
}

/** A worker thread that runs a bundle. */
export function startWorker(file: URL, options: WorkerOptions): Worker {
  if (!isPacked) return new Worker(file, options);
  return new Worker(readProgramText(fileURLToPath(file)), { ...options, eval: true });
}
