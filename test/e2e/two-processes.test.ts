/** Two `serve` processes on one database: the balance is one, however many processes spend it. */
import { afterEach, expect, test } from 'vitest';
import { balanceOf, expectBalancedBooks, requestsOf, until, type VerifyJson } from '../support/books.ts';
import { ALIAS, BUYER, NEW_MODEL as model, startProduct, type Product } from '../support/product.ts';
import { postMessages } from '../support/sse.ts';

const REQUESTS = 500;
const FUNDED = 37;

let product: Product;
afterEach(async () => await product.stop());

/** Streams that stay open, so that no hold is released while the others ask. */
const STALLED = 'Hi [[simulate {"failure":"stall","failAfterTokens":0}]]';

async function holdOfOne(): Promise<number> {
  await product.json('topup', BUYER, '0.000001');
  const refused = await postMessages({ ...product, model, prompt: STALLED, stream: true });
  const { error } = (await refused.json()) as { error: { message: string } };
  const [, whole, micros] = /needs a hold of (\d+)\.(\d{6}) USDC/.exec(error.message) ?? [];
  return Number(`${whole}${micros}`);
}

test(`of ${REQUESTS} concurrent requests to two processes exactly as many are admitted as there is money for`, async () => {
  product = await startProduct({ topup: null, config: 'hold_wait: 0s\ndisconnect: { drain: { seconds: 0 } }' });
  const second = await product.serve();
  const hold = await holdOfOne();
  const funds = hold * FUNDED;
  await product.json('topup', BUYER, ((funds - 1) / 1e6).toFixed(6));

  const origins = [product.origin, second.origin];
  const answers = await Promise.all(
    Array.from({ length: REQUESTS }, (_, index) => postMessages({ ...product, baseUrl: `${origins[index % 2]}/${ALIAS}`, model, prompt: STALLED, stream: true })),
  );
  const admitted = answers.filter(({ status }) => status === 200);
  expect(admitted).toHaveLength(FUNDED);
  expect(new Set(answers.map(({ status }) => status).filter((status) => status !== 200))).toEqual(new Set([429]));
  expect(await balanceOf(product)).toMatchObject({ balanceUsdMicros: funds, heldUsdMicros: funds, availableUsdMicros: 0 });
  expect(await product.json<VerifyJson>('verify')).toMatchObject({ ok: true, recoverable: 0 });

  for (const response of admitted) await response.body?.cancel();
  await until(() => balanceOf(product), ({ heldUsdMicros }) => heldUsdMicros === 0);
  const rows = (await requestsOf(product)).filter(({ status }) => status === 'client_left');
  expect(rows).toHaveLength(FUNDED);
  await expectBalancedBooks(product, funds);
});

test('a request waits for money that a request of the other process holds, and is admitted when it comes back', async () => {
  product = await startProduct({ topup: null, config: 'hold_wait: 50s\ndisconnect: { drain: { seconds: 0 } }' });
  const second = await product.serve();
  const funds = Math.floor((await holdOfOne()) * 1.2);
  await product.json('topup', BUYER, ((funds - 1) / 1e6).toFixed(6));
  const first = await postMessages({ ...product, model, prompt: STALLED, stream: true });
  expect(first.status).toBe(200);
  let answered = false;
  const waiting = postMessages({ ...product, baseUrl: `${second.origin}/${ALIAS}`, model, prompt: 'Hi', maxTokens: 150 }).finally(() => (answered = true));
  for (let look = 0; look < 4; look++) expect((await balanceOf(product)).balanceUsdMicros).toBe(funds);
  expect(answered).toBe(false);
  await first.body?.cancel();
  expect((await waiting).status).toBe(200);
  await expectBalancedBooks(product, funds);
});

test('a key revoked through one process is refused by the other at once', async () => {
  product = await startProduct();
  const second = await product.serve();
  const ask = (origin: string) => postMessages({ ...product, baseUrl: `${origin}/${ALIAS}`, model, prompt: 'Hi' });
  for (const origin of [product.origin, second.origin]) expect((await ask(origin)).status).toBe(200);
  await product.json('key', 'rotate', BUYER);
  for (const origin of [product.origin, second.origin]) expect((await ask(origin)).status).toBe(401);
});
