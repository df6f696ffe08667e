/** A thread whose answers are large, slow, endless or deadly, behind the product's own bridge and application. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ApiApp } from '../../src/api/api-app.ts';
import { createApp } from '../../src/api/app.ts';
import type { ApiWorkerStart } from '../../src/api/bridge-messages.ts';
import { EventStreams } from '../../src/api/event-streams.ts';
import { bridgedLog, serveBridge } from '../../src/api/serve-bridge.ts';
import { openMemoryDatabase } from '../../src/db/open.ts';

const BYTES = new Uint8Array(100_000).fill(120);
/** Chunks that were asked of the flood so far. */
let produced = 0;
/** Sources of endless answers that heard that nobody listens any more. */
let cancelled = 0;

function floods(app: ApiApp): void {
  app.post('/console/echo', async (c) => c.body(await c.req.arrayBuffer()));
  app.get('/console/large', () => new Response(BYTES.slice()));
  app.get('/console/flood', () => {
    let left = 400;
    return new Response(
      new ReadableStream<Uint8Array>({
        pull: (controller) => {
          produced++;
          controller.enqueue(BYTES);
          if (--left === 0) controller.close();
        },
        cancel: () => void cancelled++,
      }),
    );
  });
  app.get('/console/events', () => {
    const events = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new TextEncoder().encode('event: begun\ndata: {}\n\n')), cancel: () => void cancelled++ });
    return new Response(events, { headers: { 'content-type': 'text/event-stream' } });
  });
  app.get('/console/waits', (c) => new Promise<Response>((resolve) => c.req.raw.signal.addEventListener('abort', () => resolve(c.text(String(cancelled++))))));
  app.get('/console/counts', (c) => c.json({ produced, cancelled, streams: streams.size }));
  app.get('/console/breaks', () => {
    let begun = false;
    return new Response(
      new ReadableStream<Uint8Array>({
        pull: (controller) => {
          if (begun) return controller.error(new Error('broke in the middle'));
          begun = true;
          controller.enqueue(BYTES);
        },
      }),
    );
  });
  app.get('/console/crash', () => {
    setImmediate(() => {
      throw new Error('the thread dies');
    });
    return new Promise<Response>(() => undefined);
  });
  app.get('/console/cookies', (c) => {
    c.header('set-cookie', 'a=1', { append: true });
    c.header('set-cookie', 'b=2', { append: true });
    return c.text('two cookies');
  });
  app.get('/console/target', (c) => c.json({ url: c.req.url, version: plan.version }));
}

if (parentPort === null) throw new Error('this is the program of a worker thread');
let { plan } = workerData as ApiWorkerStart;
const streams = new EventStreams({ inAll: 4, perSession: 3 });
const log = bridgedLog(parentPort);
const app = createApp({ db: openMemoryDatabase(), plan: () => plan, now: Date.now, log }, { parts: [floods], streams });
serveBridge(parentPort, { app, streams, onPlan: (next) => void (plan = next), onStop: () => process.exit() });
