import type { MessageParam, TextBlockParam, Usage } from '@anthropic-ai/sdk/resources/messages';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MODEL, simulated, type Simulated } from './simulated.ts';

const MINUTE = 60_000;
let nowMs: number;
let sim: Simulated;
beforeEach(async () => {
  nowMs = 0;
  sim = await simulated({ outputTokens: 5 }, { now: () => nowMs });
});
afterEach(() => sim.close());

interface Classes {
  readonly input: number;
  readonly write5m: number;
  readonly write1h: number;
  readonly read: number;
}

const classesOf = (usage: Usage): Classes => ({
  input: usage.input_tokens,
  write5m: usage.cache_creation?.ephemeral_5m_input_tokens ?? NaN,
  write1h: usage.cache_creation?.ephemeral_1h_input_tokens ?? NaN,
  read: usage.cache_read_input_tokens ?? NaN,
});

type Ttl = '5m' | '1h';
const text = (words: string, ttl?: Ttl): TextBlockParam => ({
  type: 'text',
  text: `${words} ${'lorem ipsum '.repeat(20)}`,
  ...(ttl ? { cache_control: { type: 'ephemeral', ttl } } : {}),
});
const turn = (words: string, ttl?: Ttl): MessageParam => ({ role: 'user', content: [text(words, ttl)] });
const reply = (words: string): MessageParam => ({ role: 'assistant', content: [text(words)] });

interface Prompt {
  readonly system?: TextBlockParam[];
  readonly messages: MessageParam[];
  readonly model?: string;
  readonly extra?: object;
}

async function ask({ system, messages, model = MODEL, extra = {} }: Prompt): Promise<Classes> {
  const { usage } = await sim.client.messages.create({ model, max_tokens: 5, ...(system ? { system } : {}), messages, ...extra });
  const classes = classesOf(usage);
  expect(usage.cache_creation_input_tokens).toBe(classes.write5m + classes.write1h);
  return classes;
}

const total = (classes: Classes): number => classes.input + classes.write5m + classes.write1h + classes.read;

