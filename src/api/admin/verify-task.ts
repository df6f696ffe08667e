/** What the thread of a verification does: it reads, answers once and ends. */
import { parentPort } from 'node:worker_threads';
import { openDatabase } from '../../db/open.ts';
import { verifyDatabase, type Verification } from '../../ledger/verify.ts';
import { reportChecks } from '../../reports/report-checks.ts';

export interface VerifyWorkerStart {
  readonly task: 'verify';
  readonly database: string;
}

export type FromVerifyWorker = { readonly ok: true; readonly found: Verification } | { readonly ok: false; readonly reason: string };

export function runVerification({ database }: VerifyWorkerStart): void {
  parentPort?.postMessage(verified(database));
}

function verified(database: string): FromVerifyWorker {
  const db = openDatabase(database, { mode: 'read' });
  try {
    return { ok: true, found: verifyDatabase(db, reportChecks()) };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  } finally {
    db.close();
  }
}
