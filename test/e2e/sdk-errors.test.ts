/** Refusals as the official SDK shows them to its user: its class, its status, words that help, and no charge. */
import Anthropic, { APIError } from '@anthropic-ai/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { balanceOf, expectBalancedBooks, requestsOf, type BalanceJson } from '../support/books.ts';
import { NEW_MODEL as model, startProduct, type Product } from '../support/product.ts';

/** The simulator answers with this error. */
const failing = (status: number, more = '') => ({ role: 'user' as const, content: `Hi [[simulate {"failure":"status","failureStatus":${status}${more}}]]` });
const hello = { role: 'user' as const, content: 'Hi' };

describe('errors of the official SDK', () => {
  let product: Product;
  let client: Anthropic;
  let before: BalanceJson;
  beforeAll(async () => {
    product = await startProduct({ topup: '2.5' });
    client = new Anthropic({ baseURL: product.baseUrl, apiKey: product.key, maxRetries: 0 });
  });
  beforeEach(async () => {
    before = await balanceOf(product);
  });
  afterAll(async () => await product.stop());

  /** The error of a call, after it was seen that it cost nothing. */
  async function errorOf(call: Promise<unknown>): Promise<InstanceType<typeof APIError>> {
    const error: unknown = await call.then(
      () => null,
      (reason: unknown) => reason,
    );
    if (!(error instanceof APIError)) throw new Error(`expected an error of the API, got ${String(error)}`);
    expect(await balanceOf(product)).toEqual(before);
    return error;
  }

  test('a model that the route does not have is a 400 that names those it has', async () => {
    const error = await errorOf(client.messages.create({ model: 'claude-2', max_tokens: 10, messages: [hello] }));
    expect(error).toBeInstanceOf(Anthropic.BadRequestError);
    expect(error).toMatchObject({ status: 400, type: 'invalid_request_error' });
    expect(error.message).toContain(model);
    expect((await requestsOf(product))[0]).toMatchObject({ status: 'refused', httpStatus: 400, buyerChargeUsdMicros: 0 });
  });

  test('what cannot be metered is a 400 with the reason', async () => {
    const tools = [{ type: 'code_execution_20250825' as const, name: 'code_execution' as const }];
    const error = await errorOf(client.messages.create({ model, max_tokens: 10, messages: [hello], tools }));
    expect(error).toBeInstanceOf(Anthropic.BadRequestError);
    expect(error.message).toContain('code_execution');
  });

  test("the upstream's own 400 passes unchanged and is not charged", async () => {
    const error = await errorOf(client.messages.create({ model, max_tokens: 10, messages: [failing(400)] }));
    expect(error).toBeInstanceOf(Anthropic.BadRequestError);
    expect(error.message).toContain('Simulated failure with status 400');
    expect((await requestsOf(product))[0]).toMatchObject({ status: 'upstream_error', httpStatus: 400, buyerChargeUsdMicros: 0 });
  });

  test('a wrong key is a 401, told not to be tried again', async () => {
    const stranger = new Anthropic({ baseURL: product.baseUrl, apiKey: `${product.key.slice(0, -4)}zzzz`, maxRetries: 2 });
    const error = await errorOf(stranger.messages.create({ model, max_tokens: 10, messages: [hello] }));
    expect(error).toBeInstanceOf(Anthropic.AuthenticationError);
    expect(error.headers?.get('x-should-retry')).toBe('false');
    expect(error.requestID).toMatch(/^req_/);
  });

  test('a request above the balance is a 402 that names a max_tokens which fits', async () => {
    const ask = (max_tokens: number) => client.messages.create({ model, max_tokens, messages: [hello], stream: true });
    const error = await errorOf(ask(128_000));
    expect(error).toMatchObject({ status: 402, type: 'billing_error' });
    expect(error.headers?.get('x-should-retry')).toBe('false');
    const [, fitting] = /needs a hold of 3\.\d{6} USDC; 2\.\d{6} USDC is available.*lower max_tokens to (\d+)/.exec(error.message) ?? [];
    expect(await errorOf(ask(Number(fitting) + 1_000))).toMatchObject({ status: 402 });
    await expect(ask(Number(fitting))).resolves.toBeDefined();
  });

  test('an alias that is no route is a 404', async () => {
    const lost = new Anthropic({ baseURL: `${product.origin}/nowhere`, apiKey: product.key, maxRetries: 0 });
    const error = await errorOf(lost.messages.create({ model, max_tokens: 10, messages: [hello] }));
    expect(error).toBeInstanceOf(Anthropic.NotFoundError);
    expect(error).toMatchObject({ type: 'not_found_error' });
  });

  test("the upstream's 429 passes with its retry-after once the gateway's own tries are used up", async () => {
    const error = await errorOf(client.messages.create({ model, max_tokens: 10, messages: [failing(429, ',"retryAfterSeconds":0')] }));
    expect(error).toBeInstanceOf(Anthropic.RateLimitError);
    expect(error.headers?.get('retry-after')).toBe('0');
    expect(error.headers?.get('anthropic-ratelimit-requests-remaining')).toBeNull();
  });

  test("the upstream's 529 is an overload, and the SDK tries again", async () => {
    const patient = new Anthropic({ baseURL: product.baseUrl, apiKey: product.key, maxRetries: 1 });
    const rows = (await requestsOf(product)).length;
    const error = await errorOf(patient.messages.create({ model, max_tokens: 10, messages: [failing(529, ',"retryAfterSeconds":0')] }));
    expect(error).toMatchObject({ status: 529, type: 'overloaded_error' });
    expect(await requestsOf(product)).toHaveLength(rows + 2);
  });

  test("the upstream's refusal of the operator's credential is no 401 of the buyer's", async () => {
    const error = await errorOf(client.messages.create({ model, max_tokens: 10, messages: [failing(401)] }));
    expect(error).toBeInstanceOf(Anthropic.InternalServerError);
    expect(error).toMatchObject({ status: 502, type: 'api_error' });
  });

  test('a stream that breaks is an error, never a message, and its part is charged as an estimate', async () => {
    const content = 'Hi [[simulate {"outputTokens":200,"failure":"cut","failAfterTokens":100}]]';
    const stream = client.messages.stream({ model, max_tokens: 300, messages: [{ role: 'user', content }] });
    await expect(stream.finalMessage()).rejects.toThrow();
    const [row] = await requestsOf(product);
    expect(row).toMatchObject({ status: 'interrupted', usageSource: 'estimated' });
    expect(row?.buyerChargeUsdMicros).toBeGreaterThan(0);
    await expectBalancedBooks(product, 2_500_000);
  });
});
