import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { findProcesses } from '../../src/handover/ask-process.ts';
import { controlPath, controlPaths } from '../../src/handover/control-path.ts';
import { openControlSocket, type ControlSocket } from '../../src/handover/control-socket.ts';
import type { Outcome } from '../../src/handover/control-messages.ts';
import { temporaryFolder } from '../support/product.ts';

const open: ControlSocket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

async function serving(database: string, handOver: () => Promise<Outcome> = () => Promise.resolve({ kind: 'refused', message: 'no' })): Promise<void> {
  open.push(await openControlSocket({ database, introduce: () => ({ kind: 'introduction', pid: 7, version: '1.2.3', state: 'serving', url: 'http://127.0.0.1:1' }), handOver }));
}

it('whoever connects is told who serves, and what became of what was asked', async () => {
  const database = path.join(temporaryFolder(), 'a.db');
  const outcome = { kind: 'handedOver', from: 7, to: 8, version: '1.2.4', readyMs: 5, draining: 2 } as const;
  await serving(database, () => Promise.resolve(outcome));
  const [found, ...others] = await findProcesses(database);
  expect(others).toEqual([]);
  expect(found).toMatchObject({ pid: 7, version: '1.2.3', state: 'serving' });
  expect(await found?.handOver()).toEqual(outcome);
  found?.leave();
  await found?.gone;
});

it.skipIf(process.platform !== 'linux')('a path that is longer than a socket may have works as well', async () => {
  const folder = path.join(temporaryFolder(), 'x'.repeat(120));
  fs.mkdirSync(folder);
  const database = path.join(folder, 'a.db');
  await serving(database);
  const [found] = await findProcesses(database);
  expect(found).toMatchObject({ pid: 7 });
  found?.leave();
  open.pop()?.close();
  expect(fs.readdirSync(folder)).toEqual([]);
});

it('what killed processes have left is passed over, and removed by the next that serves', async () => {
  const database = path.join(temporaryFolder(), 'a.db');
  const stale = controlPath(database, 'dead');
  fs.writeFileSync(`${database}.control-file`, 'not a socket');
  const script = `require('net').createServer().listen(${JSON.stringify(stale)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script]);
  expect(fs.existsSync(stale)).toBe(true);
  expect(await findProcesses(database)).toEqual([]);
  for (const file of controlPaths(database)) fs.utimesSync(file, 1, 1);
  await serving(database);
  expect(fs.existsSync(stale)).toBe(false);
  expect(controlPaths(database)).toHaveLength(2);
});

it('nonsense harms nobody', async () => {
  const database = path.join(temporaryFolder(), 'a.db');
  await serving(database);
  const socket = net.connect({ path: controlPaths(database)[0] as string });
  socket.on('error', () => undefined).resume();
  socket.write('nonsense\nnull\n{"kind":"other"}\n');
  socket.write('x'.repeat(10_000));
  await new Promise((resolve) => socket.once('close', resolve));
  const [found] = await findProcesses(database);
  expect(await found?.handOver()).toEqual({ kind: 'refused', message: 'no' });
  found?.leave();
});

it('whoever answers otherwise is passed over', async () => {
  const database = path.join(temporaryFolder(), 'a.db');
  const servers = ['nonsense\n', 'null\n', 'x'.repeat(100_000)].map((words) => net.createServer((socket) => void socket.on('error', () => undefined).end(words)));
  await Promise.all(servers.map((server, index) => new Promise<void>((resolve) => void server.listen({ path: controlPath(database, String(index)) }, resolve))));
  expect(await findProcesses(database)).toEqual([]);
  for (const server of servers) server.close();
});
