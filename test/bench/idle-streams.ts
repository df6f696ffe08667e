/** Memory per idle stream: thousands of streams that stall after their first event, against the same process before. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchChild } from './bench-child.ts';
import { clientRequest } from './client-request.ts';
import type { IdleEndOrder, IdleOrder, IdleResult } from './load-generator.ts';
import type { Subject } from './paired-rounds.ts';
import { openFilesMax, residentBytesOf } from './process-cost.ts';
import { SMALL_STREAM_BODY } from './request-bodies.ts';
import type { StubOrder } from './upstream-stub.ts';

export const IDLE_STREAMS = 5_000;

export interface IdleFigures {
  readonly streams: number;
  readonly bytesPerStream: number;
}

/** Two files per stream in the proxy, and some to spare; fewer streams where the system allows fewer. */
export function idleStreamsPossible(): number {
  return Math.min(IDLE_STREAMS, Math.floor((openFilesMax() - 500) / 2));
}

/** The process must be fresh: memory that earlier load left free would hide what the streams take. */
export async function measureIdleStreams(stub: BenchChild, load: BenchChild, subject: Subject): Promise<IdleFigures> {
  const request = clientRequest({ ...subject, body: SMALL_STREAM_BODY });
  const streams = idleStreamsPossible();
  const open = async (count: number) => {
    await stub.ask({ mode: 'stall', tickMs: 0 } satisfies StubOrder);
    succeed(await load.ask<IdleResult>({ kind: 'open-idle', port: subject.port, request, count } satisfies IdleOrder));
  };
  const release = async () => {
    await stub.ask({ mode: 'release', tickMs: 0 } satisfies StubOrder);
    succeed(await load.ask<IdleResult>({ kind: 'await-idle-end' } satisfies IdleEndOrder));
  };
  // A few requests first: code and caches that any first request brings are not a stream's.
  await open(100);
  await release();
  await sleep(1_000);
  const before = residentBytesOf(subject.pid);
  await open(streams);
  await sleep(2_000);
  const bytesPerStream = (residentBytesOf(subject.pid) - before) / streams;
  await release();
  return { streams, bytesPerStream };
}

function succeed(result: IdleResult): void {
  if (result.failure !== null) throw new Error(`${result.failures} idle streams failed: ${result.failure}`);
}
