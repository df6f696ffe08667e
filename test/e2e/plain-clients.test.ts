/** Clients that are not the newest SDK: version 0.137's way of calling, curl, and clients that add `/v1` themselves. */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chargeOf, expectBalancedBooks, requestOf } from '../support/books.ts';
import { NEW_MODEL as model, startProduct, type Product } from '../support/product.ts';
import { runProgram } from '../support/run-program.ts';
import { postMessages, readStream } from '../support/sse.ts';

const hasCurl = spawnSync('curl', ['--version']).status === 0;
if (!hasCurl) console.warn('SKIPPED: curl is not installed, so its test does not run');

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(async () => await product.stop());

describe('a client with x-api-key and the version of 2023', () => {
  test('gets a JSON message with its charge in the headers', async () => {
    const response = await postMessages({ ...product, model, prompt: 'Hello' });
    expect(response.status).toBe(200);
    const row = await requestOf(product, response.headers.get('x-ainogap-request-id'));
    expect(response.headers.get('x-ainogap-charge-usd-micros')).toBe(String(chargeOf(row)));
  });

  test('streams, although it accepts only JSON by its header', async () => {
    const seen = await readStream(await postMessages({ ...product, model, prompt: 'Hello', stream: true }));
    expect(seen.headers.get('content-type')).toContain('text/event-stream');
    expect(seen.events.at(-1)).toBe('message_stop');
    const row = await requestOf(product, seen.headers.get('x-ainogap-request-id'));
    expect(row.buyerChargeUsdMicros).toBe(chargeOf(row));
  });

  test('may send temperature, for the version that it asked for goes upstream unchanged', async () => {
    const send = (version: string) =>
      fetch(`${product.baseUrl}/v1/messages?beta=true`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': product.key, 'anthropic-version': version },
        body: JSON.stringify({ model, max_tokens: 20, temperature: 0.2, messages: [{ role: 'user', content: 'Hi' }] }),
      });
    expect((await send('2023-06-01')).status).toBe(200);
    expect((await send('2026-10-21')).status).toBe(400);
  });

  test('says hello and asks for health without a key', async () => {
    for (const path of ['/claude', '/claude/api/hello']) expect((await fetch(product.origin + path, { method: 'HEAD' })).status).toBe(200);
    for (const path of ['/healthz', '/readyz']) expect((await fetch(product.origin + path)).status).toBe(200);
  });
});

describe.skipIf(!hasCurl)('curl', () => {
  const curl = (...args: string[]) => runProgram('curl', ['-sS', '--max-time', '30', ...args], { cwd: product.folder, env: product.env });
  const body = (stream: boolean) => JSON.stringify({ model, max_tokens: 50, stream, messages: [{ role: 'user', content: 'Hello' }] });
  const call = (stream: boolean) => ['-i', `${product.baseUrl}/v1/messages`, '-H', `Authorization: Bearer ${product.key}`, '-H', 'anthropic-version: 2023-06-01', '-H', 'content-type: application/json', '-d', body(stream)];

  test('gets a message and the charge', async () => {
    const { stdout } = await curl(...call(false));
    expect(stdout).toMatch(/^HTTP\/1\.1 200/);
    const id = /^x-ainogap-request-id: (\S+)/im.exec(stdout)?.[1] ?? null;
    const row = await requestOf(product, id);
    expect(/^x-ainogap-charge-usd-micros: (\d+)/im.exec(stdout)?.[1]).toBe(String(row.buyerChargeUsdMicros));
    expect(row.buyerChargeUsdMicros).toBe(chargeOf(row));
  });

  test('sees a stream to its end, billed', async () => {
    const { stdout, code } = await curl('-N', ...call(true));
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n').at(-1)).toContain('message_stop');
    const row = await requestOf(product, /^x-ainogap-request-id: (\S+)/im.exec(stdout)?.[1] ?? null);
    expect(row).toMatchObject({ status: 'completed', buyerChargeUsdMicros: chargeOf(row) });
    await expectBalancedBooks(product);
  });
});
