/** Whoever sends slowly keeps nobody but other senders waiting. */
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openControlPlane, type ControlPlane } from '../../src/api/control-plane.ts';
import { createLog } from '../../src/log.ts';
import { planFor } from '../support/api-in-process.ts';
import { BareClient, bareCall } from '../support/client-call.ts';

const FILE = new URL('./fragile-worker.ts', import.meta.url);
const READING_MAX = 256;

let server: http.Server;
let control: ControlPlane;
let port: number;
let begun: number;

beforeEach(async () => {
  begun = 0;
  control = openControlPlane({ plan: planFor('none'), log: createLog({ level: 'debug', format: 'json', write: () => undefined }), workerFile: FILE });
  server = http.createServer((req, res) => {
    begun++;
    void control.handle(req, res);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterEach(async () => {
  await control.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const head = (method: string, path: string, more = ''): string => `${method} /console/${path} HTTP/1.1\r\nhost: 127.0.0.1:8787\r\ncontent-type: application/octet-stream\r\n${more}\r\n`;
const get = async (path: string): Promise<number> => (await bareCall(port, head('GET', path, 'connection: close\r\n'))).status;
const post = async (): Promise<number> => (await bareCall(port, `${head('POST', 'echo', 'content-length: 2\r\nconnection: close\r\n')}hi`)).status;

test('bodies that never come leave pages and answers alone, and are bounded', async () => {
  const slow = Array.from({ length: READING_MAX }, () => new BareClient(port));
  for (const client of slow) await client.send(`${head('POST', 'echo', 'content-length: 100000\r\n')}x`);
  await expect.poll(() => begun).toBe(READING_MAX);
  expect([await get('counts'), await post()]).toEqual([200, 503]);
  for (const client of slow) client.socket.destroy();
  await expect.poll(post).toBe(200);
});
