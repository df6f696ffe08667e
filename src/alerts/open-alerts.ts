/** Alerts beside a serving gateway: the main thread's side. Never takes the gateway down. */
import type { Worker } from 'node:worker_threads';
import { openDatabase } from '../db/open.ts';
import type { Log } from '../log.ts';
import { startWorker } from '../program-files.ts';
import type { AlertPlan } from './plan.ts';
import { ALERTS_WORKER_FILE } from './worker-file.ts';
import type { AlertsWorkerStart, FromAlertsWorker, ToAlertsWorker } from './worker.ts';

export interface Alerts {
  /** Puts another configuration in force. */
  reload(plan: AlertPlan): void;
  /** Resolves when the step under way has ended. */
  stop(): Promise<void>;
}

export interface OpenAlertsOptions {
  /** A database with this program's schema. */
  readonly file: string;
  readonly plan: AlertPlan;
  readonly log: Log;
}

const RESTART_FIRST_MS = 1_000;
const RESTART_LONGEST_MS = 60_000;
/** A worker that ran for so long had not failed at its start. */
const STEADY_AFTER_MS = 60_000;
/** Longer than a step can take while the database is busy. */
const STOP_WITHIN_MS = 10_000;

/** Starts a worker when there are rules, or when something of earlier rules is left to end; otherwise nothing runs. */
export function openAlerts({ file, plan: first, log }: OpenAlertsOptions): Alerts {
  let plan = first;
  let worker: Worker | null = null;
  let exited: Promise<void> = Promise.resolve();
  let restart: NodeJS.Timeout | undefined;
  let delayMs = RESTART_FIRST_MS;
  let stopping = false;

  function start(): void {
    const startedAt = performance.now();
    const started = startWorker(ALERTS_WORKER_FILE, { workerData: { file, plan } satisfies AlertsWorkerStart });
    let reason: string | null = null;
    worker = started;
    // The server keeps the process, not what watches over it.
    started.unref();
    started.on('message', ({ level, event, fields }: FromAlertsWorker) => log[level](event, fields));
    started.on('error', (error: unknown) => (reason = error instanceof Error ? error.message : String(error)));
    exited = new Promise((resolve) => {
      started.once('exit', (code) => {
        worker = null;
        resolve();
        if (stopping) return;
        if (performance.now() - startedAt >= STEADY_AFTER_MS) delayMs = RESTART_FIRST_MS;
        log.error('alerts_worker_failed', { message: reason ?? `it left with code ${code}`, restartInMs: delayMs });
        restart = setTimeout(start, delayMs).unref();
        delayMs = Math.min(RESTART_LONGEST_MS, delayMs * 2);
      });
    });
  }

  if (plan.rules.length > 0 || somethingIsLeft(file)) start();
  return {
    reload(next) {
      plan = next;
      if (worker) worker.postMessage({ kind: 'plan', plan } satisfies ToAlertsWorker);
      else if (restart === undefined && plan.rules.length > 0) start();
    },
    async stop() {
      stopping = true;
      clearTimeout(restart);
      worker?.ref();
      worker?.postMessage({ kind: 'stop' } satisfies ToAlertsWorker);
      // What does not end by itself must not keep the gateway; whatever is owed is in the database.
      const timer = setTimeout(() => void worker?.terminate(), STOP_WITHIN_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** Alerts that fire although their rules are gone, or calls that are owed. */
function somethingIsLeft(file: string): boolean {
  const db = openDatabase(file, { mode: 'read' });
  try {
    const left = db.prepare(`SELECT EXISTS (SELECT 1 FROM alerts WHERE cleared_at IS NULL)
      OR EXISTS (SELECT 1 FROM webhook_outbox WHERE delivered_at IS NULL AND given_up_at IS NULL)`);
    return left.pluck().get() === 1;
  } finally {
    db.close();
  }
}
