/**
 * SQLite itself, for the single executable: the system loads native code from files only, so it is unpacked once into a
 * folder that only this user can write. Everywhere else better-sqlite3 finds its addon by itself.
 */
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import * as path from 'node:path';
import { isPacked, readProgramFile, readProgramText } from '../program-files.ts';
import { unpackFile } from './unpack-file.ts';

const ADDON = 'better_sqlite3.node';
/** Tells worker threads, which begin later, what the main thread has checked already. */
const CHECKED = 'ainogap.addon';

let addon: object | undefined;

/** What better-sqlite3 takes as `nativeBinding`; undefined: it looks beside itself. Throws an `UnpackError`. */
export function nativeAddon(): object | undefined {
  if (!isPacked) return undefined;
  if (addon === undefined) {
    const checked = getEnvironmentData(CHECKED);
    if (typeof checked === 'string') addon = load(checked);
    else setEnvironmentData(CHECKED, unpackFile({ name: ADDON, version: readProgramText(beside(`${ADDON}.version`)), bytes: readProgramFile(beside(ADDON)) }, (file) => (addon = load(file))));
  }
  return addon;
}

const beside = (name: string): string => path.join(path.dirname(process.execPath), name);

function load(file: string): object {
  const module = { exports: {} };
  process.dlopen(module, file);
  return module.exports;
}
