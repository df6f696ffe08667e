import { describe, expect, test } from 'vitest';
import { meterJson } from '../../src/metering/meter-json.ts';

const USAGE = { input_tokens: 50, cache_creation_input_tokens: 200, cache_read_input_tokens: 1500, cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 150 }, output_tokens: 120, service_tier: 'standard', inference_geo: 'us', server_tool_use: { web_search_requests: 3 } };
const message = (fields: Record<string, unknown> = {}) => ({ id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-opus-4-6', content: [{ type: 'text', text: 'Hi' }], usage: USAGE, ...fields });
const read = (value: unknown, all1h = false) => meterJson(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), { all1h });

describe('a JSON response', () => {
  test('is metered by its usage', () => {
    expect(read(message())).toEqual({
      model: 'claude-opus-4-6',
      started: true,
      final: true,
      stopped: true,
      errorType: null,
      tokens: { input: 50, output: 120, cacheWrite5m: 50, cacheWrite1h: 150, cacheRead: 1500 },
      iterations: null,
      webSearchRequests: 3,
      inferenceGeo: 'us',
      serviceTier: 'standard',
      speed: null,
      deltaBytes: 0,
      flags: [],
    });
  });

  test('is read however it is written: escapes, spaces, duplicate keys, great depth', () => {
    const expected = read(message());
    expect(read(JSON.stringify(message(), null, '\t'))).toEqual(expected);
    expect(read(JSON.stringify(message()).replace('"usage"', '"us\\u0061ge"').replace('"model"', '"m\\u006fdel"'))).toEqual(expected);
    expect(read(JSON.stringify(message()).replace('{"id"', '{"role":"x","id"'))).toEqual(expected);
    expect(read(`\uFEFF${JSON.stringify(message())}`)).toEqual(expected);
    expect(read(message({ content: JSON.parse('['.repeat(200) + ']'.repeat(200)) as unknown }))).toEqual(expected);
  });

  test('above 64 kB is read at any depth, with duplicate keys, and with any number of values', () => {
    const expected = read(message());
    const deep = (depth: number, bytes = 70_000) => `{"pad":"${'x'.repeat(bytes)}","x":${'[{"a":'.repeat(depth)}1${'}]'.repeat(depth)},${JSON.stringify(message()).slice(1)}`;
    for (const depth of [40, 100, 100_000]) expect([depth, read(deep(depth))]).toEqual([depth, expected]);
    expect(read(deep(0).replace('"id"', '"model":"other","id"'))).toEqual(expected);
    expect(read(`{"many":[${'0,'.repeat(1_500_000)}0],${JSON.stringify(message()).slice(1)}`)).toEqual(expected);
  });

  test('whose usage nests without end is not read, and not a crash', () => {
    for (const depth of [5_000, 25_000, 500_000]) {
      const usage = `{"input_tokens":50,"output_tokens":120,"x":${'['.repeat(depth)}${']'.repeat(depth)}}`;
      const reading = read(JSON.stringify(message({ usage: 0 })).replace('"usage":0', `"usage":${usage}`));
      expect([depth, reading.flags, reading.final]).toEqual(depth > 30_000 ? [depth, ['usage_malformed'], false] : [depth, ['unknown_counter'], true]);
    }
    const content = `${'['.repeat(25_000)}${']'.repeat(25_000)}`;
    expect(read(JSON.stringify(message({ usage: null, content: 0 })).replace('"content":0', `"content":${content}`)).deltaBytes).toBeGreaterThan(50_000);
  });

  test('without a split of its cache writes books them by the TTLs of the request', () => {
    const usage = { input_tokens: 1, output_tokens: 1, cache_creation_input_tokens: 9, cache_creation: null };
    expect(read(message({ usage }), false).tokens).toMatchObject({ cacheWrite5m: 9, cacheWrite1h: 0 });
    expect(read(message({ usage }), true).tokens).toMatchObject({ cacheWrite5m: 0, cacheWrite1h: 9 });
    const split = { ...usage, cache_creation: { ephemeral_1h_input_tokens: 4 } };
    const iterations = [{ type: 'message', ...usage }, { type: 'message', model: 'other', ...split }];
    const writes = (all1h: boolean) => read(message({ usage: { ...usage, iterations } }), all1h).iterations?.map(({ tokens }) => [tokens.cacheWrite5m, tokens.cacheWrite1h]);
    expect(writes(false)).toEqual([[9, 0], [5, 4]]);
    expect(writes(true)).toEqual([[0, 9], [5, 4]]);
  });

  test('with iterations of more models than a receipt can hold sums the rest, flagged, and loses no token', () => {
    const iterations = Array.from({ length: 100 }, (_, i) => ({ type: 'message', model: `model-${i}-${'x'.repeat(300)}`, input_tokens: 1, output_tokens: 2 }));
    const reading = read(message({ usage: { ...USAGE, iterations } }));
    expect(reading.iterations).toHaveLength(33);
    expect(reading.iterations?.at(-1)).toMatchObject({ model: '', tokens: { input: 68, output: 136 } });
    expect(reading.iterations?.every(({ model }) => model.length <= 100)).toBe(true);
    expect(reading).toMatchObject({ final: true, flags: ['models_merged'] });
  });

  test('of any length is metered alike, and 10 MB of brackets stall nothing', () => {
    const expected = read(message());
    const content = [{ type: 'text', text: 'Hé\n'.repeat(40_000) }];
    expect(read(message({ content }))).toEqual(expected);
    expect(read(message({ content, usage: undefined }))).toMatchObject({ flags: ['usage_missing'] });
    expect(read(message({ content, usage: { output_tokens: 1 } })).deltaBytes).toBe(JSON.stringify(content).length + 40_000);
    expect(read({ pad: 'x'.repeat(70_000), type: 'error', error: { type: 'api_error' } })).toMatchObject({ errorType: 'api_error', stopped: false });
    expect(meterJson(Buffer.alloc(10_000_000, '['), { all1h: false })).toMatchObject({ final: false, flags: ['usage_missing', 'body_malformed'] });
    expect(read(`${JSON.stringify(message({ content }))}x`)).toMatchObject({ final: false, flags: ['usage_missing', 'body_malformed'] });
  });

  test('with an unreadable count is not final, keeps the others, and bases an estimate on its content', () => {
    for (const value of ['-1', '1.5', '"7"', '1e999', '[]']) {
      const reading = read(JSON.stringify(message()).replace('"output_tokens":120', `"output_tokens":${value}`));
      expect([value, reading]).toMatchObject([value, { started: true, final: false, tokens: { input: 50, output: 0 }, flags: ['usage_malformed'], deltaBytes: '[{"type":"text","text":"Hi"}]'.length }]);
    }
  });

  test('without usage, or with something else in its place, is not started', () => {
    expect(read(message({ usage: undefined }))).toMatchObject({ started: false, final: false, flags: ['usage_missing'] });
    expect(read(message({ usage: null }))).toMatchObject({ started: false, final: false, flags: ['usage_missing'] });
    expect(read(message({ usage: 'lots' }))).toMatchObject({ started: false, final: false, flags: ['usage_malformed'] });
    expect(read(message({ usage: {} }))).toMatchObject({ started: true, final: false });
  });

  test('that is an error document names its type', () => {
    expect(read({ type: 'error', error: { type: 'overloaded_error', message: 'x' } })).toMatchObject({ errorType: 'overloaded_error', started: false, final: false, stopped: false });
    expect(read({ error: { type: 'rate_limit_error' } }).errorType).toBe('rate_limit_error');
    expect(read({ type: 'error' }).errorType).toBe('error');
  });

  test('that is cut, empty or no JSON is flagged and never throws', () => {
    const whole = JSON.stringify(message());
    for (const body of ['', 'null', '[]', '"x"', '<html>', whole.slice(0, -1), whole.slice(0, 40), `${whole}x`])
      expect([body, read(body)]).toMatchObject([body, { final: false, stopped: false, flags: expect.arrayContaining(['body_malformed']) as string[] }]);
  });

  test('with iterations is billed by their models', () => {
    const iterations = [{ type: 'compaction', input_tokens: 10, output_tokens: 2, cache_creation_input_tokens: 8, cache_creation: { ephemeral_1h_input_tokens: 5 } }, { type: 'advisor_message', model: 'other', input_tokens: 1, output_tokens: 1 }];
    expect(read(message({ usage: { ...USAGE, iterations } })).iterations).toEqual([
      { model: 'claude-opus-4-6', tokens: { input: 10, output: 2, cacheWrite5m: 3, cacheWrite1h: 5, cacheRead: 0 } },
      { model: 'other', tokens: { input: 1, output: 1, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0 } },
    ]);
    expect(read(message({ usage: { ...USAGE, iterations: [{ type: 'message', input_tokens: -4, output_tokens: 1 }] } }))).toMatchObject({ final: false, flags: ['usage_malformed'] });
    expect(read(message({ usage: { ...USAGE, iterations: 'x' } }))).toMatchObject({ final: false, iterations: null });
  });
});
