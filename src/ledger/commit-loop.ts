/**
 * The worker's life: take what has come, commit it in one transaction, answer, again. Operations that arrive while a
 * commit is under way go into the next one, so one `fsync` serves many requests.
 */
import { NO_ANSWER, type ChannelReceiver, type Tagged } from './channel.ts';
import { ApplyFailure, unavailableReason, type Engine } from './engine.ts';
import type { FileWatch } from './file-watch.ts';
import type { Operation, Outcome } from './operations.ts';

const BATCH_MAX = 1024;
/**
 * After a batch of this size the next one waits a moment to grow: a commit costs about 150 µs of CPU, whatever is in it.
 * Fewer operations are committed at once, so that a gateway with little to do answers soon, and more need no waiting.
 */
const GATHER_FROM = 8;
const GATHER_BELOW = 32;
const GATHER_MS = 1;
const IDLE_CHECK_MS = 1000;
/** How long holds wait for another process's transaction before they are told that the ledger is unavailable. */
const BUSY_PATIENCE_MS = 3000;
const FULL_RETRY_MS = 100;
/** How long a closing ledger tries to bring its last settlements to disk. */
const CLOSE_PATIENCE_MS = 10_000;

export interface CommitLoopOptions {
  readonly engine: Engine;
  readonly channel: ChannelReceiver;
  readonly watch: FileWatch;
  /** Tells the main thread that answers are there; those that the shared memory has no form for come along. */
  readonly notify: (others: readonly (readonly [tag: number, outcome: Outcome])[]) => void;
}

/** Returns when the ledger was closed and everything is on disk. Throws when it must die. */
export function runCommitLoop({ engine, channel, watch, notify }: CommitLoopOptions): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  let batch: Tagged[] = [];
  let failingSince: number | null = null;
  let closingSince: number | null = null;
  for (;;) {
    take();
    if (channel.closing) closingSince ??= performance.now();
    if (batch.length === 0) {
      if (channel.closing) return;
      channel.sleep(IDLE_CHECK_MS);
      dieIfReplaced(watch);
      continue;
    }
    const outcomes = tryApply(engine, batch);
    if (!(outcomes instanceof ApplyFailure)) {
      dieIfReplaced(watch);
      failingSince = null;
      answer(batch, outcomes);
      if (batch.length >= GATHER_FROM && batch.length < GATHER_BELOW && !channel.closing) Atomics.wait(pause, 0, 0, GATHER_MS);
      batch = [];
      continue;
    }
    failingSince ??= performance.now();
    if (closingSince !== null && performance.now() - closingSince > CLOSE_PATIENCE_MS) throw outcomes;
    if (outcomes.kind === 'busy' && performance.now() - failingSince < BUSY_PATIENCE_MS) continue;
    batch = refuse(batch, unavailableReason(outcomes.kind as 'busy' | 'full'));
    // Not `channel.sleep`: what arrives meanwhile waits, else each arrival would try all that is kept once more.
    Atomics.wait(pause, 0, 0, FULL_RETRY_MS);
  }

  function take(): void {
    const fresh: Tagged[] = [];
    channel.take(fresh, BATCH_MAX);
    // Whatever is taken is answered, or kept and answered later: each answer tells the main thread that there is room.
    batch = batch.length === 0 ? fresh : [...batch, ...fresh];
  }

  function answer(answered: readonly Tagged[], outcomes: readonly Outcome[]): void {
    const others: [number, Outcome][] = [];
    answered.forEach(({ tag }, i) => {
      const outcome = outcomes[i] as Outcome;
      if (tag === NO_ANSWER) return;
      if (!channel.answer(tag, outcome)) others.push([tag, outcome]);
    });
    channel.publishAnswers();
    notify(others);
  }

  /** Answers what may be refused; gives back what must reach the disk all the same. */
  function refuse(refused: readonly Tagged[], reason: string): Tagged[] {
    const [kept, given] = [refused.filter((t) => mustHappen(t.operation)), refused.filter((t) => !mustHappen(t.operation))];
    answer(
      given,
      given.map(() => ({ kind: 'unavailable', reason })),
    );
    return kept;
  }
}

function tryApply(engine: Engine, batch: readonly Tagged[]): Outcome[] | ApplyFailure {
  try {
    return engine.apply(batch.map(({ operation }) => operation));
  } catch (error) {
    if (error instanceof ApplyFailure && error.kind !== 'fatal') return error;
    throw error;
  }
}

function dieIfReplaced(watch: FileWatch): void {
  const reason = watch.changed();
  if (reason !== null) throw new Error(reason);
}

function mustHappen(operation: Operation): boolean {
  return operation.op === 'settle' || operation.op === 'progress';
}
