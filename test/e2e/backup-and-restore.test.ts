/** A backup that is made in mid-stream, and restored: what was open in it is settled by the next start. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openAnySchema } from '../../src/db/open.ts';
import { runHere, type CliResult } from '../cli/cli-run.ts';
import { ALIAS, BUYER, startProduct, type Product } from '../support/product.ts';

let product: Product;
beforeAll(async () => {
  product = await startProduct({ upstreams: '  simulator: { kind: simulator, tokens_per_second: 20, output_tokens: 2000 }' });
});
afterAll(() => product.stop());

async function ask(origin: string, stream: boolean, signal?: AbortSignal): Promise<Response> {
  const body = JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: stream ? 2000 : 5, stream, messages: [{ role: 'user', content: 'Hello' }] });
  const headers = { 'x-api-key': product.key, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' };
  return fetch(`${origin}/${ALIAS}/v1/messages`, { method: 'POST', headers, body, ...(signal ? { signal } : {}) });
}

/** The commands of this checkout, without a process for each. */
const run = (...argv: string[]): Promise<CliResult> => runHere(product.folder, argv, {});
async function json<T>(...argv: string[]): Promise<T> {
  const { code, out, err } = await run(...argv, '--json');
  if (code !== 0) throw new Error(`${argv.join(' ')}: ${err}`);
  return JSON.parse(out) as T;
}

it('copies a database that is served, refuses to restore it meanwhile, and settles what was open in the copy afterwards', async () => {
  expect((await ask(product.origin, false)).status).toBe(200);
  const leave = new AbortController();
  const open = await ask(product.origin, true, leave.signal);
  await open.body?.getReader().read();

  const copy = path.join(fs.realpathSync(product.folder), 'copy.db');
  expect(await json('backup', copy)).toMatchObject({ file: copy });
  const held = openAnySchema(copy, 'read');
  expect(held.prepare('SELECT count(*) FROM open_requests').pluck().get()).toBe(1);
  held.close();

  expect(await run('restore', copy, '--yes')).toMatchObject({ code: 1, err: expect.stringContaining('a process serves') });
  expect(await run('restore', copy, '--dry-run')).toMatchObject({ code: 0, out: expect.stringContaining('It revives and loses nothing') });
  const { findings } = await json<{ findings: { check: string; message: string }[] }>('doctor');
  expect(findings).toEqual(expect.arrayContaining([expect.objectContaining({ check: 'serving', message: '1 process serves this database' }), expect.objectContaining({ check: 'backup', level: 'ok' })]));
  // The gateway that was asked to give its database away goes on.
  expect((await ask(product.origin, false)).status).toBe(200);

  product.server.kill('SIGKILL');
  await product.server.exited;
  leave.abort();
  await json('key', 'rotate', BUYER);
  expect(await json('restore', copy, '--yes')).toMatchObject({ restored: true, changes: { revivedKeys: [{ keyId: 'key_1' }], lostRequests: 1 } });

  const next = await product.serve();
  expect((await ask(next.origin, false)).status).toBe(200);
  const { heldUsdMicros } = await json<{ heldUsdMicros: number }>('balance', BUYER);
  expect(heldUsdMicros).toBe(0);
  expect(await run('verify')).toMatchObject({ code: 0, err: '' });
  await next.stop();
});
