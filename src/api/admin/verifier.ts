/** Runs `verify` for the panel, one at a time, in a thread of its own: a million rows take it some 15 seconds. */
import { isoTime } from '../../documents/iso-time.ts';
import type { Verification as Verified } from '../../ledger/verify.ts';
import type { Log } from '../../log.ts';
import { startWorker } from '../../program-files.ts';
import type { Verification } from '../schemas/admin.ts';
import { API_WORKER_FILE } from '../worker-file.ts';
import type { FromVerifyWorker, VerifyWorkerStart } from './verify-task.ts';

export interface VerifierOptions {
  /** The database's file. */
  readonly database: () => string;
  readonly now: () => number;
  readonly log: Log;
}

interface Run {
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** Null while it runs. */
  readonly found: Verified | null;
}

export class Verifier {
  readonly #options: VerifierOptions;
  #run: Run | null = null;

  constructor(options: VerifierOptions) {
    this.#options = options;
  }

  /** Of the last one, kept until this thread ends. */
  get state(): Verification {
    const run = this.#run;
    const { checks, firstDifference, recoverable, requests, transfers } = run?.found ?? NOTHING_FOUND;
    return {
      state: run === null ? 'never' : run.found === null ? 'running' : run.found.ok ? 'passed' : 'failed',
      startedAt: run === null ? null : isoTime(run.startedAt),
      endedAt: run?.endedAt === null || run === null ? null : isoTime(run.endedAt),
      checks: checks.map((check) => ({ ...check })),
      firstDifference,
      recoverable,
      requests,
      transfers,
    };
  }

  /** While one runs, nothing: its result is as good. */
  start(): void {
    if (this.#run?.found === null) return;
    const { database, now, log } = this.#options;
    const startedAt = now();
    this.#run = { startedAt, endedAt: null, found: null };
    const workerData: VerifyWorkerStart = { task: 'verify', database: database() };
    const worker = startWorker(API_WORKER_FILE, { workerData });
    worker.unref();
    let answer: FromVerifyWorker = { ok: false, reason: 'its thread ended without a result' };
    worker.on('message', (message: FromVerifyWorker) => (answer = message));
    worker.on('error', (error: unknown) => (answer = { ok: false, reason: error instanceof Error ? error.message : String(error) }));
    worker.once('exit', () => {
      const found = answer.ok ? answer.found : couldNot(answer.reason);
      this.#run = { startedAt, endedAt: now(), found };
      if (!found.ok) log.error('alert_verify_failed', { message: found.firstDifference ?? 'a check failed' });
    });
  }
}

const NOTHING_FOUND: Omit<Verified, 'ok'> = { checks: [], firstDifference: null, recoverable: 0, requests: 0, transfers: 0 };

const couldNot = (reason: string): Verified => ({ ...NOTHING_FOUND, ok: false, firstDifference: `the books could not be checked: ${reason}` });
