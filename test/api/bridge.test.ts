/** Requests cross to the API's thread and answers come back, whatever clients and the thread do. */
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openControlPlane, type ControlPlane } from '../../src/api/control-plane.ts';
import { createLog } from '../../src/log.ts';
import { planFor } from '../support/api-in-process.ts';
import { BareClient, Call, PATIENTLY, type Answer } from '../support/client-call.ts';

const FILE = new URL('./fragile-worker.ts', import.meta.url);

let server: http.Server;
let control: ControlPlane;
let port: number;
let logs: { event: string; message?: string; restartInMs?: number }[];
let handled: Set<Promise<void>>;

beforeEach(async () => {
  logs = [];
  handled = new Set();
  const log = createLog({ level: 'debug', format: 'json', write: (line) => void logs.push(JSON.parse(line) as (typeof logs)[number]) });
  control = openControlPlane({ plan: planFor('none'), log, workerFile: FILE });
  server = http.createServer((req, res) => {
    const over = control.handle(req, res);
    handled.add(over);
    void over.then(() => handled.delete(over));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterEach(async () => {
  await control.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(handled.size).toBe(0);
});

const begin = (path: string, options: { method?: string; body?: unknown; headers?: http.OutgoingHttpHeaders } = {}): Call =>
  new Call({ port, key: '', alias: 'console', path: `/${path}`, method: 'GET', ...options, headers: { host: '127.0.0.1:8787', 'content-type': 'application/octet-stream', ...options.headers } });
const get = (path: string, options: Parameters<typeof begin>[1] = {}): Promise<Answer> => begin(path, options).answer;
const counts = async (): Promise<{ produced: number; cancelled: number; streams: number }> => JSON.parse((await get('counts')).text) as Awaited<ReturnType<typeof counts>>;

describe('what crosses', () => {
  test('bodies arrive byte for byte, both ways', async () => {
    const body = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7) % 256));
    const answer = await get('echo', { method: 'POST', body });
    expect([answer.status, answer.body.equals(body)]).toEqual([200, true]);
    expect((await get('large')).body.length).toBe(100_000);
  });

  test('several cookies stay several, and the query and host are as they were sent', async () => {
    expect((await get('cookies')).headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(JSON.parse((await get('target?a=%20b&c=1')).text)).toMatchObject({ url: 'http://127.0.0.1:8787/console/target?a=%20b&c=1' });
  });

  test('a HEAD has the head of a GET and no body', async () => {
    const answer = await get('large', { method: 'HEAD' });
    expect([answer.status, answer.body.length, answer.headers['x-content-type-options']]).toEqual([200, 0, 'nosniff']);
    // The connection goes on: the next answer on it is whole.
    expect((await get('large')).whole).toBe(true);
  });

  test('a target that an URL parser would rewrite is not found', async () => {
    for (const path of ['../buyer/me', './large', '%2e%2e/buyer/me', 'a\\..\\large']) {
      const client = new BareClient(port);
      await client.send(`GET /console/${path} HTTP/1.1\r\nhost: 127.0.0.1:8787\r\nconnection: close\r\n\r\n`);
      expect(await client.status(), path).toBe(404);
      await client.closed;
    }
  });

  test('a plan that is put in force reaches the thread', async () => {
    expect(JSON.parse((await get('target')).text)).toMatchObject({ version: '0.0.0-test' });
    control.reload(planFor('none', { version: '9.9.9' }));
    expect(JSON.parse((await get('target')).text)).toMatchObject({ version: '9.9.9' });
  });
});

describe('limits', () => {
  test('a body above 256 KiB is refused, whether its length is told or not', async () => {
    const told = await get('echo', { method: 'POST', body: Buffer.alloc(256 * 1024 + 1) });
    expect([told.status, JSON.parse(told.text)]).toMatchObject([413, { error: { code: 'body_too_large' } }]);
    const client = new BareClient(port);
    await client.send('POST /console/echo HTTP/1.1\r\nhost: 127.0.0.1:8787\r\ntransfer-encoding: chunked\r\n\r\n');
    const chunk = `${(60_000).toString(16)}\r\n${'x'.repeat(60_000)}\r\n`;
    for (let i = 0; i < 5; i++) await client.send(chunk);
    expect(await client.status()).toBe(413);
    client.socket.destroy();
    await client.closed;
    expect((await get('echo', { method: 'POST', body: Buffer.alloc(256 * 1024) })).status).toBe(200);
  });

  test('a body that is announced first is asked for', async () => {
    const client = new BareClient(port);
    server.on('checkContinue', (req, res) => void control.handle(req, res));
    await client.send('POST /console/echo HTTP/1.1\r\nhost: 127.0.0.1:8787\r\nexpect: 100-continue\r\ncontent-length: 2\r\nconnection: close\r\n\r\n');
    await expect.poll(() => client.received, PATIENTLY).toContain('100 Continue');
    await client.send('hi');
    await client.closed;
    expect(client.received).toMatch(/200 OK[^]*\r\n\r\nhi$/);
  });

  test('a client that reads slowly is not produced for ahead of its reading', async () => {
    const call = begin('flood');
    const head = await call.head;
    head.pause();
    // 40 MB in all: what is made is bounded by the window and by what sockets hold.
    let before = -1;
    await expect.poll(async () => {
      const { produced } = await counts();
      const still = produced === before;
      before = produced;
      return still && produced > 0;
    }, { timeout: 20_000, interval: 200 }).toBe(true);
    expect(before).toBeLessThan(200);
    head.resume();
    const answer = await call.answer;
    expect([answer.whole, answer.body.length]).toEqual([true, 40_000_000]);
  });

  test('a client that leaves ends what was made for it', async () => {
    const flood = begin('flood');
    (await flood.head).pause();
    const events = begin('events');
    await events.until('begun');
    const waits = begin('waits');
    // It has reached the thread once a later one was answered.
    await get('counts');
    for (const call of [flood, events, waits]) call.leave();
    await expect.poll(counts, PATIENTLY).toMatchObject({ cancelled: 3, streams: 0 });
  });

  test('beyond 256 requests at once there is a moment to wait', async () => {
    const waiting = Array.from({ length: 256 }, () => begin('waits'));
    await expect.poll(() => handled.size, PATIENTLY).toBe(256);
    const refused = await get('large');
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
    for (const call of waiting) call.leave();
    await expect.poll(async () => (await get('large')).status, PATIENTLY).toBe(200);
  });

  test('of too many event streams the oldest ends', async () => {
    const streams: Call[] = [];
    for (let i = 0; i < 4; i++) {
      const call = begin('events');
      await call.until('begun');
      streams.push(call);
    }
    // All have one address, which may have three.
    expect((await (streams[0] as Call).answer).whole).toBe(true);
    expect((await counts()).streams).toBe(3);
    for (const call of streams) call.leave();
  });
});

describe('what breaks', () => {
  test('an answer that breaks off is not taken for whole', async () => {
    expect((await get('breaks')).whole).toBe(false);
    expect((await get('large')).status).toBe(200);
  });

  test('a thread that dies answers 503 for what it had, breaks what had begun, and is started again', async () => {
    const events = begin('events');
    await events.until('begun');
    const waits = begin('waits');
    await get('counts');
    const crash = await get('crash');
    expect([crash.status, JSON.parse(crash.text)]).toMatchObject([503, { error: { code: 'unavailable' } }]);
    expect((await waits.answer).status).toBe(503);
    expect((await events.answer).whole).toBe(false);
    await expect.poll(async () => (await get('large')).status, PATIENTLY).toBe(200);
    expect(logs.filter(({ event }) => event === 'api_worker_failed')).toMatchObject([{ message: 'the thread dies', restartInMs: 500 }]);
  });

  test('it is given more time after each death', async () => {
    for (const restartInMs of [500, 1_000]) {
      await expect.poll(async () => (await get('large')).status, PATIENTLY).toBe(200);
      await get('crash');
      expect(logs.filter(({ event }) => event === 'api_worker_failed').at(-1)).toMatchObject({ restartInMs });
    }
  });
});

describe('stopping', () => {
  test('event streams end whole, what comes afterwards is refused, and what runs may finish', async () => {
    const events = begin('events');
    await events.until('begun');
    const waits = begin('waits');
    await get('counts');
    control.quiesce();
    expect((await events.answer).whole).toBe(true);
    const late = await get('large');
    expect([late.status, late.headers['connection']]).toEqual([503, 'close']);
    waits.leave();
    await expect.poll(() => handled.size, PATIENTLY).toBe(0);
  });
});
