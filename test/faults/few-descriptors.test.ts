import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import * as path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { call, errorOf, PATIENTLY, requestBody } from '../support/client-call.ts';
import { openTestGateway, type TestGateway } from '../support/gateway-in-process.ts';
import { messageDocument } from '../support/message-stream.ts';

let gateway: TestGateway;
let child: ChildProcess;
let port: number;
beforeAll(async () => {
  gateway = await openTestGateway();
  const program = path.join(import.meta.dirname, '../support/gateway-child.ts');
  // The shell's limit holds for the gateway that takes its place.
  child = spawn('sh', ['-c', 'ulimit -n 90; exec "$0" "$@"', process.execPath, program, gateway.config.database, gateway.upstream.origin], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  port = Number(line.toString());
});
afterEach(() => gateway.checkInvariants());
afterAll(async () => {
  child.kill('SIGKILL');
  await gateway.close();
});

it('a gateway out of file descriptors answers 503 or drops connections, does not die, and goes on when there are some again', async () => {
  const buyer = gateway.buyer('10');
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  gateway.upstream.always(async (peer) => {
    await opened;
    await peer.json(200, messageDocument());
  });
  const ask = () => call({ port, key: buyer.key, body: requestBody({ stream: false }) }).catch(() => null);
  const running = Array.from({ length: 10 }, ask);
  await expect.poll(() => gateway.upstream.seen.length, PATIENTLY).toBe(10);
  let refused = 0;
  const flood = Array.from({ length: 140 }, async () => {
    const answer = await ask();
    if (answer?.status === 503 && ++refused === 1) setTimeout(open, 300);
    return answer;
  });
  const answers = [...(await Promise.all(running)), ...(await Promise.all(flood))].filter((answer) => answer !== null);
  for (const answer of answers.filter(({ status }) => status !== 200)) {
    expect(answer.status).toBe(503);
    expect(errorOf(answer).type).toBe('overloaded_error');
    expect(answer.headers['retry-after']).toBe('1');
  }
  const served = answers.filter(({ status }) => status === 200).length;
  expect(served).toBeGreaterThanOrEqual(10);
  expect(child.exitCode).toBeNull();
  await expect.poll(async () => (await call({ port, key: buyer.key }).catch(() => ({ status: 0 }))).status, PATIENTLY).toBe(200);
  expect(gateway.db.prepare('SELECT count(*) FROM requests WHERE charge > 0').pluck().get()).toBe(served + 1);
  expect(gateway.upstream.errors).toEqual([]);
});
