import * as fs from 'node:fs';
import { BACKUP_ACTION } from '../actions/record-backup.ts';
import { upgradeBackups } from '../db/backup-names.ts';
import { findDamage } from '../db/check-copy.ts';
import { APPLICATION_ID, SCHEMA_VERSION, versionOf } from '../db/migrate.ts';
import { newerSchema } from '../db/newer-schema.ts';
import { openAnySchema, type Db } from '../db/open.ts';
import { pendingMigrations } from '../db/pending-migrations.ts';
import { findDeadInstances } from '../ledger/instances.ts';
import type { Patient } from './examine.ts';
import { ok, problem, sizeText, spanText, warning, type Finding } from './finding.ts';

const CHECK = 'database';
/** Reading all of it takes about 4 s a GB. */
const READ_WHOLE_BYTES_MAX = 5e9;
const LOG_BYTES_LARGE = 256 * 1024 * 1024;
const BACKUP_OLD_MS = 8 * 86_400_000;

/** What is in the file, as far as it can be read. Changes nothing. */
export function checkDatabase({ config: { database }, now, serving }: Patient): Finding[] {
  if (!fs.existsSync(database)) return [problem(CHECK, `there is no database at ${database}`, 'ainogap init   or   ainogap restore FILE')];
  let db: Db | undefined;
  try {
    db = openAnySchema(fs.realpathSync(database), 'read');
    if (db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0) return [problem(CHECK, `${database} is empty`, 'ainogap init OTHER_DIR   or   ainogap restore FILE')];
    if (db.pragma('application_id', { simple: true }) !== APPLICATION_ID) return [problem(CHECK, `${database} is a database of another program`, 'edit database: in the configuration')];
    return [...wholeness(db), ...schema(db), ...log(database, serving), ...left(db, serving), ...age(db, now())];
  } catch (error) {
    return [problem(CHECK, `${database} cannot be read: ${(error as Error).message}`, 'ainogap restore FILE')];
  } finally {
    db?.close();
  }
}

function wholeness(db: Db): Finding[] {
  const pages = Number(db.pragma('page_count', { simple: true }));
  const size = pages * Number(db.pragma('page_size', { simple: true }));
  const free = Number(db.pragma('freelist_count', { simple: true }));
  const what = `${sizeText(size)}, ${pages === 0 ? 0 : Math.round((100 * free) / pages)} % of it free for use again`;
  if (size > READ_WHOLE_BYTES_MAX) return [ok(CHECK, `${what}; too large to be read whole here, \`ainogap verify\` does it`)];
  const damage = findDamage(db);
  if (damage !== null) return [problem(CHECK, `it is damaged (${damage}); keep it, and restore a backup`, 'ainogap restore FILE --dry-run')];
  return [ok(CHECK, `${what}; whole`)];
}

function schema(db: Db): Finding[] {
  const version = versionOf(db);
  if (version > SCHEMA_VERSION) {
    const { message, next } = newerSchema(db.name, version);
    return [problem('schema', message, next ?? 'install the newer ainogap')];
  }
  const pending = pendingMigrations(db);
  if (pending === null) return [ok('schema', `it is ${version}, as this ainogap needs it`)];
  const how = pending.additive ? 'servers may go on meanwhile' : 'nobody may serve it meanwhile';
  return [warning('schema', `it is ${pending.from}; the next start or command that writes upgrades it to ${pending.to}, after a backup of its own; ${how}`, 'ainogap backup FILE')];
}

/** https://www.sqlite.org/wal.html: it begins anew only when no reader is left that needs it. */
function log(database: string, serving: number): Finding[] {
  const bytes = fs.statSync(`${database}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes <= LOG_BYTES_LARGE) return [];
  const why = serving > 0 ? 'something reads the database without an end' : 'it is merged when the database is opened next';
  return [warning('write-ahead log', `it has ${sizeText(bytes)}; ${why}`, `fuser -v ${database}`)];
}

function left(db: Db, serving: number): Finding[] {
  const { length } = findDeadInstances(db, null).orphans;
  if (length === 0) return [ok('holds', 'none is left by a process that is gone')];
  const what = `${length} ${length === 1 ? 'hold is' : 'holds are'} left by processes that are gone`;
  return serving > 0 ? [ok('holds', `${what}; the process that serves settles them within seconds`)] : [warning('holds', `${what}; the next start settles them`, 'ainogap serve')];
}

/** By the audit log, and by the automatic backups that lie beside the database. */
function age(db: Db, now: number): Finding[] {
  const hasLog = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'audit'").get() !== undefined;
  const recorded = hasLog ? (db.prepare('SELECT max(at) FROM audit WHERE action = ?').pluck().get(BACKUP_ACTION) as number | null) : null;
  const automatic = upgradeBackups(db.name)[0]?.at ?? null;
  const last = Math.max(recorded ?? 0, automatic ?? 0);
  if (db.prepare('SELECT 1 FROM transfers LIMIT 1').get() === undefined) return [ok('backup', 'nothing is in the ledger yet')];
  if (last === 0) return [warning('backup', 'none is on record (copies that other tools made are not)', 'ainogap backup FILE')];
  const what = `the last one that is on record was made ${spanText(Math.max(0, now - last))} ago`;
  return now - last > BACKUP_OLD_MS ? [warning('backup', what, 'ainogap backup FILE')] : [ok('backup', what)];
}
