/**
 * Brings a database of an older schema to this program's: never while an older program serves it that could not go on,
 * and never without a backup made just before.
 */
import { DatabaseError } from './database-error.ts';
import { livingInstances } from './living-instances.ts';
import { migrate, MIGRATIONS, type Migration } from './migrate.ts';
import type { Db } from './open.ts';
import { pendingMigrations, type PendingMigrations } from './pending-migrations.ts';
import { takeTurn } from './turn.ts';
import { makeUpgradeBackup, removeOldUpgradeBackups } from './upgrade-backup.ts';

export type UpgradeEvent =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'backed_up'; readonly file: string; readonly from: number; readonly to: number }
  | { readonly kind: 'upgraded'; readonly from: number; readonly to: number }
  | { readonly kind: 'removed'; readonly file: string };

export interface UpgradeOptions {
  /** Told as it happens; by default in words on standard error, so that no command upgrades in silence. */
  readonly tell?: (event: UpgradeEvent) => void;
  readonly migrations?: readonly Migration[];
}

/** How long another process's upgrade is waited for: it copies the whole database. */
const WAIT_MS = 10 * 60_000;

/** Does nothing where nothing is pending, and only migrates what is new and empty. Throws `DatabaseError`. */
export function upgrade(db: Db, { tell = tellOnStderr, migrations = MIGRATIONS }: UpgradeOptions = {}): void {
  const seen = pendingMigrations(db, migrations);
  if (seen === null) return;
  if (seen.from === 0 || isUnused(db)) return migrate(db, migrations);
  refuseBesideServers(db, seen);
  whileAlone(db.name, tell, () => {
    // The process that was here before may have done it.
    const pending = pendingMigrations(db, migrations);
    if (pending === null) return;
    const file = makeUpgradeBackup(db, pending);
    if (file !== null) tell({ kind: 'backed_up', file, from: pending.from, to: pending.to });
    // Asked again where no process can begin to serve unseen: an instance adds its row under the same lock.
    migrate(db, migrations, (migration) => refuseBesideServers(db, { ...pending, additive: migration.additive }));
    tell({ kind: 'upgraded', from: pending.from, to: pending.to });
    for (const removed of removeOldUpgradeBackups(db.name)) tell({ kind: 'removed', file: removed });
  });
}

/** One whose creation was cut off, or is under way in another process: there is nothing in it to lose. All schemas have these tables. */
function isUnused(db: Db): boolean {
  return db.prepare('SELECT 1 FROM buyers UNION ALL SELECT 1 FROM instances UNION ALL SELECT 1 FROM routes LIMIT 1').get() === undefined;
}

function refuseBesideServers(db: Db, { from, to, additive }: PendingMigrations): void {
  if (additive) return;
  const { length } = livingInstances(db.name);
  if (length === 0) return;
  const [who, them] = length === 1 ? ['a process of an older ainogap serves it', 'it'] : [`${length} processes of an older ainogap serve it`, 'them'];
  throw new DatabaseError(
    'served',
    `${db.name} has schema ${from} and this ainogap needs ${to}; ${who}, and the change would break ${them}. Stop ${them} first, or go on with the older ainogap until then`,
    { next: 'kill -TERM PID   or   systemctl stop ainogap' },
  );
}

function whileAlone(database: string, tell: (event: UpgradeEvent) => void, work: () => void): void {
  const turn = takeTurn(database, { waitMs: WAIT_MS, onWait: () => tell({ kind: 'waiting' }) });
  if (turn === null) throw new DatabaseError('upgrading', `another process has been upgrading ${database} for ${WAIT_MS / 60_000} minutes; look what keeps it`);
  try {
    work();
  } finally {
    turn.release();
  }
}

/** A sentence for the operator. */
export function upgradeWords(event: UpgradeEvent): string {
  switch (event.kind) {
    case 'waiting':
      return 'another process is upgrading the database; waiting for it';
    case 'backed_up':
      return `the database has schema ${event.from} and is upgraded to ${event.to}; as it was before it is kept in ${event.file}`;
    case 'upgraded':
      return `the database was upgraded from schema ${event.from} to ${event.to}`;
    case 'removed':
      return `removed the automatic backup ${event.file}: newer ones are kept`;
  }
}

function tellOnStderr(event: UpgradeEvent): void {
  process.stderr.write(`${upgradeWords(event)}\n`);
}
