/**
 * The ledger's engine: applies a batch of operations in one transaction. Like TigerBeetle's `create_transfers`, the
 * operations of a batch see each other's effects in order, and each has its own answer.
 */
import { SqliteError, type Db } from '../db/open.ts';
import type { InstanceId } from '../ids.ts';
import { Batch } from './batch.ts';
import type { Operation, Outcome } from './operations.ts';
import { prepareStatements } from './statements.ts';
import { UsageWriter } from './usage-writer.ts';

export interface Engine {
  /**
   * Answers in the order of the operations, once all are on disk. Throws `ApplyFailure` when the transaction did
   * not go through; then nothing of the batch was applied, unless the stage is `commit`: then that is unknown.
   */
  apply(operations: readonly Operation[]): Outcome[];
}

export interface EngineOptions {
  /** Owner of the holds. */
  readonly instance: InstanceId;
  /** Wall clock, Unix ms. */
  readonly now?: () => number;
  /** False: usage is not summed. Only for measuring what the sums cost. */
  readonly rollups?: boolean;
}

export type ApplyStage = 'begin' | 'work' | 'commit';

export class ApplyFailure extends Error {
  readonly stage: ApplyStage;
  /**
   * `busy`: another process holds the write lock. `full`: the disk is full, and the roll-back was clean. Both may
   * be tried again. `fatal`: anything else; the process must stop and read the database anew.
   */
  readonly kind: 'busy' | 'full' | 'fatal';

  constructor(stage: ApplyStage, kind: 'busy' | 'full' | 'fatal', cause: unknown) {
    super(`the ledger's transaction failed at ${stage}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'ApplyFailure';
    this.stage = stage;
    this.kind = kind;
  }
}

/** Words for the caller of what may be tried again. */
export function unavailableReason(kind: 'busy' | 'full'): string {
  return kind === 'busy' ? 'the database is busy: another process holds its write lock' : 'the disk is full';
}

export function createEngine(db: Db, { instance, now = Date.now, rollups = true }: EngineOptions): Engine {
  const statements = prepareStatements(db);
  const usage = rollups ? new UsageWriter(db) : null;
  return {
    apply(operations) {
      let stage: ApplyStage = 'begin';
      try {
        statements.begin.run();
        stage = 'work';
        const outcomes = new Batch(statements, { instance, now: now(), usage }).run(operations);
        stage = 'commit';
        statements.commit.run();
        usage?.committed();
        return outcomes;
      } catch (error) {
        if (stage !== 'begin') usage?.failed();
        let clean = true;
        try {
          if (db.inTransaction) statements.rollback.run();
        } catch {
          clean = false;
        }
        throw new ApplyFailure(stage, clean ? failureKind(error, stage) : 'fatal', error);
      }
    },
  };
}

/**
 * A COMMIT that failed for any reason but a full disk leaves it open whether the rows are there after reopening
 * (measured: after a failed fsync they can be).
 */
export function failureKind(error: unknown, stage: ApplyStage): ApplyFailure['kind'] {
  if (!(error instanceof SqliteError)) return 'fatal';
  if (stage === 'begin' && (error.code.startsWith('SQLITE_BUSY') || error.code === 'SQLITE_PROTOCOL')) return 'busy';
  if (error.code === 'SQLITE_FULL') return 'full';
  // The shared-memory file of the WAL's index could not grow: a full disk again, before anything was written.
  if (stage !== 'commit' && error.code === 'SQLITE_IOERR_SHMSIZE') return 'full';
  return 'fatal';
}
