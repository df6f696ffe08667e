import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
import Anthropic from '@anthropic-ai/sdk';
import * as z from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf, MODEL, simulated, user, type Simulated } from './simulated.ts';

let sim: Simulated;
beforeAll(async () => {
  sim = await simulated();
});
afterAll(() => sim.close());

const WEATHER = {
  name: 'get_weather',
  description: 'The weather of a city',
  input_schema: { type: 'object' as const, properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 2 } }, required: ['city', 'days'] },
};

describe('the official client', () => {
  it('creates a message that says something about its request, in the same words each time', async () => {
    const create = () => sim.client.messages.create({ model: MODEL, max_tokens: 500, messages: [user('How tall is Mount Everest?')] });
    const [first, second] = [await create(), await create()];
    expect(first).toMatchObject({ type: 'message', role: 'assistant', model: MODEL, stop_reason: 'end_turn', usage: { output_tokens: 60 } });
    expect(first.content[0]).toMatchObject({ type: 'text', text: expect.stringContaining('How tall is Mount Everest?') });
    expect(second.content).toEqual(first.content);
    expect(second.id).not.toBe(first.id);
  });

  it('never gets more output than max_tokens, and learns why it ended', async () => {
    const message = await sim.client.messages.create({ model: MODEL, max_tokens: 7, messages: [user('Talk!')] });
    expect(message).toMatchObject({ stop_reason: 'max_tokens', usage: { output_tokens: 7 } });
  });

  it('streams the same answer as it creates, event by event', async () => {
    const params = { model: MODEL, max_tokens: 500, messages: [user('Grüße 👋🏽 an alle')] };
    const stream = sim.client.messages.stream(params);
    const types: string[] = [];
    stream.on('streamEvent', (event) => void types.push(event.type));
    const streamed = await stream.finalMessage();
    const created = await sim.client.messages.create(params);
    expect(streamed.content).toEqual(created.content);
    expect(streamed.usage).toMatchObject({ input_tokens: created.usage.input_tokens, output_tokens: created.usage.output_tokens });
    expect(types.filter((type, index) => type !== types[index - 1])).toEqual([
      'message_start', 'content_block_start', 'content_block_delta', 'content_block_stop', 'message_delta', 'message_stop',
    ]);
  });

  it('counts as many input tokens as a request is billed for', async () => {
    const params = { model: MODEL, system: 'Be brief.', tools: [WEATHER], messages: [user('Hello, ünïcode')] };
    const { input_tokens } = await sim.client.messages.countTokens(params);
    const { usage } = await sim.client.messages.create({ ...params, max_tokens: 5 });
    expect(usage.input_tokens).toBe(input_tokens);
    expect(input_tokens).toBeGreaterThan(500);
  });

  it('lists models page by page and finds one', async () => {
    const ids: string[] = [];
    for await (const model of sim.client.models.list({ limit: 2 })) ids.push(model.id);
    expect(ids).toEqual(expect.arrayContaining(['claude-opus-5-5', 'claude-haiku-4-5']));
    expect(new Set(ids).size).toBe(ids.length);
    expect(await sim.client.models.retrieve(ids[0] as string)).toMatchObject({ type: 'model', id: ids[0], max_input_tokens: 1_000_000 });
    await expect(sim.client.models.retrieve('claude-none')).rejects.toBeInstanceOf(Anthropic.NotFoundError);
  });

  it('gets thinking when it asks for it, with a signature, inside the output tokens', async () => {
    const ask = (thinking: Anthropic.ThinkingConfigParam) => sim.client.messages.stream({ model: MODEL, max_tokens: 4_000, thinking, messages: [user('Think!')] }).finalMessage();
    const message = await ask({ type: 'enabled', budget_tokens: 2_000 });
    expect(message.content.map((block) => block.type)).toEqual(['thinking', 'text']);
    expect(message.content[0]).toMatchObject({ thinking: expect.stringContaining('I consider it'), signature: expect.stringMatching(/.+/) });
    expect(message.usage).toMatchObject({ output_tokens: 75, output_tokens_details: { thinking_tokens: 15 } });
    const omitted = await ask({ type: 'adaptive', display: 'omitted' });
    expect(omitted.content[0]).toMatchObject({ type: 'thinking', thinking: '' });
    expect(omitted.usage.output_tokens).toBe(75);
  });
});

