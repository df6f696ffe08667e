/** `serve --demo` lets a stranger into the console and the panel by links that work once. */
import * as fs from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bareEnv, LAUNCHER, temporaryFolder } from '../support/product.ts';
import { startServe, type ServeProcess } from '../support/serve-process.ts';

let folder: string;
let demo: ServeProcess;
beforeAll(async () => {
  folder = temporaryFolder();
  demo = await startServe({ program: LAUNCHER, args: ['--demo', '--port', '0'], cwd: folder, env: bareEnv(folder) });
  await demo.printed(/Ctrl-C/);
}, 30_000);
afterAll(async () => {
  await demo.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

const post = (path: string, body: object): Promise<Response> =>
  fetch(`${demo.origin}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

test.each([
  ['buyer', 'demo', /^(http:\S+)\/console\/invite#(iv_\S+)$/m],
  ['admin', 'demo-admin', /^(http:\S+)\/console\/admin\/invite#(iv_\S+)$/m],
] as const)('a %s signs up by the printed link, once', async (kind, name, pattern) => {
  const [, origin, token] = pattern.exec(demo.stdout()) ?? [];
  expect(origin).toBe(demo.origin);
  expect(await (await post(`/${kind}/invite/check`, { token })).json()).toMatchObject({ item: { name, kind } });
  const accepted = await post(`/${kind}/invite/accept`, { token, password: 'glacier tundra 4711 violin' });
  const { item } = (await accepted.json()) as { item: { sessionToken: string } };
  const me = await fetch(`${demo.origin}/${kind}/me`, { headers: { authorization: `Bearer ${item.sessionToken}` } });
  expect(await me.json()).toMatchObject({ item: { name } });
  expect((await post(`/${kind}/invite/accept`, { token, password: 'glacier tundra 4711 violin' })).ok).toBe(false);
});
