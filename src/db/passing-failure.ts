import { SqliteError } from './open.ts';

/**
 * Why SQLite failed, where that goes away by itself: another process holds the write lock for too long, or the disk is
 * full (a shared-memory file that cannot grow is one more form of that). Nothing was changed then. Null: other failures.
 */
export function passingFailure(error: unknown): 'busy' | 'full' | null {
  if (!(error instanceof SqliteError)) return null;
  if (error.code.startsWith('SQLITE_BUSY')) return 'busy';
  return error.code === 'SQLITE_FULL' || error.code === 'SQLITE_IOERR_SHMSIZE' ? 'full' : null;
}
