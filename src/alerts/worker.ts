/** The thread of the alerts: its own connection, its own calls. What it has to say goes to the main thread's log. */
import { parentPort, workerData } from 'node:worker_threads';
import { openDatabase } from '../db/open.ts';
import type { LogLevel } from '../errors.ts';
import type { Log, LogFields } from '../log.ts';
import { startAlertEngine } from './engine.ts';
import type { AlertPlan } from './plan.ts';

export interface AlertsWorkerStart {
  /** The database; it exists and has this program's schema. */
  readonly file: string;
  readonly plan: AlertPlan;
}

export type ToAlertsWorker = { readonly kind: 'plan'; readonly plan: AlertPlan } | { readonly kind: 'stop' };
export interface FromAlertsWorker {
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: LogFields;
}

function run({ file, plan }: AlertsWorkerStart): void {
  const at =
    (level: LogLevel) =>
    (event: string, fields: LogFields = {}): void =>
      parentPort?.postMessage({ level, event, fields } satisfies FromAlertsWorker);
  const log: Log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  const db = openDatabase(file, { mode: 'write' });
  const engine = startAlertEngine({ db, plan, log });
  parentPort?.on('message', (message: ToAlertsWorker) => {
    if (message.kind === 'plan') return engine.change(message.plan);
    void engine.stop().then(() => {
      db.close();
      parentPort?.close();
    });
  });
}

run(workerData as AlertsWorkerStart);
