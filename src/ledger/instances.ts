/** The rows of serving processes, and the open requests of those that are gone. */
import { isInstanceDead, removeLockFile } from '../db/instance-lock.ts';
import { SCHEMA_VERSION, versionOf } from '../db/migrate.ts';
import { DatabaseError, type Db } from '../db/open.ts';
import type { InstanceId } from '../ids.ts';
import { holdFromColumns } from './hold-content.ts';
import type { OpenRequest, Progress } from './ledger.ts';

/** Request ids carry the instance's number modulo this (see ids.ts), so living instances must differ in it. */
const SLOTS = 1024;

/** Adds the row of an instance that already holds its lock. */
export function registerInstance(db: Db, token: string, now: number): InstanceId {
  const insert = db.prepare('INSERT INTO instances(token, started_at) VALUES (?, ?)');
  const rivals = db.prepare('SELECT token FROM instances WHERE ended_at IS NULL AND id <> ? AND id % ? = ? % ?').pluck();
  const remove = db.prepare('DELETE FROM instances WHERE id = ?');
  const register = db.transaction((): InstanceId => {
    // Between opening and this, a newer program may have upgraded the database, or a backup been restored: what changes it
    // looks for instances under the lock that is held here.
    const schema = versionOf(db);
    if (schema !== SCHEMA_VERSION) throw new DatabaseError(schema > SCHEMA_VERSION ? 'newer_schema' : 'older_schema', `${db.name} was given schema ${schema} just now, this ainogap needs ${SCHEMA_VERSION}`);
    for (let tries = 0; tries < SLOTS; tries++) {
      const id = Number(insert.run(token, now).lastInsertRowid);
      const living = (rivals.all(id, SLOTS, id, SLOTS) as string[]).some((rival) => !isInstanceDead(db.name, rival));
      if (!living) return id as InstanceId;
      // AUTOINCREMENT goes on to the next number, and so to the next slot.
      remove.run(id);
    }
    throw new Error(`${SLOTS} processes serve ${db.name} already`);
  });
  return register.immediate();
}

export interface DeadInstances {
  readonly orphans: readonly OpenRequest[];
  /** Dead instances with nothing open: their row can be ended. */
  readonly finished: readonly InstanceId[];
}

/** Reads what processes that are gone have left. `own` is never among them. */
export function findDeadInstances(db: Db, own: InstanceId | null): DeadInstances {
  const orphans: OpenRequest[] = [];
  const finished: InstanceId[] = [];
  const open = db.prepare('SELECT * FROM open_requests WHERE instance = ? ORDER BY id').safeIntegers();
  for (const { id, token, ended } of candidates(db)) {
    if (id === own || (token !== null && !isInstanceDead(db.name, token))) continue;
    // Read after the lock was had: a process that is gone adds nothing any more.
    const rows = open.all(id) as Row[];
    if (rows.length > 0) orphans.push(...rows.map((row) => openRequestFrom(row, id)));
    else if (!ended) finished.push(id);
  }
  return { orphans, finished };
}

interface Candidate {
  readonly id: InstanceId;
  /** Null when there are open requests but no row: a database that was put together from parts. */
  readonly token: string | null;
  readonly ended: boolean;
}

function candidates(db: Db): Candidate[] {
  const rows = db
    .prepare(
      `SELECT id, token, ended_at FROM instances WHERE ended_at IS NULL
       UNION SELECT o.instance, i.token, i.ended_at FROM (SELECT DISTINCT instance FROM open_requests) o LEFT JOIN instances i ON i.id = o.instance`,
    )
    .raw()
    .all() as [number, string | null, number | null][];
  return rows.map(([id, token, endedAt]) => ({ id: id as InstanceId, token, ended: endedAt !== null || token === null }));
}

/** Deletes the lock files of instances whose end is on disk. */
export function removeLocksOf(db: Db, instances: readonly InstanceId[]): void {
  const ended = db.prepare('SELECT token FROM instances WHERE id = ? AND ended_at IS NOT NULL').pluck();
  for (const id of instances) {
    const token = ended.get(id) as string | undefined;
    if (token !== undefined) removeLockFile(db.name, token);
  }
}

type Row = Readonly<Record<string, unknown>>;

function openRequestFrom(row: Row, instance: InstanceId): OpenRequest {
  // What recovery settles was decided long ago: its generation no longer matters.
  return { hold: { ...holdFromColumns(row), generation: 0 }, instance, progress: progressFrom(row) };
}

function progressFrom(row: Row): Progress | null {
  if (row['progress_at'] === null) return null;
  return {
    requestId: row['id'] as Progress['requestId'],
    model: row['progress_model'] as string,
    tokens: {
      input: Number(row['input_tokens']),
      output: Number(row['output_tokens']),
      cacheWrite5m: Number(row['cache_write_5m_tokens']),
      cacheWrite1h: Number(row['cache_write_1h_tokens']),
      cacheRead: Number(row['cache_read_tokens']),
    },
    deltaBytes: Number(row['delta_bytes']),
    webSearchRequests: Number(row['web_search_requests']),
    inferenceGeo: row['inference_geo'] as string | null,
    serviceTier: row['service_tier'] as string | null,
  };
}
