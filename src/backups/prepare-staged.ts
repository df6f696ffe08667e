/** What a restored database needs before it goes live, done to the copy of which nobody knows yet. */
import { recordRestore } from '../actions/record-restore.ts';
import { revokeAllKeys } from '../actions/revoke-all-keys.ts';
import type { Actor } from '../audit/actor.ts';
import { endAllSessions } from '../auth/end-all-sessions.ts';
import { SCHEMA_VERSION, versionOf } from '../db/migrate.ts';
import { openAnySchema, type Db } from '../db/open.ts';
import { hasTable } from './database-facts.ts';

export interface Preparation {
  readonly by: Actor;
  readonly now: number;
  /** The backup's path, for the audit log. */
  readonly source: string;
  readonly ledgerAt: number | null;
  readonly revokeAllKeys: boolean;
  /** The highest number that each table of the present database has given out; none where it cannot be read, or is another's. */
  readonly numbers: ReadonlyMap<string, number>;
  /** What the restore revives and loses, counted, for the audit log. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface Prepared {
  readonly revokedKeys: number;
  readonly endedSessions: number;
  /** False: a schema without an audit log. */
  readonly recorded: boolean;
}

/** All of it in one transaction. */
export function prepareStaged(staged: string, preparation: Preparation): Prepared {
  const db = openAnySchema(staged, 'write');
  try {
    return db.transaction(() => prepare(db, preparation)).immediate();
  } finally {
    db.close();
  }
}

function prepare(db: Db, { by, now, source, ledgerAt, revokeAllKeys: revoke, numbers, counts }: Preparation): Prepared {
  const recorded = versionOf(db) === SCHEMA_VERSION;
  for (const [table, number] of numbers) goOnFrom(db, table, number);
  const revokedKeys = revoke ? revokeAllKeys(db, now) : 0;
  // A session that was ended since, by its owner or by a new password, must not come back; a new one costs a sign-in.
  const endedSessions = hasTable(db, 'sessions') ? endAllSessions(db, now) : 0;
  if (recorded) recordRestore(db, by, { now, source, ledgerAt, revokedKeys, endedSessions, counts });
  return { revokedKeys, endedSessions, recorded };
}

/** Numbers that are in receipts, mails and logs by now must not come to mean something else. */
function goOnFrom(db: Db, table: string, number: number): void {
  if (!hasTable(db, table)) return;
  const { changes } = db.prepare('UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?').run(number, table);
  if (changes === 0) db.prepare('INSERT INTO sqlite_sequence(name, seq) VALUES (?, ?)').run(table, number);
}

export function readNumbers(db: Db): Map<string, number> {
  return new Map(db.prepare('SELECT name, seq FROM sqlite_sequence').raw().all() as [string, number][]);
}
