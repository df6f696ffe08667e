/**
 * Traces beside a serving gateway: the main thread's side. It gathers the requests that end and hands them over; a
 * collector that is slow or gone costs what it did not get, never the gateway.
 */
import type { Worker } from 'node:worker_threads';
import type { Log } from '../log.ts';
import { startWorker } from '../program-files.ts';
import type { Observer, RequestEnd } from '../proxy/observer.ts';
import { parseTraceParent } from '../traceparent.ts';
import type { FromTracingWorker, ToTracingWorker, TracingWorkerStart } from './tracing-messages.ts';
import type { TracingPlan } from './tracing-plan.ts';
import { TRACING_WORKER_FILE } from './worker-file.ts';

/** Requests that wait; further ones are dropped and counted. */
const QUEUE_MAX = 4_096;
/** So many go together, or what there is after `GATHER_MS`. */
const BATCH = 256;
const GATHER_MS = 1_000;
/** How often the operator hears of what was lost. */
const TELL_EVERY_MS = 60_000;
const RESTART_AFTER_MS = 60_000;
const STOP_WITHIN_MS = 3_000;

export interface Tracing extends Observer {
  /** Null: nothing is traced from now on. */
  reload(plan: TracingPlan | null): void;
  /** Sends what there is; resolves within `STOP_WITHIN_MS`. */
  stop(): Promise<void>;
}

export interface OpenTracingOptions {
  readonly plan: TracingPlan | null;
  readonly log: Log;
}

export function openTracing({ plan, log }: OpenTracingOptions): Tracing {
  const tracing = new MainSide(log);
  tracing.reload(plan);
  return tracing;
}

class MainSide implements Tracing {
  readonly #log: Log;
  #plan: TracingPlan | null = null;
  #worker: Worker | null = null;
  #exited: Promise<void> = Promise.resolve();
  #queue: RequestEnd[] = [];
  /** How many requests the worker has, of which it has not said what became of them. */
  #handedOver = 0;
  #timer: NodeJS.Timeout | null = null;
  #restart: NodeJS.Timeout | undefined;
  #stopping = false;
  #lost = 0;
  #reason = '';
  #toldAt = -Infinity;

  constructor(log: Log) {
    this.#log = log;
  }

  requestEnded(end: RequestEnd): void {
    // Anybody can make requests without a good key: they would only push out the others.
    // Of what a process began that died, nobody knows how long its parts took.
    if (this.#plan === null || end.record === null || end.record.status === 'recovered' || !isSampled(end, this.#plan.sample)) return;
    if (this.#queue.length >= QUEUE_MAX) return this.#lose(1, 'the collector does not keep up');
    this.#queue.push(end);
    if (this.#queue.length >= BATCH) this.#handOver();
    else this.#wake();
  }

  reload(plan: TracingPlan | null): void {
    if (JSON.stringify(plan) === JSON.stringify(this.#plan)) return;
    this.#plan = plan;
    if (plan === null) this.#dismiss();
    else if (this.#worker) this.#post({ kind: 'plan', plan });
    else if (this.#restart === undefined) this.#start(plan);
  }

  /** It sends what it has and ends by itself; a plan that comes meanwhile gets a thread of its own. */
  #dismiss(): void {
    this.#post({ kind: 'stop' });
    this.#worker = null;
    this.#handedOver = 0;
    this.#queue = [];
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    if (this.#timer) clearTimeout(this.#timer);
    this.#worker?.ref();
    if (this.#queue.length > 0 && this.#worker) this.#post({ kind: 'requests', requests: this.#queue });
    this.#handedOver += this.#queue.length;
    this.#queue = [];
    this.#plan = null;
    this.#post({ kind: 'stop' });
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([this.#exited, new Promise((resolve) => (timer = setTimeout(resolve, STOP_WITHIN_MS)))]);
    clearTimeout(timer);
    // Its exit counts what it still had.
    await this.#worker?.terminate();
    if (this.#lost > 0) this.#tell(performance.now());
  }

  #post(message: ToTracingWorker): void {
    this.#worker?.postMessage(message);
  }

  #wake(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#handOver();
    }, GATHER_MS).unref();
  }

  /** One batch at a time: what piles up does so here, where it is bounded. */
  #handOver(): void {
    if (this.#worker === null || this.#handedOver > 0 || this.#queue.length === 0) return;
    const requests = this.#queue.splice(0, BATCH);
    this.#handedOver = requests.length;
    this.#post({ kind: 'requests', requests });
  }

  #onExported({ failure }: FromTracingWorker): void {
    const count = this.#handedOver;
    this.#handedOver = 0;
    if (failure !== null) this.#lose(count, failure);
    else if (this.#toldAt > -Infinity) {
      this.#log.info('tracing_resumed', { message: 'the collector takes traces again' });
      this.#toldAt = -Infinity;
    }
    if (this.#queue.length >= BATCH) this.#handOver();
    else if (this.#queue.length > 0) this.#wake();
  }

  #lose(requests: number, reason: string): void {
    this.#lost += requests;
    this.#reason = reason;
    const now = performance.now();
    if (now - this.#toldAt >= TELL_EVERY_MS) this.#tell(now);
  }

  #tell(now: number): void {
    this.#toldAt = now;
    this.#log.warn('traces_lost', { requests: this.#lost, message: this.#reason.slice(0, 300) });
    this.#lost = 0;
  }

  #start(plan: TracingPlan): void {
    this.#restart = undefined;
    const worker = startWorker(TRACING_WORKER_FILE, { workerData: { plan } satisfies TracingWorkerStart });
    let reason: string | null = null;
    this.#worker = worker;
    // The server keeps the process, not what tells of it.
    worker.unref();
    worker.on('message', (message: FromTracingWorker) => {
      if (this.#worker === worker) this.#onExported(message);
    });
    worker.on('error', (error: unknown) => (reason = error instanceof Error ? error.message : String(error)));
    this.#exited = new Promise((resolve) => {
      worker.once('exit', (code) => {
        if (this.#worker === worker) this.#onExit(reason ?? `the thread of the traces left with code ${code}`);
        resolve();
      });
    });
  }

  /** Unless it was told to, it died of a bug. */
  #onExit(reason: string): void {
    this.#worker = null;
    const had = this.#handedOver;
    this.#handedOver = 0;
    if (had > 0) this.#lose(had, this.#stopping ? 'the collector did not take them before the end' : reason);
    if (this.#stopping) return;
    this.#log.error('tracing_worker_failed', { message: reason, restartInMs: RESTART_AFTER_MS });
    this.#restart = setTimeout(() => {
      this.#restart = undefined;
      if (this.#plan) this.#start(this.#plan);
    }, RESTART_AFTER_MS).unref();
  }
}

/** As the client says, where it says it well; else by chance. */
function isSampled({ traceparent }: RequestEnd, share: number): boolean {
  const parent = parseTraceParent(traceparent);
  return parent ? parent.sampled : Math.random() < share;
}
