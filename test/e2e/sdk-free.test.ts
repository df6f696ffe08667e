/** What the official SDK asks for free: counted tokens and the route's models. */
import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { balanceOf, requestsOf } from '../support/books.ts';
import { ALIAS, BUYER, NEW_MODEL as model, startProduct, type Product } from '../support/product.ts';

describe('free requests of the official SDK', () => {
  let product: Product;
  let client: Anthropic;
  beforeAll(async () => {
    product = await startProduct();
    client = new Anthropic({ baseURL: product.baseUrl, apiKey: product.key, maxRetries: 0 });
  });
  afterAll(async () => await product.stop());

  test('tokens are counted by the upstream and cost nothing', async () => {
    const messages = [{ role: 'user' as const, content: 'How long is this?' }];
    const { input_tokens: counted } = await client.messages.countTokens({ model, messages });
    const { usage } = await client.messages.create({ model, max_tokens: 10, messages });
    expect(counted).toBe(usage.input_tokens);
    expect(await requestsOf(product)).toHaveLength(1);
  });

  test('the models are those of the route, page by page', async () => {
    const { models } = await product.json<{ models: { model: string }[] }>('route', 'show', ALIAS);
    const listed: string[] = [];
    for await (const info of client.models.list({ limit: 2 })) listed.push(info.id);
    expect(listed.toSorted()).toEqual(models.map((entry) => entry.model).toSorted());
    expect(listed).toContain(model);
  });

  test('one model is described by its id or its other name, and an unknown one is not found, in words', async () => {
    await expect(client.models.retrieve(model)).resolves.toMatchObject({ id: model, type: 'model', max_tokens: 128_000 });
    await expect(client.models.retrieve('claude-haiku-4-5-20251001')).resolves.toMatchObject({ type: 'model' });
    const unknown = client.models.retrieve('claude-none');
    await expect(unknown).rejects.toBeInstanceOf(Anthropic.NotFoundError);
    await expect(unknown).rejects.toThrow(/claude-none.*is not offered on this route.*claude-haiku-4-5/);
  });

  test.each([0, 1001, 1.5, -1])('a limit of %d models is refused', async (limit) => {
    await expect(client.models.list({ limit })).rejects.toThrow(/limit.*from 1 to 1000/);
    await expect(client.models.list({ limit })).rejects.toMatchObject({ status: 400, type: 'invalid_request_error' });
  });

  test('a buyer without money may still list, but has nothing read and counted', async () => {
    const { balanceUsdMicros } = await balanceOf(product);
    await product.json('topup', '--adjust', '--reason', 'paid back', '--', BUYER, `-${balanceUsdMicros / 1e6}`);
    await expect(client.messages.countTokens({ model, messages: [{ role: 'user', content: 'Hi' }] })).rejects.toMatchObject({ status: 402 });
    await expect(client.models.list()).resolves.toHaveProperty('data');
    await expect(client.messages.create({ model, max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] })).rejects.toMatchObject({ status: 402 });
  });
});
