/**
 * Moves request rows into an archive, beside servers that go on working:
 *
 *   1. the run is claimed, so that there is one at a time; what a killed one left is finished or taken away first;
 *   2. the days are closed, so that no request can settle in them any more;
 *   3. the archive is written under another name, synced, read back whole, and given its name;
 *   4. one transaction says that those days are pruned;
 *   5. the ids that the archive has are deleted, some hundred in a transaction, with pauses for other writers.
 */
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { abandonRun, beginMoving, claimRun, createMove, endRun, openRun, takeRunOver, type PruneRun } from '../actions/prune.ts';
import type { Actor } from '../audit/actor.ts';
import type { Db } from '../db/open.ts';
import { belongsToDatabase } from '../db/own-files.ts';
import { passingFailure } from '../db/passing-failure.ts';
import type { RequestId } from '../ids.ts';
import { createUsageFold } from '../ledger/fold-usage.ts';
import { acquireInstanceLock, isInstanceDead, removeLockFile } from '../db/instance-lock.ts';
import { readUsageState } from '../reports/usage-state.ts';
import { ArchiveError, writingFailure } from './archive-error.ts';
import { ARCHIVE_SUFFIX, type ArchiveHeader } from './archive-format.ts';
import { createFile, publishFile, refuseTarget, removeFile } from './new-file.ts';
import { planPrune, type PrunePlan } from './prune-plan.ts';
import { checkArchive, eachIds, type CheckedArchive } from './read-archive.ts';
import { writeArchive } from './write-archive.ts';

const DAY_MINUTES = 1_440;

/**
 * Rows deleted in one transaction: as many as take so long on this disk. Below the least it is the commit that takes long,
 * which fewer rows would not make shorter.
 */
const ROWS = { first: 25, least: 100, most: 1_000 } as const;
const WRITE_MS = { from: 6, to: 15 } as const;
const PAUSE_LEAST_MS = 4;

export type PruneStage = 'write' | 'check' | 'move';

export interface PruneOptions {
  readonly beforeDay: number;
  /** Where the archive goes: absolute. */
  readonly archive: string;
  readonly by: Actor;
  /** Wall clock, Unix ms. */
  readonly now: () => number;
  readonly program: string;
  /** Aborted: rejects with its reason at the next page. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((stage: PruneStage, done: number, of: number) => void) | undefined;
  /** Told before anything else is done: a run that was interrupted, and what becomes of it. */
  readonly onInterrupted?: ((words: string) => void) | undefined;
}

export interface Pruned {
  readonly plan: PrunePlan;
  /** Null: there was nothing to move, and no archive was made. */
  readonly archive: { readonly file: string; readonly bytes: number; readonly sha256: string } | null;
  /** The longest that other writers were kept waiting, ms. */
  readonly longestWriteMs: number;
}

/** Beside the database: `ainogap-requests-before-2026-11-01.jsonl.gz`. */
export function archiveName(database: string, dayName: string): string {
  return `${path.basename(database).replace(/\.(db|sqlite3?)$/, '')}-requests-before-${dayName}${ARCHIVE_SUFFIX}`;
}

/** `db` must be open for writing. Throws `ArchiveError` and `UsageNotSummedError` in words; then nothing more is changed. */
export async function pruneRequests(db: Db, options: PruneOptions): Promise<Pruned> {
  refuseOlderServers(db);
  const owner = `prune-${randomBytes(8).toString('hex')}`;
  const lock = acquireInstanceLock(db.name, owner);
  try {
    return await new Prune(db, owner, options).run();
  } finally {
    lock.release();
    removeLockFile(db.name, owner);
  }
}

/** A program of before this schema takes missing rows for a fault of the books, in the verification that its panel offers. */
function refuseOlderServers(db: Db): void {
  const older = db.prepare('SELECT token FROM instances WHERE ended_at IS NULL AND id <= (SELECT older_instances FROM database_identity)').pluck();
  if ((older.all() as string[]).every((token) => isInstanceDead(db.name, token))) return;
  throw new ArchiveError('an older ainogap still serves this database, and would take archived requests for lost ones; no request was moved.', {
    next: 'restart it with this version, then run this command again',
  });
}

