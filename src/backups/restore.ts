/** Puts a backup in the place of the database, in two parts: what it would change, and the change. */
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Actor } from '../audit/actor.ts';
import { beforeRestoreName } from '../db/backup-names.ts';
import { removeLockFile } from '../db/instance-lock.ts';
import { livingInstances, lockTokens } from '../db/living-instances.ts';
import { APPLICATION_ID } from '../db/migrate.ts';
import { openAnySchema, type Db } from '../db/open.ts';
import { takeTurn } from '../db/turn.ts';
import { BackupError } from './backup-error.ts';
import { compareFacts, type RestoreChanges } from './compare-facts.ts';
import { readFacts } from './database-facts.ts';
import { prepareStaged, readNumbers, type Prepared } from './prepare-staged.ts';
import { refuseServed, replaceContent } from './replace-content.ts';
import { stageBackup } from './stage-backup.ts';

export interface RestoreOptions {
  /** The backup, an absolute path. */
  readonly source: string;
  /** The configured database, an absolute path. */
  readonly database: string;
  readonly now: number;
}

export interface PlannedRestore {
  /** The real path of the database. */
  readonly database: string;
  readonly schema: number;
  readonly bytes: number;
  /** Up to when the backup's ledger reaches, Unix ms; null for an empty one. */
  readonly ledgerAt: number | null;
  /** Null where the present database is missing or cannot be read; `unread` says which. */
  readonly changes: RestoreChanges | null;
  readonly unread: string | null;
  /** Does it. `onWay` is called when it cannot be stopped any more. */
  carryOut(how: { readonly by: Actor; readonly revokeAllKeys: boolean }): Promise<DoneRestore>;
  /** Removes what was prepared. Always called last. */
  discard(): void;
}

export interface DoneRestore extends Prepared {
  /** Where the old database is; null where there was none. */
  readonly keptAside: string | null;
}

/** Checks the backup and compares it with the present database; changes nothing. Throws `BackupError`. */
export async function planRestore({ source, database: configured, now }: RestoreOptions): Promise<PlannedRestore> {
  const database = realPath(configured);
  const turn = takeTurn(database, { waitMs: 0 });
  if (turn === null) throw new BackupError(`another process upgrades or restores ${database} at this moment; nothing was changed.`);
  const staged = `${database}.restoring-${randomBytes(6).toString('hex')}`;
  const discard = (): void => {
    removeStaged(database);
    turn.release();
  };
  try {
    removeStaged(database);
    refuseForeign(database);
    const { schema, bytes } = await stageBackup({ source, database, staged });
    const present = lookAt(database, staged);
    return { ...present, database, schema, bytes, discard, carryOut: (how) => carryOut({ ...how, ...present, database, staged, source, now }) };
  } catch (error) {
    discard();
    throw error;
  }
}

/** Of a database that need not be there. */
function realPath(database: string): string {
  try {
    return fs.existsSync(database) ? fs.realpathSync(database) : path.join(fs.realpathSync(path.dirname(database)), path.basename(database));
  } catch {
    throw new BackupError(`the folder of ${database} is not there.`, { next: `mkdir -p -m 700 ${path.dirname(database)}` });
  }
}

/** Whoever does this is alone: what lies there was left by a process that was killed. */
function removeStaged(database: string): void {
  const start = `${path.basename(database)}.restoring-`;
  const folder = path.dirname(database);
  for (const name of fs.readdirSync(folder)) if (name.startsWith(start)) fs.rmSync(path.join(folder, name), { force: true });
}

function refuseForeign(database: string): void {
  const foreign = withDb(database, (db) => {
    const empty = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0;
    return !empty && db.pragma('application_id', { simple: true }) !== APPLICATION_ID;
  });
  // Null: not there, or nothing that SQLite can read.
  if (foreign === true) throw new BackupError(`${database} is a database of another program; nothing was changed. Give \`database:\` in the configuration another path.`);
}

interface Present {
  readonly ledgerAt: number | null;
  readonly changes: RestoreChanges | null;
  readonly unread: string | null;
  readonly numbers: ReadonlyMap<string, number>;
}

function lookAt(database: string, staged: string): Present {
  const restored = withDb(staged, readFacts);
  if (restored === null) throw new BackupError('the backup cannot be read; nothing was changed. Take another backup.');
  const { ledgerAt } = restored;
  const unread = (why: string): Present => ({ ledgerAt, changes: null, unread: why, numbers: new Map() });
  if (!fs.existsSync(database)) return unread(`there is no database at ${database}`);
  let why = 'it is damaged';
  const found = withDb(database, (db) => ({ facts: readFacts(db), numbers: readNumbers(db) }), (error) => (why = error.message));
  if (found === null) return unread(`${database} cannot be read (${why})`);
  const changes = compareFacts(found.facts, restored);
  return { ledgerAt, changes, unread: null, numbers: changes.sameOrigin ? found.numbers : new Map() };
}

/** Null, and `failed` is told, where SQLite cannot. */
function withDb<T>(file: string, use: (db: Db) => T, failed: (error: Error) => void = () => undefined): T | null {
  let db: Db | undefined;
  try {
    db = openAnySchema(file, 'read');
    return use(db);
  } catch (error) {
    failed(error as Error);
    return null;
  } finally {
    db?.close();
  }
}

interface Order extends Present {
  readonly by: Actor;
  readonly revokeAllKeys: boolean;
  readonly database: string;
  readonly staged: string;
  readonly source: string;
  readonly now: number;
}

async function carryOut(order: Order): Promise<DoneRestore> {
  const { database, staged, now, changes } = order;
  refuseServed(database);
  // Somebody may have read and answered for minutes, beside a process that has ended since.
  const present = lookAt(database, staged);
  if (!isDeepStrictEqual(present.changes, changes)) throw new BackupError(`${database} has changed since it was compared with the backup, so more would be lost than was said; nothing was changed. Look again.`);
  const counts = changes === null ? {} : { revivedKeys: changes.revivedKeys.length, lostDeposits: changes.lostDeposits.length, lostRequests: Number(changes.requests) };
  const prepared = prepareStaged(staged, { ...order, numbers: present.numbers, counts });
  const aside = freeName(path.join(path.dirname(database), beforeRestoreName(database, now)));
  const kept = await replaceContent({ database, staged, aside });
  removeDeadLocks(database);
  return { ...prepared, keptAside: kept ? aside : null };
}

function freeName(wanted: string): string {
  for (let i = 1; ; i++) {
    const name = i === 1 ? wanted : `${wanted}-${i}`;
    if (!fs.existsSync(name)) return name;
  }
}

/** Locks of processes of which the restored database does not know, so that no recovery would remove them. */
function removeDeadLocks(database: string): void {
  const known = withDb(database, (db) => new Set(db.prepare('SELECT token FROM instances').pluck().all() as string[]));
  if (known === null) return;
  const living = new Set(livingInstances(database));
  for (const token of lockTokens(database)) if (!known.has(token) && !living.has(token)) removeLockFile(database, token);
}
