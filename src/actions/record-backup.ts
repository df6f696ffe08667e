import type { Actor } from '../audit/actor.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Db } from '../db/open.ts';

export interface BackupRecord {
  /** Its path. */
  readonly file: string;
  readonly bytes: number;
  readonly now: number;
}

export const BACKUP_ACTION = 'database.backup';

/** Who made a copy of all that is in the database, and when: `doctor` reads from it how old the last one is. */
export function recordBackup(db: Db, by: Actor, { file, bytes, now }: BackupRecord): void {
  const run = db.transaction(() => recordAudit(db, { at: now, by, action: BACKUP_ACTION, subject: 'database', after: { file, bytes } }));
  run.immediate();
}
