/** The console, panel, API and docs beside a serving gateway: the main thread's side. Never takes the gateway down. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Worker } from 'node:worker_threads';
import { isBodyDue } from '../linger.ts';
import type { Log } from '../log.ts';
import { startWorker } from '../program-files.ts';
import { ApiError } from './api-error.ts';
import type { ApiPlan } from './api-plan.ts';
import type { ApiWorkerStart, FromApiWorker, ToApiWorker } from './bridge-messages.ts';
import { OpenResponses } from './open-responses.ts';
import { readRequestBody } from './request-body.ts';
import { API_WORKER_FILE } from './worker-file.ts';
import { writeRefusal } from './write-refusal.ts';

export interface ControlPlane {
  /** Whether a raw request target is the control plane's. */
  handles(target: string): boolean;
  /** Resolves when the response is over, in whatever way. Does not reject. */
  handle(req: IncomingMessage, res: ServerResponse): Promise<void>;
  /** Puts another configuration in force. */
  reload(plan: ApiPlan): void;
  /** Ends event streams, whose clients come back to the successor; the rest is answered as ever. */
  endStreams(): void;
  /** Refuses what comes from now on and ends what would not end by itself: event streams. */
  quiesce(): void;
  /** Resolves when the thread has ended. */
  stop(): Promise<void>;
}

export interface OpenControlPlaneOptions {
  readonly plan: ApiPlan;
  readonly log: Log;
  /** The thread's program. Default: the API's. */
  readonly workerFile?: URL;
}

/** The first segments are reserved aliases, so no route of the data plane is hidden by them. */
const OWN = /^\/(?:$|\?|(?:console|login|connect|assets|docs|buyer|admin|openapi\.json)(?:$|[/?]))/;
const REQUESTS_MAX = 256;
/** Bodies that are being read, apart from those: who sends slowly takes nobody's place but other senders'. */
const READING_MAX = 256;
const RESTART_FIRST_MS = 500;
const RESTART_LONGEST_MS = 60_000;
/** A worker that ran for so long had not failed at its start. */
const STEADY_AFTER_MS = 60_000;
const STOP_WITHIN_MS = 5_000;
/** What it may take before it is ended alone, and not the process. */
const HEAP_MB_MAX = 512;

export function openControlPlane(options: OpenControlPlaneOptions): ControlPlane {
  const { log } = options;
  const thread = new ApiThread(options);
  const open = new OpenResponses();
  thread.onMessage = (message) => open.take(message);
  thread.onDeath = () => open.fail(restarting());
  let stopping = false;
  let reading = 0;

  async function bodyOf(req: IncomingMessage, res: ServerResponse): Promise<ArrayBuffer | null> {
    if (!isBodyDue(req)) return null;
    if (reading >= READING_MAX) throw tooMany();
    reading++;
    try {
      return await readRequestBody(req, res);
    } finally {
      reading--;
    }
  }

  async function pass(req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (stopping) throw new ApiError('unavailable', 'The gateway is stopping; try again in a moment.', { retryAfterSeconds: 1 });
    const body = await bodyOf(req, res);
    if (res.destroyed) return;
    if (open.size >= REQUESTS_MAX) throw tooMany();
    if (!thread.runs) throw restarting();
    const { id, over } = open.add(res, {
      onSent: (of, bytes) => thread.post({ kind: 'sent', id: of, bytes }),
      onLeft: (of) => thread.post({ kind: 'left', id: of }),
    });
    const { socket } = req;
    const [remoteAddress, encrypted] = [socket.remoteAddress ?? '', (socket as TLSSocket).encrypted === true];
    thread.post({ kind: 'request', id, method: req.method ?? 'GET', target: req.url ?? '/', headers: req.rawHeaders, remoteAddress, encrypted, body }, body);
    return over;
  }

  return {
    handles: (target) => OWN.test(target),
    handle: (req, res) =>
      pass(req, res).catch((error: unknown) => {
        if (!(error instanceof ApiError)) log.error('api_bridge_failed', { error: String((error as Error).stack ?? error) });
        if (stopping) res.shouldKeepAlive = false;
        writeRefusal(res, error instanceof ApiError ? error : new ApiError('internal', 'The gateway failed to answer this.'));
        return new Promise((resolve) => (res.closed ? resolve() : res.once('close', resolve)));
      }),
    reload: (next) => thread.reload(next),
    endStreams: () => thread.post({ kind: 'endStreams' }),
    quiesce() {
      stopping = true;
      thread.post({ kind: 'endStreams' });
    },
    async stop() {
      stopping = true;
      await thread.stop();
      open.fail(restarting());
      open.close();
    },
  };
}

const tooMany = (): ApiError => new ApiError('unavailable', 'Too many requests at once; try again in a moment.', { retryAfterSeconds: 1 });
const restarting = (): ApiError => new ApiError('unavailable', 'The console is being started; try again in a moment.', { retryAfterSeconds: 1 });

/** The worker, started again whenever it dies. */
class ApiThread {
  onMessage: (message: Exclude<FromApiWorker, { readonly kind: 'log' }>) => void = () => undefined;
  onDeath: () => void = () => undefined;
  readonly #log: Log;
  readonly #file: URL;
  #plan: ApiPlan;
  #worker: Worker | null = null;
  #exited: Promise<void> = Promise.resolve();
  #restart: NodeJS.Timeout | undefined;
  #delayMs = RESTART_FIRST_MS;
  #stopping = false;

  constructor({ plan, log, workerFile = API_WORKER_FILE }: OpenControlPlaneOptions) {
    this.#plan = plan;
    this.#log = log;
    this.#file = workerFile;
    this.#start();
  }

  get runs(): boolean {
    return this.#worker !== null;
  }

  post(message: ToApiWorker, transfer: ArrayBuffer | null = null): void {
    this.#worker?.postMessage(message, transfer === null ? [] : [transfer]);
  }

  reload(plan: ApiPlan): void {
    this.#plan = plan;
    this.post({ kind: 'plan', plan });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    this.#worker?.ref();
    this.post({ kind: 'stop' });
    const timer = setTimeout(() => void this.#worker?.terminate(), STOP_WITHIN_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  #start(): void {
    const startedAt = performance.now();
    const workerData: ApiWorkerStart = { task: 'serve', plan: this.#plan };
    const worker = startWorker(this.#file, { workerData, resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX } });
    let reason: string | null = null;
    this.#worker = worker;
    // The server keeps the process, not what serves its pages.
    worker.unref();
    worker.on('message', (message: FromApiWorker) => {
      if (message.kind === 'log') this.#log[message.level](message.event, message.fields);
      else this.onMessage(message);
    });
    worker.on('error', (error: unknown) => (reason = error instanceof Error ? error.message : String(error)));
    this.#exited = new Promise((resolve) => {
      worker.once('exit', (code) => {
        this.#worker = null;
        this.onDeath();
        resolve();
        if (this.#stopping) return;
        if (performance.now() - startedAt >= STEADY_AFTER_MS) this.#delayMs = RESTART_FIRST_MS;
        this.#log.error('api_worker_failed', { message: reason ?? `it left with code ${code}`, restartInMs: this.#delayMs });
        this.#restart = setTimeout(() => this.#start(), this.#delayMs).unref();
        this.#delayMs = Math.min(RESTART_LONGEST_MS, this.#delayMs * 2);
      });
    });
  }
}
