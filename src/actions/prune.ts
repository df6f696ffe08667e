/**
 * Moving request rows out of the database, step by step, each in a short transaction: claim, write (no change here),
 * begin to move, delete some at a time, end. `archive/prune-requests.ts` goes through them. Nothing is deleted that is not
 * in an archive on disk, and a kill between two steps leaves what the next run goes on from.
 */
import type { Actor } from '../audit/actor.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Db } from '../db/open.ts';
import type { RequestId } from '../ids.ts';
import { jsonMicros, micro, type MicroUsdc } from '../money.ts';

const DAY_MS = 86_400_000;

/** One run of pruning, as `prunes` has it. */
export interface PruneRun {
  readonly id: number;
  readonly beforeDay: number;
  /** A random name that the first line of its archive has too. */
  readonly run: string;
  /** Who works on it, or did when it was killed. */
  readonly owner: string;
  readonly state: 'writing' | 'moving';
  readonly archive: string;
  readonly partial: string;
  readonly requests: number;
  readonly sha256: string | null;
  /** Deleted so far. */
  readonly moved: number;
}

/** The run that has not ended, or null. */
export function openRun(db: Db): PruneRun | null {
  const sql = "SELECT id, before_day AS beforeDay, run, owner, state, archive, partial, requests, sha256, moved FROM prunes WHERE state <> 'done'";
  return (db.prepare(sql).get() as PruneRun | undefined) ?? null;
}

export interface NewRun {
  readonly run: string;
  readonly owner: string;
  readonly beforeDay: number;
  readonly archive: string;
  readonly partial: string;
  readonly now: number;
}

/** Returns the run's id; null: another one has not ended. */
export function claimRun(db: Db, { run, owner, beforeDay, archive, partial, now }: NewRun): number | null {
  const insert = db.prepare("INSERT INTO prunes(before_day, run, owner, state, archive, partial, began_at) VALUES (?, ?, ?, 'writing', ?, ?, ?)");
  const claim = db.transaction((): number | null => (openRun(db) === null ? Number(insert.run(beforeDay, run, owner, archive, partial, now).lastInsertRowid) : null));
  return claim.immediate();
}

/** False: somebody else was sooner. `from` must be dead. */
export function takeRunOver(db: Db, { id, from, owner }: { readonly id: number; readonly from: string; readonly owner: string }): boolean {
  return db.prepare("UPDATE prunes SET owner = ? WHERE id = ? AND owner = ? AND state <> 'done'").run(owner, id, from).changes === 1;
}

/** Nothing was moved. */
export function abandonRun(db: Db, id: number): void {
  db.prepare("DELETE FROM prunes WHERE id = ? AND state = 'writing'").run(id);
}

export interface WholeArchive {
  readonly requests: number;
  readonly charge: MicroUsdc;
  readonly shortfall: MicroUsdc;
  readonly sha256: string;
  readonly first: RequestId | null;
  readonly last: RequestId | null;
}

/**
 * The archive is on disk: from here on the days before it count as pruned. False, and nothing changed: usage is being
 * summed anew, which needs the rows.
 */
export function beginMoving(db: Db, by: Actor, { id, archive, now }: { readonly id: number; readonly archive: WholeArchive; readonly now: number }): boolean {
  const run = db.transaction((): boolean => {
    if (db.prepare('SELECT complete FROM usage_state').pluck().get() !== 1) return false;
    const { beforeDay, file } = db.prepare("SELECT before_day AS beforeDay, archive AS file FROM prunes WHERE id = ? AND state = 'writing'").get(id) as { beforeDay: number; file: string };
    const before = { prunedBefore: dayName(Number(db.prepare('SELECT pruned_before FROM usage_state').pluck().get())) };
    db.prepare('UPDATE usage_state SET pruned_before = max(pruned_before, ?)').run(beforeDay);
    const { requests, charge, shortfall, sha256, first, last } = archive;
    db.prepare("UPDATE prunes SET state = 'moving', partial = NULL, requests = ?, charge = ?, shortfall = ?, sha256 = ?, first_request = ?, last_request = ? WHERE id = ?").run(requests, charge, shortfall, sha256, first, last, id);
    const after = { prunedBefore: dayName(beforeDay), requests, chargeUsdMicros: jsonMicros(charge), archive: file, sha256 };
    recordAudit(db, { at: now, by, action: 'requests.prune', subject: 'requests', before, after });
    return true;
  });
  return run.immediate();
}

const dayName = (day: number): string | null => (day === 0 ? null : new Date(day * DAY_MS).toISOString().slice(0, 10));

export interface MovedRows {
  readonly rows: number;
  /** How long the transaction kept others from writing, its commit included, ms. */
  readonly writeMs: number;
}

/** Returns a function that deletes those of the ids that are still here, and counts them with the run, in one transaction. */
export function createMove(db: Db, id: number): (ids: readonly RequestId[]) => MovedRows {
  const remove = db
    .prepare('DELETE FROM requests WHERE id IN (SELECT value FROM json_each(?)) RETURNING charge, shortfall, hold IS NOT NULL')
    .raw()
    .safeIntegers();
  const count = db.prepare(
    "UPDATE prunes SET moved = moved + ?, moved_held = moved_held + ?, moved_charge = moved_charge + ?, moved_shortfall = moved_shortfall + ? WHERE id = ? AND state = 'moving'",
  );
  const move = db.transaction((ids: readonly RequestId[]): { rows: number; began: number } => {
    const began = performance.now();
    const rows = remove.all(`[${ids.join(',')}]`) as [bigint, bigint, bigint][];
    const sum = (place: 0 | 1 | 2): bigint => rows.reduce((total, row) => total + row[place], 0n);
    if (rows.length > 0 && count.run(rows.length, sum(2), micro(sum(0)), micro(sum(1)), id).changes !== 1) throw new Error(`run ${id} of pruning has ended`);
    return { rows: rows.length, began };
  });
  return (ids) => {
    const { rows, began } = move.immediate(ids);
    return { rows, writeMs: performance.now() - began };
  };
}

export function endRun(db: Db, id: number, now: number): void {
  db.prepare("UPDATE prunes SET state = 'done', owner = NULL, ended_at = ? WHERE id = ? AND state = 'moving'").run(now, id);
}
