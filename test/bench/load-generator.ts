/**
 * The load generator's process. A `window` is a closed loop, each of its connections sending the next request when the
 * last one was answered; or, with `everyMs`, a steady load, each sending one so often. Only what ends inside the measured window counts, and the CPU of the proxy is read at its two
 * ends, while the load stays the same before and after.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { answerParent } from './bench-child.ts';
import { LoadConnection, type Sample } from './load-connection.ts';
import { cpuNanosecondsOf } from './process-cost.ts';

export interface WindowOrder {
  readonly kind: 'window';
  readonly port: number;
  readonly request: Uint8Array;
  readonly connections: number;
  /** The connections start one after another over this time, so that paced streams do not run in step. */
  readonly staggerMs: number;
  readonly warmMs: number;
  readonly windowMs: number;
  /** Each connection sends a request so often, unless one is still under way. */
  readonly everyMs?: number;
  /** The process whose CPU is read. */
  readonly pid: number;
}

export interface WindowResult {
  readonly completed: number;
  readonly cpuNanoseconds: number;
  readonly elapsedMs: number;
  readonly samples: Sample[];
  readonly failures: number;
  /** The first failure's words. */
  readonly failure: string | null;
}

/** Opens `count` streams and answers when each has had its first event; they stay open. */
export interface IdleOrder {
  readonly kind: 'open-idle';
  readonly port: number;
  readonly request: Uint8Array;
  readonly count: number;
}

/** Answers when all idle streams have ended. */
export interface IdleEndOrder {
  readonly kind: 'await-idle-end';
}

export interface IdleResult {
  readonly failures: number;
  readonly failure: string | null;
}

let idleEnd: Promise<IdleResult> = Promise.resolve({ failures: 0, failure: null });

async function runWindow(order: WindowOrder): Promise<WindowResult> {
  const samples: Sample[] = [];
  const failures: string[] = [];
  let measuring = false;
  let running = true;
  const connections = Array.from({ length: order.connections }, () => {
    const connection = new LoadConnection({
      port: order.port,
      request: Buffer.from(order.request),
      onEnd: (sample) => {
        if (measuring) samples.push(sample);
        return running && order.everyMs === undefined;
      },
      onFailure: (reason) => void failures.push(reason),
    });
    return connection;
  });
  const timers: NodeJS.Timeout[] = [];
  for (const connection of connections) {
    connection.send();
    if (order.everyMs !== undefined) timers.push(setInterval(() => connection.busy || connection.send(), order.everyMs));
    if (order.staggerMs > 0) await sleep(order.staggerMs / order.connections);
  }
  await sleep(order.warmMs);
  const startedAt = performance.now();
  const cpuBefore = cpuNanosecondsOf(order.pid);
  measuring = true;
  await sleep(order.windowMs);
  measuring = false;
  const cpuNanoseconds = cpuNanosecondsOf(order.pid) - cpuBefore;
  const elapsedMs = performance.now() - startedAt;
  running = false;
  for (const timer of timers) clearInterval(timer);
  await drained(connections);
  for (const connection of connections) connection.close();
  return { completed: samples.length, cpuNanoseconds, elapsedMs, samples, failures: failures.length, failure: failures[0] ?? null };
}

/** Lets responses under way end, so that no exchange of one window costs anything in the next. */
async function drained(connections: readonly LoadConnection[]): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (connections.some((connection) => connection.busy) && performance.now() < deadline) await sleep(10);
}

async function openIdle(order: IdleOrder): Promise<IdleResult> {
  const atOnce = 100;
  const failures: string[] = [];
  const ends: Promise<void>[] = [];
  for (let opened = 0; opened < order.count; opened += atOnce) {
    const batch = Array.from({ length: Math.min(atOnce, order.count - opened) }, () => openOne(order, failures));
    ends.push(...batch.map((one) => one.ended));
    await Promise.all(batch.map((one) => one.started));
  }
  const result = () => ({ failures: failures.length, failure: failures[0] ?? null });
  idleEnd = Promise.all(ends).then(result);
  return result();
}

function openOne(order: IdleOrder, failures: string[]): { started: Promise<void>; ended: Promise<void> } {
  const started = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const finish = () => {
    started.resolve();
    ended.resolve();
    connection.close();
  };
  const connection = new LoadConnection({
    port: order.port,
    request: Buffer.from(order.request),
    onFirstByte: started.resolve,
    onEnd: () => {
      finish();
      return false;
    },
    onFailure: (reason) => {
      failures.push(reason);
      finish();
    },
  });
  connection.send();
  return { started: started.promise, ended: ended.promise };
}

answerParent<WindowOrder | IdleOrder | IdleEndOrder>({ port: 0 }, (order) => {
  if (order.kind === 'window') return runWindow(order);
  if (order.kind === 'open-idle') return openIdle(order);
  return idleEnd;
});
