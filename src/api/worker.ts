/** The thread of the API and the pages: a connection of its own, nothing of it on the data plane's event loop. */
import * as os from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { openDatabase } from '../db/open.ts';
import { runVerification, type VerifyWorkerStart } from './admin/verify-task.ts';
import { apiParts } from './api-parts.ts';
import { createApp } from './app.ts';
import type { ApiWorkerStart } from './bridge-messages.ts';
import { EventStreams } from './event-streams.ts';
import { bridgedLog, serveBridge } from './serve-bridge.ts';

/** Where cores are short, requests to models and the ledger come first. */
const NICE = 10;

function run({ plan: first }: ApiWorkerStart): void {
  if (parentPort === null) throw new Error('this is the program of a worker thread');
  // Of this thread only on Linux, where each has a priority; elsewhere it would be that of the whole process.
  if (process.platform === 'linux') os.setPriority(NICE);
  let plan = first;
  const db = openDatabase(plan.database, { mode: 'write' });
  const streams = new EventStreams();
  const app = createApp({ db, plan: () => plan, now: Date.now, log: bridgedLog(parentPort) }, { parts: apiParts, streams });
  const onStop = (): void => {
    db.close();
    // Ends this thread alone; timers of its parts would keep it.
    process.exit();
  };
  serveBridge(parentPort, { app, streams, onPlan: (next) => void (plan = next), onStop });
}

const start = workerData as ApiWorkerStart | VerifyWorkerStart;
if (start.task === 'verify') runVerification(start);
else run(start);
