import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import * as path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openCliFolder } from './cli-run.ts';
import type { CliFolder } from './cli-run.ts';

const MAIN = path.resolve(import.meta.dirname, '../../bin/ainogap.js');
const CONFIG = 'listen: 127.0.0.1:0\ndatabase: ./ainogap.db\nupstreams:\n  sim:\n    kind: simulator\n';

let cli: CliFolder;
let server: ChildProcess;
let origin: string;

/** Resolves with the address that `serve` prints. */
function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const read = (chunk: Buffer): void => {
      text += chunk.toString();
      const match = /http:\/\/127\.0\.0\.1:\d+/.exec(text);
      if (match) resolve(match[0]);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', () => reject(new Error(`serve ended: ${text}`)));
  });
}

beforeEach(async () => {
  cli = openCliFolder(CONFIG);
  server = spawn(process.execPath, [MAIN, 'serve', '--port', '0'], { cwd: cli.folder, stdio: ['ignore', 'pipe', 'pipe'] });
  origin = await listening(server);
});
afterEach(async () => {
  const ended = new Promise((resolve) => server.once('exit', resolve));
  if (server.exitCode === null) {
    server.kill('SIGTERM');
    await ended;
  }
  cli.remove();
});

async function ask(key: string, alias = 'fast'): Promise<{ status: number; requestId: string | null }> {
  const body = JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 20, messages: [{ role: 'user', content: 'Hello' }] });
  const headers = { 'x-api-key': key, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' };
  const response = await fetch(`${origin}/${alias}/v1/messages`, { method: 'POST', headers, body });
  await response.text();
  return { status: response.status, requestId: response.headers.get('x-ainogap-request-id') };
}

it('every change takes effect on the next request to a gateway that runs', async () => {
  const run = async (...argv: string[]): Promise<string> => {
    const { code, out, err } = await cli.spawn(argv);
    if (code !== 0) throw new Error(err);
    return out.trim();
  };
  await run('buyer', 'create', 'acme');
  const key = await run('key', 'create', 'acme');
  expect((await ask(key)).status).toBe(404);
  await run('route', 'create', 'fast', '--upstream', 'sim');
  expect((await ask(key)).status).toBe(402);
  await run('topup', 'acme', '1');
  const first = await ask(key);
  expect(first.status).toBe(200);

  const receipt = JSON.parse(await run('receipt', first.requestId ?? '', '--json')) as { chargeUsdMicros: number; priceCard: string };
  expect(receipt).toMatchObject({ priceCard: 'pc_1', status: 'completed', usageSource: 'reported' });
  expect(await cli.run(['receipt', '--check', cli.write('receipt.json', JSON.stringify(receipt))])).toMatchObject({ code: 0 });
  const { balanceUsdMicros } = (await cli.json('balance', 'acme')) as { balanceUsdMicros: number };
  expect(balanceUsdMicros).toBe(1_000_000 - receipt.chargeUsdMicros);

  await run('route', 'set', 'fast', '--multiplier', '2');
  const dearer = await ask(key);
  expect(await cli.json('receipt', dearer.requestId ?? '')).toMatchObject({ priceCard: 'pc_2' });

  const rotated = await run('key', 'rotate', 'acme');
  expect([(await ask(key)).status, (await ask(rotated)).status]).toEqual([401, 200]);
  await run('buyer', 'disable', 'acme', '--yes');
  expect((await ask(rotated)).status).toBe(401);
  await run('buyer', 'enable', 'acme');
  await run('buyer', 'create', 'globex');
  await run('route', 'set', 'fast', '--buyers', 'globex');
  expect((await ask(rotated)).status).toBe(404);
  await run('route', 'set', 'fast', '--open');
  expect((await ask(rotated)).status).toBe(200);
  await run('key', 'revoke', 'key_2', '--yes');
  expect((await ask(rotated)).status).toBe(401);
  await run('verify');
});
