import type { Actor } from '../audit/actor.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Db } from '../db/open.ts';
import { isoTime } from '../documents/iso-time.ts';

export interface RestoreRecord {
  readonly now: number;
  /** The backup's path. */
  readonly source: string;
  /** Up to when its ledger reaches, Unix ms; null for an empty one. */
  readonly ledgerAt: number | null;
  readonly revokedKeys: number;
  readonly endedSessions: number;
  /** What it revived and lost, counted. */
  readonly counts: Readonly<Record<string, number>>;
}

/** The gap in the log, told in the log. Inside the caller's transaction. */
export function recordRestore(db: Db, by: Actor, { now, source, ledgerAt, revokedKeys, endedSessions, counts }: RestoreRecord): void {
  const upTo = ledgerAt === null ? {} : { upTo: isoTime(ledgerAt) };
  recordAudit(db, { at: now, by, action: 'database.restore', subject: 'database', after: { file: source, ...upTo, revokedKeys, endedSessions, ...counts } });
}
