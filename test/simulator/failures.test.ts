import * as http from 'node:http';
import * as net from 'node:net';
import Anthropic from '@anthropic-ai/sdk';
import { afterEach, describe, expect, it } from 'vitest';
import type { SimulatorKnobs } from '../../src/config.ts';
import { sendStream } from '../../src/upstreams/simulator/send-stream.ts';
import { eventsOf, MODEL, simulated, user, type Simulated } from './simulated.ts';

let sim: Simulated;
afterEach(() => sim?.close());

const BODY = { model: MODEL, max_tokens: 100, messages: [user('hello')] };
const order = (json: object): object => ({ ...BODY, messages: [user(`hello [[simulate ${JSON.stringify(json)}]]`)] });

/** What a client reads of a body, and whether it ended well. */
async function readAll(response: Response): Promise<{ text: string; ended: boolean }> {
  let text = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) text += decoder.decode(chunk, { stream: true });
    return { text, ended: true };
  } catch {
    return { text, ended: false };
  }
}

describe('failures on purpose', () => {
  it('a status comes as an API error with a request id, and retry-after where it can help', async () => {
    sim = await simulated();
    for (const [failureStatus, type, retryAfter] of [[529, 'overloaded_error', '1'], [429, 'rate_limit_error', '1'], [500, 'api_error', null], [400, 'invalid_request_error', null]] as const) {
      const response = await sim.post('/v1/messages', order({ failure: 'status', failureStatus }));
      expect(response.status).toBe(failureStatus);
      expect(response.headers.get('retry-after')).toBe(retryAfter);
      expect(await response.json()).toMatchObject({ type: 'error', error: { type }, request_id: response.headers.get('request-id') });
    }
    expect((await sim.post('/v1/messages', order({ failure: 'status', retryAfterSeconds: 7 }))).headers.get('retry-after')).toBe('7');
  });

  it('a cut breaks a stream off after whole events, without an end', async () => {
    sim = await simulated({ failure: 'cut' });
    const { text, ended } = await readAll(await sim.post('/v1/messages', { ...BODY, stream: true }));
    expect(ended).toBe(false);
    const events = eventsOf(text).map(({ event }) => event);
    expect(events).toContain('content_block_delta');
    expect(events).not.toContain('message_delta');
  });

  it('a cut breaks a JSON body off', async () => {
    sim = await simulated({ failure: 'cut' });
    const { text, ended } = await readAll(await sim.post('/v1/messages', BODY));
    expect(ended).toBe(false);
    expect(() => JSON.parse(text) as unknown).toThrow();
  });

  it('a cut comes after as many tokens as ordered', async () => {
    sim = await simulated({ outputTokens: 100 });
    const deltas = async (failAfterTokens: number): Promise<number> => {
      const { text } = await readAll(await sim.post('/v1/messages', { ...order({ failure: 'cut', failAfterTokens }), stream: true }));
      return eventsOf(text).filter(({ event }) => event === 'content_block_delta').length;
    };
    expect([await deltas(0), await deltas(40)]).toEqual([0, 10]);
  });

  it('a stall sends the beginning and then nothing, until the client leaves', async () => {
    sim = await simulated({ failure: 'stall' });
    const client = new AbortController();
    const response = await fetch(`${sim.simulator.origin}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': sim.simulator.credential, 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({ ...BODY, stream: true }),
      signal: client.signal,
    });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const first = await reader.read();
    expect(new TextDecoder().decode(first.value)).toContain('message_start');
    const more = reader.read().then(() => 'more', () => 'left');
    expect(await Promise.race([more, new Promise((resolve) => setTimeout(resolve, 100, 'silent'))])).toBe('silent');
    client.abort();
    expect(await more).toBe('left');
  });

  it('malformed usage has values that no meter can use, in a response that is otherwise whole', async () => {
    sim = await simulated({ failure: 'malformed_usage' });
    const json = (await (await sim.post('/v1/messages', BODY)).json()) as { usage: Record<string, unknown> };
    expect(json).toMatchObject({ type: 'message', stop_reason: 'end_turn' });
    expect(json.usage.input_tokens).toBe(-1);
    const events = eventsOf(await (await sim.post('/v1/messages', { ...BODY, stream: true })).text());
    expect(events.at(-2)?.data.usage).toMatchObject({ output_tokens: '60', input_tokens: -1, cache_read_input_tokens: 0.5 });
  });

  it('a wrong model is named by the response', async () => {
    sim = await simulated({ failure: 'wrong_model' });
    expect(await (await sim.post('/v1/messages', BODY)).json()).toMatchObject({ model: 'claude-wrong-model-1' });
    expect(await (await sim.post('/v1/messages', order({ failure: 'none', responseModel: 'claude-other' }))).json()).toMatchObject({ model: 'claude-other' });
  });

  it('a share of failures is spread evenly over the requests', async () => {
    sim = await simulated({ failure: 'status', failureStatus: 503, failureShare: 0.25 });
    const statuses: number[] = [];
    for (let i = 0; i < 8; i++) statuses.push((await sim.post('/v1/messages', BODY)).status);
    expect(statuses).toEqual([200, 200, 200, 503, 200, 200, 200, 503]);
  });
});

describe('directives', () => {
  it('change a knob for one request, from the prompt or from metadata.user_id', async () => {
    sim = await simulated();
    const tokens = async (body: object): Promise<number> => ((await (await sim.post('/v1/messages', body)).json()) as { usage: { output_tokens: number } }).usage.output_tokens;
    expect(await tokens(order({ outputTokens: 33 }))).toBe(33);
    expect(await tokens({ ...BODY, metadata: { user_id: '[[simulate {"outputTokens":21}]]' } })).toBe(21);
    expect(await tokens(BODY)).toBe(60);
  });

  it('give the exact words of an answer', async () => {
    sim = await simulated();
    expect(await (await sim.post('/v1/messages', order({ text: 'Exactly this.' }))).json()).toMatchObject({ content: [{ type: 'text', text: 'Exactly this.' }], stop_reason: 'end_turn' });
  });

  it.each<[string, string]>([
    ['[[simulate {"outputToken":1}]]', 'outputToken: unknown; known are'],
    ['[[simulate {"failure":"explode"}]]', 'failure: must be one of none, status, cut'],
    ['[[simulate {"outputTokens":-1}]]', 'outputTokens: must be a number, 0 or more'],
    ['[[simulate {"failureStatus":200}]]', 'failureStatus: must be from 400 to 599'],
    ['[[simulate oops]]', 'a JSON object and ]] must follow'],
  ])('that cannot be read are refused in words: %s', async (text, message) => {
    sim = await simulated();
    const response = await sim.post('/v1/messages', { ...BODY, messages: [user(text)] });
    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: { message: string } }).error.message).toContain(message);
  });
});

describe('the door', () => {
  it('opens to the credential of this process only', async () => {
    sim = await simulated();
    for (const headers of [{ 'x-api-key': '' }, { 'x-api-key': 'sim_wrong' }]) expect((await sim.post('/v1/messages', BODY, headers)).status).toBe(401);
    await expect(new Anthropic({ baseURL: sim.simulator.origin, apiKey: 'wrong', maxRetries: 0 }).models.list()).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
    const bearer = await fetch(`${sim.simulator.origin}/v1/models`, { headers: { authorization: `Bearer ${sim.simulator.credential}` } });
    expect(bearer.status).toBe(200);
    const other = await simulated();
    expect(other.simulator.credential).not.toBe(sim.simulator.credential);
    await other.close();
  });

  it.each<[string, unknown, Record<string, string>, number, string]>([
    ['no version', BODY, { 'anthropic-version': '' }, 400, 'anthropic-version'],
    ['no JSON', '{', {}, 400, 'not valid JSON'],
    ['no object', '[]', {}, 400, 'must be a JSON object'],
    ['no model', { ...BODY, model: undefined }, {}, 400, 'model: Field required'],
    ['an unknown model', { ...BODY, model: 'gpt-4' }, {}, 404, 'model: gpt-4'],
    ['no max_tokens', { ...BODY, max_tokens: undefined }, {}, 400, 'max_tokens: Field required'],
    ['a fraction of a token', { ...BODY, max_tokens: 1.5 }, {}, 400, 'max_tokens: Input should be an integer'],
    ['no messages', { ...BODY, messages: [] }, {}, 400, 'at least one message'],
    ['an assistant who begins', { ...BODY, messages: [{ role: 'assistant', content: 'x' }] }, {}, 400, 'first message must use the "user" role'],
    ['a message that is none', { ...BODY, messages: ['x'] }, {}, 400, 'messages.0: Input should be an object'],
    ['a thread', { ...BODY, thread: {} }, {}, 400, 'thread: not supported'],
    ['sampling since it was removed', { ...BODY, temperature: 1 }, { 'anthropic-version': '2026-10-21' }, 400, 'temperature'],
  ])('refuses %s as the real one does', async (_, body, headers, status, message) => {
    sim = await simulated();
    const response = await sim.post('/v1/messages', body, headers);
    expect(response.status).toBe(status);
    expect(((await response.json()) as { error: { message: string } }).error.message).toContain(message);
  });

  it('has a request id and rate limits on a message, and 404 in the same shape elsewhere', async () => {
    sim = await simulated();
    const { headers } = await sim.post('/v1/messages', BODY);
    expect(headers.get('request-id')).toMatch(/^req_sim/);
    expect(Number(headers.get('anthropic-ratelimit-requests-remaining'))).toBeLessThanOrEqual(Number(headers.get('anthropic-ratelimit-requests-limit')));
    const missing = await sim.post('/v1/complete', {});
    expect(missing.status).toBe(404);
    expect(await missing.json()).toMatchObject({ type: 'error', error: { type: 'not_found_error' } });
    expect((await fetch(`${sim.simulator.origin}/api/hello`, { method: 'HEAD' })).status).toBe(200);
  });
});

describe('pace', () => {
  const stream = (knobs: Partial<SimulatorKnobs>) => async (): Promise<string[]> => {
    sim = await simulated(knobs);
    const chunks: string[] = [];
    const response = await sim.post('/v1/messages', { ...BODY, max_tokens: 40, stream: true });
    const decoder = new TextDecoder();
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) chunks.push(decoder.decode(chunk));
    return chunks;
  };

  it('without a rate a short stream is one write; with one it comes in many', async () => {
    expect((await stream({})()).length).toBeLessThanOrEqual(2);
    await sim.close();
    expect((await stream({ tokensPerSecond: 200 })()).length).toBeGreaterThan(5);
  });

  it('a reader who does not read holds a large answer back: no more of it is made', async () => {
    const mebibytes = 64;
    let made = 0;
    function* pieces() {
      for (; made < mebibytes * 16; made++) yield { text: 'x'.repeat(65_536), tokens: 1 };
    }
    const server = http.createServer((_, response) => void sendStream(response, pieces(), { tokensPerSecond: 0, failure: null }));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const socket = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
    socket.pause().write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    let before = -1;
    while (made !== before || made === 0) {
      before = made;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(made).toBeGreaterThan(0);
    expect(made).toBeLessThan(mebibytes * 16);
    socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  it('closing cuts what still runs and frees the port', async () => {
    sim = await simulated({ tokensPerSecond: 1 });
    const response = await sim.post('/v1/messages', { ...BODY, stream: true });
    await sim.close();
    expect((await readAll(response)).ended).toBe(false);
    await expect(fetch(sim.simulator.origin)).rejects.toThrow();
  });
});
