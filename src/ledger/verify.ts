/** Recomputes the ledger from its rows and compares, on one snapshot, while others may go on writing. */
import type { Db } from '../db/open.ts';
import { findDeadInstances } from './instances.ts';
import { CHECKS, type Check } from './verify-checks.ts';

export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  /** What was compared, or the first difference. */
  readonly detail: string;
}

export interface Verification {
  readonly ok: boolean;
  readonly checks: readonly CheckResult[];
  /** The first failed check and what differs, or null. */
  readonly firstDifference: string | null;
  /** Open holds of processes that are gone: the next `serve` settles them; no fault of the books. */
  readonly recoverable: number;
  readonly requests: number;
  readonly transfers: number;
}

/**
 * Reads only. Memory does not grow with the number of rows: SQLite sums them, and sorts in temporary files. `more` are
 * checks of what the ledger knows nothing of, such as prices; they see the same snapshot.
 */
export function verifyDatabase(db: Db, more: readonly Check[] = []): Verification {
  const snapshot = db.transaction((): Verification => {
    const checks = [...CHECKS, ...more].map((check) => perform(db, check));
    const failed = checks.find(({ ok }) => !ok);
    return {
      ok: !failed,
      checks,
      firstDifference: failed ? `${failed.name}: ${failed.detail}` : null,
      recoverable: findDeadInstances(db, null).orphans.length,
      requests: count(db, 'requests'),
      transfers: count(db, 'transfers'),
    };
  });
  return snapshot.deferred();
}

function perform(db: Db, check: Check): CheckResult {
  const { name, passed } = check;
  try {
    const found = check.difference(db);
    return { name, ok: found === null, detail: found ?? passed };
  } catch (error) {
    // A damaged file makes reads fail; that is a finding, not a crash.
    return { name, ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
}

function count(db: Db, table: 'requests' | 'transfers'): number {
  try {
    return Number(db.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
  } catch {
    return 0;
  }
}
