/** What a killed process leaves of a request, step by step, and what the next one makes of it. */
import { afterEach, expect, test } from 'vitest';
import { balanceOf, chargeOf, expectBalancedBooks, requestOf, requestsOf, until, type RequestJson, type VerifyJson } from '../support/books.ts';
import { NEW_MODEL as model, startProduct, type Product } from '../support/product.ts';
import { postMessages, readStream, type StreamSeen } from '../support/sse.ts';

let product: Product;
afterEach(async () => await product.stop());

/** Sends a request that is still running when this resolves: its hold is on disk. */
async function leaveRunning(prompt: string, stream: boolean): Promise<{ ended: Promise<StreamSeen | null> }> {
  let begin: () => void = () => undefined;
  const firstText = new Promise<void>((resolve) => (begin = resolve));
  const ended = postMessages({ ...product, model, prompt, stream, maxTokens: 1_000 })
    .then((response) => readStream(response, (name) => name === 'content_block_delta' && begin()))
    .catch(() => null);
  if (stream) await firstText;
  else await until(() => balanceOf(product), ({ heldUsdMicros }) => heldUsdMicros > 0);
  return { ended };
}

async function killAndRestart(): Promise<void> {
  product.server.kill('SIGKILL');
  await product.server.exited;
  expect(await product.json<VerifyJson>('verify')).toMatchObject({ ok: true });
  await product.serve();
}

async function onlyRow(): Promise<RequestJson> {
  const rows = await until(() => requestsOf(product), ({ length }) => length > 0);
  expect(rows).toHaveLength(1);
  return rows[0] as RequestJson;
}

test('forwarded but not answered: released without a charge', async () => {
  product = await startProduct();
  const { ended } = await leaveRunning('Hi [[simulate {"delayMs":60000}]]', false);
  expect(await product.json<VerifyJson>('verify')).toMatchObject({ ok: true, recoverable: 0 });
  await killAndRestart();
  expect(await ended).toBeNull();
  expect(await onlyRow()).toMatchObject({ status: 'recovered', usageSource: 'none', buyerChargeUsdMicros: 0, httpStatus: 0 });
  await expectBalancedBooks(product);
});

test('usage seen: charged by what was recorded, and listed as recovered', async () => {
  product = await startProduct();
  await leaveRunning('A prompt of some length [[simulate {"outputTokens":400,"failure":"stall","failAfterTokens":200}]]', true);
  await until(() => product.read((db) => (db.prepare('SELECT count(*) AS n FROM open_requests WHERE progress_at IS NOT NULL').get() as { n: number }).n), (n) => n === 1);
  await killAndRestart();
  const row = await onlyRow();
  expect(row).toMatchObject({ status: 'recovered', usageSource: 'recovered', buyerChargeUsdMicros: chargeOf(row) });
  expect(row.uncachedInputTokens).toBeGreaterThan(0);
  await expectBalancedBooks(product);
});

test('ended: unchanged by the kill and by what recovers', async () => {
  product = await startProduct();
  const seen = await readStream(await postMessages({ ...product, model, prompt: 'Hi', stream: true }));
  product.server.kill('SIGKILL');
  expect(seen.events.at(-1)).toBe('message_stop');
  const before = await requestOf(product, seen.headers.get('x-ainogap-request-id'));
  await product.server.exited;
  await product.serve();
  expect(await requestsOf(product)).toEqual([before]);
  expect(before).toMatchObject({ status: 'completed', usageSource: 'reported', buyerChargeUsdMicros: chargeOf(before) });
  await expectBalancedBooks(product);
});

test('killed holds are shown by verify as recoverable, which is no fault, until a process takes them over', async () => {
  product = await startProduct();
  await leaveRunning('Hi [[simulate {"failure":"stall","failAfterTokens":20}]]', true);
  product.server.kill('SIGKILL');
  await product.server.exited;
  expect(await product.json<VerifyJson>('verify')).toMatchObject({ ok: true, recoverable: 1 });
  expect((await balanceOf(product)).heldUsdMicros).toBeGreaterThan(0);
  await product.serve();
  expect(await product.json<VerifyJson>('verify')).toMatchObject({ ok: true, recoverable: 0 });
  await expectBalancedBooks(product);
});

test('a process that was stopped, not killed, keeps its holds and ends its stream when it goes on', async () => {
  product = await startProduct();
  const { ended } = await leaveRunning('Steady [[simulate {"outputTokens":100,"tokensPerSecond":100}]]', true);
  product.server.kill('SIGSTOP');
  try {
    await product.serve();
    expect(await product.json<VerifyJson>('verify')).toMatchObject({ ok: true, recoverable: 0 });
    expect((await balanceOf(product)).heldUsdMicros).toBeGreaterThan(0);
    expect(await requestsOf(product)).toEqual([]);
  } finally {
    product.server.kill('SIGCONT');
  }
  const seen = await ended;
  expect(seen?.events.at(-1)).toBe('message_stop');
  expect(await onlyRow()).toMatchObject({ status: 'completed', usageSource: 'reported', outputTokens: 100 });
  await expectBalancedBooks(product);
});
