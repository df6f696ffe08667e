/** Commands beside a running server, on the same database: each takes effect on the next request. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { balanceOf, chargeOf, expectBalancedBooks, requestOf, requestsOf } from '../support/books.ts';
import { ALIAS, BUYER, NEW_MODEL as model, startProduct, type Product } from '../support/product.ts';
import { postMessages } from '../support/sse.ts';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(async () => await product.stop());

const ask = (key = product.key, alias = ALIAS): Promise<Response> => postMessages({ baseUrl: `${product.origin}/${alias}`, key, model, prompt: 'Hello' });
const newKey = async (buyer: string): Promise<string> => (await product.json<{ routeApiKey: string }>('key', 'create', buyer, '--label', 'other')).routeApiKey;

test('a rotated key is refused by the very next request, and its successor works', async () => {
  const { name: buyer } = await product.json<{ name: string }>('buyer', 'create', 'rotator');
  await product.json('topup', buyer, '1');
  const old = await newKey(buyer);
  expect((await ask(old)).status).toBe(200);
  const { routeApiKey: next } = await product.json<{ routeApiKey: string }>('key', 'rotate', buyer);
  expect((await ask(old)).status).toBe(401);
  expect((await ask(next)).status).toBe(200);
});

test('a revoked key is refused by the very next request', async () => {
  const { keyId, routeApiKey } = await product.json<{ keyId: string; routeApiKey: string }>('key', 'create', BUYER, '--label', 'short-lived');
  expect((await ask(routeApiKey)).status).toBe(200);
  await product.json('key', 'revoke', keyId, '--yes');
  expect((await ask(routeApiKey)).status).toBe(401);
});

test("a disabled buyer's keys stop at once and work again when it is enabled", async () => {
  expect((await ask()).status).toBe(200);
  await product.json('buyer', 'disable', BUYER, '--yes');
  expect((await ask()).status).toBe(401);
  await product.json('buyer', 'enable', BUYER);
  expect((await ask()).status).toBe(200);
});

test('a route is priced anew, created and deleted for the next request, and old rows keep their price', async () => {
  const at = async (alias: string) => requestOf(product, (await ask(product.key, alias)).headers.get('x-ainogap-request-id'));
  expect((await ask(product.key, 'second')).status).toBe(404);
  await product.json('route', 'create', 'second', '--upstream', 'simulator');
  const dear = await at('second');
  await product.json('route', 'set', 'second', '--multiplier', '0.5');
  const cheap = await at('second');
  expect(dear.buyerChargeUsdMicros).toBe(chargeOf(dear));
  expect(cheap.buyerChargeUsdMicros).toBe(Math.ceil(cheap.uncachedInputTokens * 2.5 + cheap.outputTokens * 12.5));
  expect((await requestOf(product, dear.requestId)).buyerChargeUsdMicros).toBe(dear.buyerChargeUsdMicros);
  await product.json('route', 'delete', 'second', '--yes');
  expect((await ask(product.key, 'second')).status).toBe(404);
});

test('a route for named buyers does not exist for others', async () => {
  await product.json('buyer', 'create', 'friend');
  await product.json('topup', 'friend', '1');
  await product.json('route', 'create', 'private', '--upstream', 'simulator', '--buyers', 'friend');
  expect((await ask(product.key, 'private')).status).toBe(404);
  expect((await ask(await newKey('friend'), 'private')).status).toBe(200);
});

test('a top-up is there for the next request, once for each reference', async () => {
  await product.json('buyer', 'create', 'poor');
  const key = await newKey('poor');
  expect((await ask(key)).status).toBe(402);
  for (const applied of [true, false]) expect(await product.json('topup', 'poor', '1', '--reference', 'tx_1')).toMatchObject({ applied });
  const response = await ask(key);
  expect(response.status).toBe(200);
  const charge = Number(response.headers.get('x-ainogap-charge-usd-micros'));
  expect(await product.json('balance', 'poor')).toMatchObject({ balanceUsdMicros: 1_000_000 - charge });
});

test('the receipt of a request can be recomputed offline', async () => {
  const { headers } = await ask();
  const id = headers.get('x-ainogap-request-id') as string;
  const { stdout, code } = await product.cli('receipt', id, '--json');
  expect(code).toBe(0);
  expect(stdout).toContain(id);
  const file = path.join(product.folder, 'receipt.json');
  fs.writeFileSync(file, stdout);
  expect((await product.cli('receipt', '--check', file)).code).toBe(0);
  const charge = Number(headers.get('x-ainogap-charge-usd-micros'));
  fs.writeFileSync(file, stdout.replaceAll(String(charge), String(charge + 1)));
  expect((await product.cli('receipt', '--check', file)).code).toBe(1);
});

test('every request is in the record, and the books balance', async () => {
  const { balanceUsdMicros } = await balanceOf(product);
  expect((await requestsOf(product)).length).toBeGreaterThan(0);
  expect(balanceUsdMicros).toBeLessThan(50_000_000);
  await expectBalancedBooks(product);
});