describe('tools', () => {
  const call = (content: string, extra: Partial<Anthropic.MessageCreateParamsNonStreaming> = {}) =>
    sim.client.messages.create({ model: MODEL, max_tokens: 500, tools: [WEATHER], messages: [user(content)], ...extra });

  it('are called when the words ask for it, with input that fits the schema', async () => {
    const message = await call('What is the weather in New York?');
    expect(message.stop_reason).toBe('tool_use');
    expect(message.content.at(-1)).toMatchObject({ type: 'tool_use', name: 'get_weather', input: { city: 'New York', days: 2 } });
  });

  it('are left alone when the words do not, or tool_choice forbids it', async () => {
    expect((await call('Hello')).stop_reason).toBe('end_turn');
    expect((await call('What is the weather?', { tool_choice: { type: 'none' } })).stop_reason).toBe('end_turn');
  });

  it.each([{ type: 'any' as const }, { type: 'tool' as const, name: 'get_weather' }])('are called when tool_choice is $type', async (tool_choice) => {
    expect((await call('Hello', { tool_choice })).content.at(-1)).toMatchObject({ type: 'tool_use', name: 'get_weather' });
  });

  it('are called as a directive orders, several at once, if they are offered', async () => {
    const message = await call('Go [[tool:get_weather {"city":"a ]] b","days":3}]] [[tool:get_weather {"city":"c","days":4}]] [[tool:none {}]]');
    const inputs = message.content.flatMap((block) => (block.type === 'tool_use' ? [block.input] : []));
    expect(inputs).toEqual([{ city: 'a ]] b', days: 3 }, { city: 'c', days: 4 }]);
  });

  it('among many, as in an agent, are called by "use NAME" or a directive only, and never by a reminder', async () => {
    const tools = ['Bash', 'Read', 'Write', 'weather', 'Edit', 'Grep', 'Glob', 'Task', 'Todo'].map((name) => ({ ...WEATHER, name }));
    const calls = async (content: string) => (await call(content, { tools })).content.filter((block) => block.type === 'tool_use').map((block) => block.name);
    expect(await calls('Read about the weather')).toEqual([]);
    expect(await calls('<system-reminder>use Read</system-reminder> hello')).toEqual([]);
    expect(await calls('Please use the Bash tool')).toEqual(['Bash']);
    expect(await calls('[[tool:Bash {"command":"echo hi"}]]')).toEqual(['Bash']);
  });

  it('stream their input in pieces that the client puts together', async () => {
    const stream = sim.client.messages.stream({ model: MODEL, max_tokens: 500, tools: [WEATHER], messages: [user('[[tool:get_weather {"city":"Zürich, the largest city","days":9}]]')] });
    expect((await stream.finalMessage()).content.at(-1)).toMatchObject({ type: 'tool_use', input: { city: 'Zürich, the largest city', days: 9 } });
  });

  it('make a whole loop of the tool runner, whose result the answer quotes', async () => {
    const tool = betaZodTool({
      name: 'get_weather',
      description: 'The weather of a city',
      inputSchema: z.object({ city: z.string() }),
      run: ({ city }) => `It snows in ${city}.`,
    });
    const message = await sim.client.beta.messages.toolRunner({ model: MODEL, max_tokens: 500, tools: [tool], messages: [user('What is the weather in Oslo?')] });
    expect(message).toMatchObject({ stop_reason: 'end_turn', content: [{ type: 'text', text: expect.stringContaining('It snows in Oslo.') }] });
  });

  it('are not called when the call does not fit max_tokens', async () => {
    expect(await call('What is the weather in Oslo?', { max_tokens: 8 })).toMatchObject({ stop_reason: 'max_tokens', usage: { output_tokens: expect.any(Number) } });
  });
});

describe('further features', () => {
  it('an answer to a JSON schema is JSON that fits it', async () => {
    const schema = {
      type: 'object',
      properties: { kind: { enum: ['a', 'b'] }, tags: { type: 'array', items: { $ref: '#/$defs/tag' } }, on: { anyOf: [{ type: 'boolean' }, { type: 'null' }] } },
      required: ['kind', 'tags', 'on'],
      $defs: { tag: { type: 'string', minLength: 12 } },
    };
    const message = await sim.client.messages.create({ model: MODEL, max_tokens: 500, output_config: { format: { type: 'json_schema', schema } }, messages: [user('x')] });
    const [block] = message.content;
    expect(JSON.parse(block?.type === 'text' ? block.text : '')).toEqual({ kind: 'a', tags: [expect.stringMatching(/^.{12,}$/)], on: true });
  });

  it('a stop sequence ends the answer and is named', async () => {
    const message = await sim.client.messages.create({ model: MODEL, max_tokens: 500, stop_sequences: ['never', ' to claude'], messages: [user('Hi')] });
    expect(message).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: ' to claude', content: [{ text: 'You wrote “Hi”' }] });
  });

  it('web searches are counted, grow the input after the start, and stop at max_uses', async () => {
    const stream = sim.client.messages.stream({
      model: MODEL,
      max_tokens: 500,
      tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 2 }],
      messages: [user('Search the news [[simulate {"webSearches":5}]]')],
    });
    const inputs: (number | null)[] = [];
    stream.on('streamEvent', (event) => {
      if (event.type === 'message_start') inputs.push(event.message.usage.input_tokens);
      if (event.type === 'message_delta') inputs.push(event.usage.input_tokens);
    });
    const message = await stream.finalMessage();
    expect(message.usage.server_tool_use).toEqual({ web_search_requests: 2, web_fetch_requests: 0 });
    expect(message.content.map((block) => block.type)).toEqual(['server_tool_use', 'web_search_tool_result', 'server_tool_use', 'web_search_tool_result', 'text']);
    expect(inputs[1]).toBe((inputs[0] as number) + 800);
  });

  it('a stream splits no character', async () => {
    for (const before of ['', 'a', 'ab', 'abc']) {
      const text = before + '👋🏽'.repeat(20);
      const response = await sim.post('/v1/messages', { model: MODEL, max_tokens: 500, stream: true, messages: [user(`[[simulate ${JSON.stringify({ text })}]]`)] });
      const raw = await response.text();
      expect(raw).not.toMatch(/\\ud[89a-f]/i);
      expect(eventsOf(raw).map(({ data }) => (data.delta as { text?: string } | undefined)?.text ?? '').join('')).toBe(text);
    }
  });

  it('a stream keeps to the grammar, with one ping and usage in both places', async () => {
    const response = await sim.post('/v1/messages?beta=true', { model: MODEL, max_tokens: 50, stream: true, messages: [user('x')] });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const events = eventsOf(await response.text());
    expect(events.every(({ event, data }) => event === data.type)).toBe(true);
    expect(events.filter(({ event }) => event === 'ping')).toHaveLength(1);
    expect(events[0]?.data.message).toMatchObject({ content: [], stop_reason: null, usage: { output_tokens: 1, cache_creation: { ephemeral_5m_input_tokens: 0 }, service_tier: 'standard' } });
    expect(events.at(-2)?.data).toMatchObject({ type: 'message_delta', delta: { stop_reason: 'max_tokens' }, usage: { output_tokens: 50 } });
  });
});