class Prune {
  readonly #db: Db;
  readonly #owner: string;
  readonly #options: PruneOptions;
  #longestWriteMs = 0;
  #rows: number = ROWS.first;

  constructor(db: Db, owner: string, options: PruneOptions) {
    this.#db = db;
    this.#owner = owner;
    this.#options = options;
  }

  async run(): Promise<Pruned> {
    readUsageState(this.#db);
    await this.#endInterrupted();
    const plan = planPrune(this.#db, this.#options.beforeDay);
    const archive = plan.requests === 0 ? null : await this.#archiveAndMove();
    return { plan: archive?.plan ?? plan, archive: archive?.written ?? null, longestWriteMs: this.#longestWriteMs };
  }

  /** What a killed run left. */
  async #endInterrupted(): Promise<void> {
    for (let run = openRun(this.#db); run !== null; run = openRun(this.#db)) {
      const { id, owner: from } = run;
      if (!isInstanceDead(this.#db.name, from)) throw busy(run.archive);
      if (!takeRunOver(this.#db, { id, from, owner: this.#owner })) continue;
      removeLockFile(this.#db.name, from);
      if (run.state === 'writing') await this.#endWriting(run);
      else await this.#endMoving(run);
    }
  }

  /** Killed before anything was moved. Its archive may be whole and have its name already: then it is taken. */
  async #endWriting(run: PruneRun): Promise<void> {
    await removeFile(run.partial);
    const whole = fs.existsSync(run.archive) ? await this.#checked(run.archive).catch(asNone) : null;
    if (whole === null || whole.header.run !== run.run) return abandonRun(this.#db, run.id);
    this.#tell(`A prune before ${new Date(whole.header.settledBefore).toISOString().slice(0, 10)} was interrupted; its archive ${run.archive} is whole, and its requests are moved now.`);
    await this.#move(run.id, run.archive, whole);
  }

  /**
   * Killed while rows were deleted: what the archive has is deleted now. Where it is gone or changed, nothing more is: the
   * rows that are left go into a new one.
   */
  async #endMoving(run: PruneRun): Promise<void> {
    const whole = await this.#checked(run.archive).catch(asNone);
    if (whole !== null && whole.end.sha256 === run.sha256) {
      this.#tell(`A prune was interrupted after ${run.moved} of ${run.requests} requests; the others, which are in ${run.archive} too, are moved now.`);
      return this.#moveAll(run.id, run.archive, run.requests);
    }
    this.#tell(`! A prune was interrupted, and its archive ${run.archive} is not there any more, or was changed. It alone has ${run.moved} requests: find it. The others are still here, and go into a new archive.`);
    endRun(this.#db, run.id, this.#options.now());
  }

  async #archiveAndMove(): Promise<{ plan: PrunePlan; written: NonNullable<Pruned['archive']> }> {
    const { archive, beforeDay, now } = this.#options;
    refuseTarget(archive);
    if (belongsToDatabase(this.#db.name, archive)) throw new ArchiveError(`${archive} is a name of what belongs to the database, and would be deleted with it; no request was moved.`, { next: 'give another name with --out FILE' });
    const partial = path.join(path.dirname(archive), `.${path.basename(archive)}.${randomBytes(6).toString('hex')}.partial`);
    const run = randomBytes(8).toString('hex');
    const id = claimRun(this.#db, { run, owner: this.#owner, beforeDay, archive, partial, now: now() });
    if (id === null) throw busy(openRun(this.#db)?.archive ?? archive);
    let published = false;
    try {
      this.#closeDays();
      const plan = planPrune(this.#db, beforeDay);
      await this.#write(partial, run, plan);
      const whole = await this.#checked(partial);
      await publishFile(partial, archive);
      published = true;
      await this.#move(id, archive, whole);
      return { plan, written: { file: archive, bytes: fs.statSync(archive).size, sha256: whole.end.sha256 } };
    } catch (error) {
      // Once the days count as pruned the archive stays, and the next run goes on.
      if (openRun(this.#db)?.state === 'writing') {
        await removeFile(partial);
        if (published) await removeFile(archive);
        abandonRun(this.#db, id);
      }
      throw error;
    }
  }

  /** Ledger time never enters a folded minute. Any batch folds likewise, once it comes. */
  #closeDays(): void {
    const fold = createUsageFold(this.#db);
    const to = this.#options.beforeDay * DAY_MINUTES - 1;
    const close = this.#db.transaction((): void => {
      const { folded } = readUsageState(this.#db);
      if (folded < to) fold({ from: folded, to });
    });
    close.immediate();
  }

  async #write(partial: string, run: string, plan: PrunePlan): Promise<void> {
    const { now, program, signal, onProgress } = this.#options;
    const database = this.#db.prepare('SELECT id FROM database_identity').pluck().get() as string;
    const { settledBefore, requests, charge, shortfall, lastId } = plan;
    const header: ArchiveHeader = { database, databaseFile: this.#db.name, settledBefore, writtenAt: now(), program, run, requests, charge, shortfall };
    const file = await createFile(partial);
    try {
      await writeArchive(this.#db, file, { header, lastId, signal, onProgress: (done) => onProgress?.('write', done, requests) });
    } catch (error) {
      throw writingFailure(this.#options.archive, error);
    } finally {
      await file.close();
    }
  }

  #checked(file: string): Promise<CheckedArchive> {
    const { signal, onProgress } = this.#options;
    let of = 0;
    return checkArchive(file, { signal, onHeader: ({ requests }) => (of = requests), onProgress: (done) => onProgress?.('check', done, of) });
  }

  async #move(id: number, file: string, { end, first, last }: CheckedArchive): Promise<void> {
    const { by, now } = this.#options;
    const { requests, charge, shortfall, sha256 } = end;
    const begun = beginMoving(this.#db, by, { id, archive: { requests, charge, shortfall, sha256, first, last }, now: now() });
    if (!begun) throw new ArchiveError('usage is being summed anew, which needs the requests; none was moved.', { next: 'run this command again when `ainogap verify --rebuild` has ended' });
    await this.#moveAll(id, file, requests);
  }

  /**
   * Others wait for the lock by looking again and again, so each transaction is followed by a pause, as long as it was, in
   * which they find it free.
   */
  async #moveAll(id: number, file: string, of: number): Promise<void> {
    const { signal, now, onProgress } = this.#options;
    const move = createMove(this.#db, id);
    let done = 0;
    const moved = eachIds(file, async (ids) => {
      for (let at = 0; at < ids.length; ) {
        signal?.throwIfAborted();
        const some = ids.slice(at, at + this.#rows);
        await this.#moveSome(move, some);
        at += some.length;
        done += some.length;
        onProgress?.('move', done, of);
      }
    });
    await moved.catch((error: unknown) => {
      throw movingFailure(error, file);
    });
    endRun(this.#db, id, now());
  }

  async #moveSome(move: ReturnType<typeof createMove>, ids: readonly RequestId[]): Promise<void> {
    const { rows, writeMs } = move(ids);
    this.#longestWriteMs = Math.max(this.#longestWriteMs, writeMs);
    if (rows === 0) return;
    if (writeMs > WRITE_MS.to) this.#rows = Math.max(ROWS.least, this.#rows >> 1);
    else if (writeMs < WRITE_MS.from) this.#rows = Math.min(ROWS.most, Math.max(ROWS.least, Math.ceil(this.#rows * 1.25)));
    await new Promise((resolve) => setTimeout(resolve, Math.max(PAUSE_LEAST_MS, writeMs)));
  }

  #tell(words: string): void {
    this.#options.onInterrupted?.(words);
  }
}

const busy = (archive: string): ArchiveError => new ArchiveError(`requests are being moved to ${archive} by another process just now; no request was moved by this one.`, { next: 'ainogap prune --list' });

function movingFailure(error: unknown, file: string): unknown {
  const why = passingFailure(error);
  if (why === null) return error;
  const words = why === 'full' ? 'the disk is full' : 'another process kept the database locked for too long';
  return new ArchiveError(`${words}. The archive ${file} is whole, and some of its requests are still in the database too.`, { next: 'run the same command again: it goes on where it was', cause: error });
}

/** What cannot be used counts as not there; a signal still stops. */
function asNone(error: unknown): null {
  if (error instanceof ArchiveError) return null;
  throw error;
}
