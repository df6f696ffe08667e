/** One process at a time for what changes a database as a whole: an upgrade of its schema, a restore. */
import * as fs from 'node:fs';
import { openLockFile, SqliteError, type Db } from './open.ts';

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
  const began = performance.now();
  let told = false;
  for (;;) {
    const taken = tryLock(file);
    if (taken !== null) return taken;
    const waitedMs = performance.now() - began;
    if (waitedMs >= waitMs) return null;
    if (!told && waitedMs > SAY_AFTER_MS) onWait?.();
    told ||= waitedMs > SAY_AFTER_MS;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
  }
}

/**
 * Null: another process has it. Whoever ends a turn removes the file, so the one that was opened here may have lost its
 * name meanwhile: its lock would keep nobody out who makes a new one, and does not count.
 */
function tryLock(file: string): Turn | null {
  makeLockFile(file);
  const opened = inodeOf(file);
  let lock: Db | undefined;
  let locked = false;
  try {
    lock = openLockFile(file);
    // Nothing is ever written to the file, so it needs no journal beside it. This reads, so it may find the lock taken.
    lock.pragma('journal_mode = MEMORY');
    lock.exec('BEGIN EXCLUSIVE');
    locked = opened !== null && inodeOf(file) === opened;
    return locked ? turnOf(file, lock) : null;
  } catch (error) {
    // It could be opened just now: where it cannot any more, it was removed in between.
    if (error instanceof SqliteError && /^SQLITE_(BUSY|CANTOPEN)/.test(error.code)) return null;
    throw error;
  } finally {
    if (!locked) lock?.close();
  }
}

const turnOf = (file: string, lock: Db): Turn => ({
  release() {
    fs.rmSync(file, { force: true });
    lock.close();
  },
});

const inodeOf = (file: string): bigint | null => fs.statSync(file, { bigint: true, throwIfNoEntry: false })?.ino ?? null;

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
