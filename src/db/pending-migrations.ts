import { MIGRATIONS, versionOf, type Migration } from './migrate.ts';
import type { Db } from './open.ts';

export interface PendingMigrations {
  /** The schema that the database has; 0 for a new one. */
  readonly from: number;
  readonly to: number;
  /** All of them are: programs of the older schema can go on working beside the new one. */
  readonly additive: boolean;
}

/** What a database lacks of this program's schema; null when nothing, or when its schema is newer. */
export function pendingMigrations(db: Db, migrations: readonly Migration[] = MIGRATIONS): PendingMigrations | null {
  const from = versionOf(db);
  const pending = migrations.filter(({ version }) => version > from);
  const last = pending.at(-1);
  return last === undefined ? null : { from, to: last.version, additive: pending.every(({ additive }) => additive) };
}
