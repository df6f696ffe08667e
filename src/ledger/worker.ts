/** The ledger's worker: the only thread of a process that writes to the database. */
import { parentPort, workerData } from 'node:worker_threads';
import { openDatabase } from '../db/open.ts';
import { ChannelReceiver, type ChannelMemory } from './channel.ts';
import { runCommitLoop } from './commit-loop.ts';
import { createEngine } from './engine.ts';
import { watchFiles } from './file-watch.ts';
import { acquireInstanceLock, removeLockFile } from '../db/instance-lock.ts';
import { registerInstance } from './instances.ts';
import type { Outcome } from './operations.ts';

export interface WorkerStart {
  /** The database's real path; it exists and has this program's schema. */
  readonly file: string;
  /** Random; names the instance's lock file. */
  readonly token: string;
  readonly memory: ChannelMemory;
  readonly rollups: boolean;
}

export type WorkerMessage =
  /** Answers are in the shared memory. */
  | 0
  | { readonly kind: 'ready'; readonly instance: number }
  | { readonly kind: 'answers'; readonly answers: readonly (readonly [tag: number, outcome: Outcome])[] };

/** Short, so that holds can be told soon that the database is busy; the commit loop does the waiting. */
const BUSY_TIMEOUT_MS = 250;

function run({ file, token, memory, rollups }: WorkerStart): void {
  const post = (message: WorkerMessage): void => parentPort?.postMessage(message);
  // The lock comes before the row: whoever sees the row can rely on the lock.
  const lock = acquireInstanceLock(file, token);
  const db = openDatabase(file, { mode: 'write' });
  const instance = registerInstance(db, token, Date.now());
  db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
  const engine = createEngine(db, { instance, rollups });
  const watch = watchFiles([file, `${file}-wal`, lock.path]);
  post({ kind: 'ready', instance });

  runCommitLoop({
    engine,
    channel: new ChannelReceiver(memory),
    watch,
    notify: (answers) => post(answers.length === 0 ? 0 : { kind: 'answers', answers }),
  });

  db.pragma('busy_timeout = 5000');
  engine.apply([{ op: 'endInstance', instance }]);
  const ended = db.prepare('SELECT ended_at IS NOT NULL FROM instances WHERE id = ?').pluck().get(instance) === 1;
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  // With requests still open the file stays, unlocked, so that another process takes them over.
  if (ended) removeLockFile(file, token);
  lock.release();
}

run(workerData as WorkerStart);
