/** The official SDK, unmodified, against the built product: what it gets and what it is billed. */
import Anthropic from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { balanceOf, chargeOf, classesOf, expectBalancedBooks, requestOf, requestsOf, until, type RequestJson } from '../support/books.ts';
import { NEW_MODEL as model, startProduct, type Product } from '../support/product.ts';

const hello = { role: 'user' as const, content: 'Hello there, how are you?' };

describe('the official SDK', () => {
  let product: Product;
  let client: Anthropic;
  beforeAll(async () => {
    product = await startProduct();
    client = new Anthropic({ baseURL: product.baseUrl, apiKey: product.key, maxRetries: 0 });
  });
  afterAll(async () => await product.stop());

  test('gets a message and is charged what its usage costs', async () => {
    const { data, response } = await client.messages.create({ model, max_tokens: 200, messages: [hello] }).withResponse();
    expect(data.content[0]).toMatchObject({ type: 'text', text: expect.stringContaining('Hello there') as unknown });
    const charge = chargeOf(classesOf(data.usage));
    expect(charge).toBeGreaterThan(0);
    expect(response.headers.get('x-ainogap-charge-usd-micros')).toBe(String(charge));
    const { availableUsdMicros } = await balanceOf(product);
    expect(response.headers.get('x-ainogap-balance-usd-micros')).toBe(String(availableUsdMicros));
    const row = await requestOf(product, response.headers.get('x-ainogap-request-id'));
    expect(row).toMatchObject({ ...classesOf(data.usage), buyerChargeUsdMicros: charge, usageSource: 'reported', status: 'completed', httpStatus: 200 });
    expect(row.upstreamRequestId).toBe(response.headers.get('request-id'));
    await expectBalancedBooks(product);
  });

  test('streams a message whose charge is on disk when the stream has ended', async () => {
    const { data: stream, response } = await client.messages.create({ model, max_tokens: 400, stream: true, messages: [hello] }).withResponse();
    const events: string[] = [];
    for await (const event of stream) events.push(event.type);
    expect(events[0]).toBe('message_start');
    expect(events.at(-1)).toBe('message_stop');
    const row = await requestOf(product, response.headers.get('x-ainogap-request-id'));
    expect(row).toMatchObject({ usageSource: 'reported', status: 'completed', buyerChargeUsdMicros: chargeOf(row) });
    await expectBalancedBooks(product);
  });

  test('accumulates a stream with thinking into the message that was billed', async () => {
    const before = (await requestsOf(product)).length;
    const stream = client.messages.stream({
      model,
      max_tokens: 3000,
      thinking: { type: 'adaptive' },
      messages: [{ role: 'user', content: 'Think [[simulate {"outputTokens":300,"thinkingTokens":100}]]' }],
    });
    const message = await stream.finalMessage();
    expect(message.content.map(({ type }) => type)).toEqual(['thinking', 'text']);
    const rows = await requestsOf(product);
    expect(rows).toHaveLength(before + 1);
    expect(rows[0]).toMatchObject({ ...classesOf(message.usage), buyerChargeUsdMicros: chargeOf(classesOf(message.usage)) });
  });

  test('is billed for cache writes of both lifetimes and for reads in their own classes', async () => {
    const system = (ttl: '5m' | '1h', text: string) => ({ type: 'text' as const, text, cache_control: { type: 'ephemeral' as const, ttl } });
    const prompt = [system('1h', 'The long rules of the house. '.repeat(80)), system('5m', 'What is new this week. '.repeat(60))];
    const send = async (): Promise<RequestJson> => {
      const { response } = await client.messages.create({ model, max_tokens: 50, system: prompt, messages: [hello] }).withResponse();
      return requestOf(product, response.headers.get('x-ainogap-request-id'));
    };
    const first = await send();
    expect(first.cacheWrite1hTokens).toBeGreaterThan(0);
    expect(first.cacheWrite5mTokens).toBeGreaterThan(0);
    expect(first.buyerChargeUsdMicros).toBe(chargeOf(first));
    const second = await send();
    expect(second).toMatchObject({ cacheWrite1hTokens: 0, cacheWrite5mTokens: 0, cacheReadTokens: first.cacheWrite1hTokens + first.cacheWrite5mTokens });
    expect(second.buyerChargeUsdMicros).toBe(chargeOf(second));
    expect(second.buyerChargeUsdMicros).toBeLessThan(first.buyerChargeUsdMicros);
  });

  test('may leave in mid-stream and is billed the exact usage of the drained rest', async () => {
    const content = 'Tell me a story [[simulate {"outputTokens":240,"tokensPerSecond":120}]]';
    const stream = client.messages.stream({ model, max_tokens: 400, messages: [{ role: 'user', content }] });
    const ended = new Promise<unknown>((resolve) => stream.once('abort', resolve));
    stream.once('text', () => stream.abort());
    await ended;
    const id = stream.response?.headers.get('x-ainogap-request-id');
    const rows = await until(() => requestsOf(product), (found) => found.some(({ requestId }) => requestId === id));
    const row = rows.find(({ requestId }) => requestId === id) as RequestJson;
    expect(row).toMatchObject({ status: 'client_left', usageSource: 'drained', outputTokens: 240, buyerChargeUsdMicros: chargeOf(row) });
    await expectBalancedBooks(product);
  });

  test('runs a loop of tools to its end, each turn billed, though threads are refused', async () => {
    const before = await requestsOf(product);
    const calls: unknown[] = [];
    const weather = betaTool({
      name: 'get_weather',
      description: 'The weather of a city',
      inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
      run: (input) => {
        calls.push(input);
        return 'Sunny, 21 °C';
      },
    });
    const content = 'How is the weather? [[tool:get_weather {"city":"Paris"}]]';
    const final = await client.beta.messages.toolRunner({ model, max_tokens: 500, tools: [weather], messages: [{ role: 'user', content }] });
    expect(calls).toEqual([{ city: 'Paris' }]);
    expect(final.content.find((block) => block.type === 'text')?.text).toContain('Sunny, 21 °C');
    const rows = (await requestsOf(product)).slice(0, -before.length || undefined);
    expect(rows.filter(({ status }) => status === 'completed')).toHaveLength(2);
    const refused = rows.filter(({ status }) => status === 'refused');
    expect(refused.map(({ errorCode }) => errorCode)).toEqual(['thread_unsupported']);
    expect(refused[0]?.buyerChargeUsdMicros).toBe(0);
    await expectBalancedBooks(product);
  });

  test('works with its auth token as well as with its API key', async () => {
    const bearer = new Anthropic({ baseURL: product.baseUrl, authToken: product.key, apiKey: null, maxRetries: 0 });
    await expect(bearer.messages.create({ model, max_tokens: 20, messages: [hello] })).resolves.toMatchObject({ type: 'message' });
  });
});