describe('the prompt cache', () => {
  it('writes at a breakpoint and reads the prefix from then on, whatever follows it', async () => {
    const system = [text('You are brief.', '5m')];
    const first = await ask({ system, messages: [turn('one')] });
    expect(first).toMatchObject({ read: 0, write1h: 0 });
    expect(first.write5m).toBeGreaterThan(50);
    const second = await ask({ system, messages: [turn('two')] });
    expect(second).toEqual({ ...first, write5m: 0, read: first.write5m });
  });

  it('follows a conversation whose breakpoint moves on: reads what was, writes what is new', async () => {
    const first = await ask({ messages: [turn('one', '5m')] });
    const second = await ask({ messages: [turn('one'), reply('yes'), turn('two', '5m')] });
    expect(second.read).toBe(first.write5m);
    expect(second.write5m).toBeGreaterThan(0);
    const third = await ask({ messages: [turn('one'), reply('yes'), turn('two'), reply('no'), turn('three', '5m')] });
    expect(third.read).toBe(second.read + second.write5m);
    expect(third.input).toBe(0);
  });

  it('splits writes by TTL, and all classes always add up to the counted tokens', async () => {
    const system = [text('Long lived', '1h')];
    const messages = [turn('short lived', '5m'), reply('fine'), turn('not cached')];
    const first = await ask({ system, messages });
    expect(first.write1h).toBeGreaterThan(0);
    expect(first.write5m).toBeGreaterThan(0);
    expect(first.input).toBeGreaterThan(0);
    const { input_tokens } = await sim.client.messages.countTokens({ model: MODEL, system, messages });
    expect(total(first)).toBe(input_tokens);
    const second = await ask({ system, messages });
    expect(second).toEqual({ input: first.input, write5m: 0, write1h: 0, read: first.write1h + first.write5m });
  });

  it('lets an entry of five minutes die after five minutes without a read', async () => {
    const prompt = { messages: [turn('x', '5m')] };
    await ask(prompt);
    nowMs += 5 * MINUTE - 1;
    expect(await ask(prompt)).toMatchObject({ write5m: 0 });
    nowMs += 5 * MINUTE - 1;
    expect(await ask(prompt), 'a read refreshes').toMatchObject({ write5m: 0 });
    nowMs += 5 * MINUTE;
    expect(await ask(prompt)).toMatchObject({ read: 0 });
  });

  it('keeps an entry of one hour for an hour, while those of five minutes behind it die', async () => {
    const prompt = { system: [text('Long lived', '1h')], messages: [turn('short lived', '5m')] };
    const first = await ask(prompt);
    nowMs += 59 * MINUTE;
    expect(await ask(prompt)).toEqual({ ...first, write1h: 0, read: first.write1h });
    nowMs += 60 * MINUTE;
    expect(await ask(prompt)).toEqual(first);
  });

  it('takes cache_control at the top level as a breakpoint at the end', async () => {
    const extra = { cache_control: { type: 'ephemeral' } };
    const first = await ask({ messages: [turn('one')], extra });
    expect(first).toMatchObject({ input: 0, read: 0 });
    const second = await ask({ messages: [turn('one'), reply('yes'), turn('two')], extra });
    expect(second).toMatchObject({ input: 0, read: first.write5m });
  });

  it('belongs to one model and one simulated account', async () => {
    const prompt = { messages: [turn('x', '5m')] };
    await ask(prompt);
    expect(await ask({ ...prompt, model: 'claude-haiku-5-5' })).toMatchObject({ read: 0 });
    const other = await simulated({}, { now: () => nowMs });
    const { usage } = await other.client.messages.create({ model: MODEL, max_tokens: 5, ...prompt });
    await other.close();
    expect(usage.cache_read_input_tokens).toBe(0);
  });

  it('loses the messages, but not the system, when tool_choice or thinking changes', async () => {
    const prompt = { system: [text('s', '5m')], messages: [turn('m', '5m')] };
    const first = await ask(prompt);
    const second = await ask({ ...prompt, extra: { tool_choice: { type: 'none' } } });
    expect(second.read).toBeGreaterThan(0);
    expect(second.read).toBeLessThan(first.write5m);
  });

  it('does not cache what is too short, silently', async () => {
    const messages: MessageParam[] = [{ role: 'user', content: [{ type: 'text', text: 'Hi', cache_control: { type: 'ephemeral' } }] }];
    expect(await ask({ messages })).toMatchObject({ write5m: 0, read: 0 });
  });

  it('finds an entry up to 20 blocks before a breakpoint, not further', async () => {
    const blocks = (count: number): TextBlockParam[] => Array.from({ length: count }, (_, index) => text(`block ${index}`));
    const message = (count: number): MessageParam[] => [{ role: 'user', content: [...blocks(count - 1), text(`block ${count - 1}`, '5m')] }];
    await ask({ messages: message(3) });
    expect((await ask({ messages: message(23) })).read).toBe(0);
    expect((await ask({ messages: message(24) })).read).toBeGreaterThan(0);
  });

  it('is filled by a stream and by no request that failed', async () => {
    const messages = [turn('[[simulate {"failure":"status"}]]', '5m')];
    await expect(ask({ messages })).rejects.toThrow('529');
    const streamed = await sim.client.messages.stream({ model: MODEL, max_tokens: 5, messages: [turn('x', '5m')] }).finalMessage();
    expect(streamed.usage.cache_creation_input_tokens).toBeGreaterThan(0);
    expect((await ask({ messages: [turn('x', '5m')] })).read).toBe(streamed.usage.cache_creation_input_tokens);
  });

  it('refuses a fifth breakpoint, an unknown TTL, and one hour after five minutes', async () => {
    await expect(ask({ messages: Array.from({ length: 5 }, (_, i) => turn(`${i}`, '5m')) })).rejects.toThrow('A maximum of 4 blocks');
    await expect(ask({ messages: [turn('x', '2h' as Ttl)] })).rejects.toThrow('cache_control.ttl');
    await expect(ask({ messages: [turn('a', '5m'), reply('b'), turn('c', '1h')] })).rejects.toThrow('must not come after');
  });
});
