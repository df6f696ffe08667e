/** Brings a database to this program's schema, one transaction per step. */
import type { Db } from './open.ts';
import { initial } from './migrations/001-initial.ts';
import { usage } from './migrations/002-usage.ts';
import { alerts } from './migrations/003-alerts.ts';
import { signIn } from './migrations/004-sign-in.ts';
import { pruning } from './migrations/005-pruning.ts';

export interface Migration {
  /** Numbers run 1, 2, 3 …; the database keeps the last one in `user_version`. */
  readonly version: number;
  /** The previous program can go on working beside it. */
  readonly additive: boolean;
  readonly sql: string;
}

export const MIGRATIONS: readonly Migration[] = [initial, usage, alerts, signIn, pruning];
export const SCHEMA_VERSION = MIGRATIONS.length;
/** "aino" in ASCII, in the header of every database of ours. */
export const APPLICATION_ID = 0x61696e6f;

/**
 * Applies what is missing. Two processes may do this at once: the version is read again inside the transaction, so
 * the later one finds the work done. A kill leaves the schema before or after a step, never between. `beforeStep` runs in
 * the transaction of a step; what it throws undoes that step.
 */
export function migrate(db: Db, migrations: readonly Migration[] = MIGRATIONS, beforeStep: (migration: Migration) => void = () => undefined): void {
  for (const migration of migrations) {
    if (versionOf(db) >= migration.version) continue;
    const step = db.transaction(() => {
      if (versionOf(db) >= migration.version) return;
      beforeStep(migration);
      db.exec(migration.sql);
      db.pragma(`user_version = ${migration.version}`);
      db.pragma(`application_id = ${APPLICATION_ID}`);
    });
    step.immediate();
  }
}

export function versionOf(db: Db): number {
  return Number(db.pragma('user_version', { simple: true }));
}
