/** One process at a time for what changes a database as a whole: an upgrade of its schema, a restore. */
import * as fs from 'node:fs';
import { openLockFile, SqliteError } from './open.ts';

export interface Turn {
  release(): void;
}

export interface TurnOptions {
  /** How long another process is waited for. */
  readonly waitMs: number;
  /** Called once, when the wait is noticeable. */
  readonly onWait?: () => void;
}

const SAY_AFTER_MS = 1_000;
const POLL_MS = 50;

/** Null when another process has kept its turn for so long. The lock dies with its owner. `database` is a real path. */
export function takeTurn(database: string, { waitMs, onWait }: TurnOptions): Turn | null {
  const file = `${database}.upgrading`;
  makeLockFile(file);
  const lock = openLockFile(file);
  const began = performance.now();
  let told = false;
  for (;;) {
    try {
      // Nothing is ever written to the file, so it needs no journal beside it. This reads, so it may find the lock taken.
      lock.pragma('journal_mode = MEMORY');
      lock.exec('BEGIN EXCLUSIVE');
      break;
    } catch (error) {
      const waitedMs = performance.now() - began;
      const busy = error instanceof SqliteError && error.code.startsWith('SQLITE_BUSY');
      if (!busy || waitedMs >= waitMs) lock.close();
      if (!busy) throw error;
      if (waitedMs >= waitMs) return null;
      if (!told && waitedMs > SAY_AFTER_MS) onWait?.();
      told ||= waitedMs > SAY_AFTER_MS;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
    }
  }
  return {
    release() {
      // A process that waits for this very file and one that makes a new one may then both have their turn: the later
      // one finds the work done, or SQLite's own locks taken.
      fs.rmSync(file, { force: true });
      lock.close();
    },
  };
}

/** One that a killed process of another user left, root's for one, is of no use and in the way. */
function makeLockFile(file: string): void {
  try {
    fs.closeSync(fs.openSync(file, 'a', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES' || !fs.existsSync(file)) throw error;
    fs.rmSync(file);
    fs.closeSync(fs.openSync(file, 'a', 0o600));
  }
}
