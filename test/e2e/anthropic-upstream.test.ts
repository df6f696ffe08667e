/** The `anthropic` kind of upstream, in another process: reached by `base_url`, with a credential that stays with the operator. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSimulator, type Simulator } from '../../src/upstreams/simulator/server.ts';
import { chargeOf, classesOf, expectBalancedBooks, requestOf, requestsOf } from '../support/books.ts';
import { NEW_MODEL as model, startProduct, type Product } from '../support/product.ts';
import { postMessages } from '../support/sse.ts';

const hello = { role: 'user' as const, content: 'Hello there' };
let simulator: Simulator;
let product: Product;

const upstreams = (credential: string, header = 'x-api-key'): string =>
  `  real: { kind: anthropic, base_url: "${simulator.origin}", credential: "${credential}", credential_header: ${header} }`;

beforeAll(async () => {
  simulator = await openSimulator({ delayMs: 0, tokensPerSecond: 0, outputTokens: 80, failureShare: 1, failure: 'none', failureStatus: 529 });
  product = await startProduct({ upstream: 'real', upstreams: upstreams('env:UPSTREAM_KEY'), env: { UPSTREAM_KEY: simulator.credential } });
});
afterAll(async () => {
  await product.stop();
  await simulator.close();
});

async function expectAnswered(): Promise<void> {
  const client = new Anthropic({ baseURL: product.baseUrl, apiKey: product.key, maxRetries: 0 });
  const { data, response } = await client.messages.create({ model, max_tokens: 100, messages: [hello] }).withResponse();
  const row = await requestOf(product, response.headers.get('x-ainogap-request-id'));
  expect(row).toMatchObject({ ...classesOf(data.usage), buyerChargeUsdMicros: chargeOf(classesOf(data.usage)), status: 'completed' });
  expect(response.headers.get('anthropic-organization-id')).toBeNull();
  expect(response.headers.get('anthropic-ratelimit-requests-limit')).toBeNull();
}

test('a credential from the environment is used, and the answer is billed by what the upstream reports', async () => {
  await expectAnswered();
});

test('after a SIGHUP it may come from a file and be sent as a Bearer token', async () => {
  fs.writeFileSync(path.join(product.folder, 'upstream.key'), `${simulator.credential}\n`, { mode: 0o600 });
  product.writeConfig({ upstreams: upstreams('file:./upstream.key', 'authorization') });
  product.server.kill('SIGHUP');
  await product.server.printed(/"event":"reloaded"/);
  await expectAnswered();
});

test('one that the upstream refuses is a 502 that does not blame the buyer and costs nothing', async () => {
  fs.writeFileSync(path.join(product.folder, 'upstream.key'), 'sk-ant-stale-credential');
  product.server.kill('SIGHUP');
  await product.server.printed(/"event":"reloaded"[\s\S]*"event":"reloaded"/);
  const response = await postMessages({ ...product, model, prompt: 'Hello' });
  expect(response.status).toBe(502);
  const said = await response.text();
  expect(JSON.parse(said)).toMatchObject({ type: 'error', error: { type: 'api_error' } });
  expect((await requestsOf(product))[0]).toMatchObject({ status: 'upstream_error', buyerChargeUsdMicros: 0, httpStatus: 502 });
  await expectBalancedBooks(product);
  for (const secret of [simulator.credential, 'sk-ant-stale-credential'])
    expect(said + product.server.stderr() + product.server.stdout() + fs.readFileSync(product.database, 'latin1')).not.toContain(secret);
});

test("a buyer's key is in no file and in no line that is printed", () => {
  // Beside the database's files there is the socket of its server.
  const files = fs.readdirSync(product.folder, { withFileTypes: true }).filter((entry) => entry.isFile() && entry.name.startsWith('ainogap.db'));
  const kept = files.map(({ name }) => fs.readFileSync(path.join(product.folder, name), 'latin1')).join('');
  expect(files.length).toBeGreaterThan(0);
  expect(kept + product.server.stderr() + product.server.stdout()).not.toContain(product.key);
});
