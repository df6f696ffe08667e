import { describe, expect, test } from 'vitest';
import { ALLOWANCES } from '../../src/config.ts';
import type { RequestFacts } from '../../src/metering/request-facts.ts';
import { countTokensBody, scanRequest } from '../../src/metering/request.ts';

const NOTHING: ReadonlySet<string> = new Set();
const body = (fields: Record<string, unknown>) => JSON.stringify({ model: 'm', max_tokens: 10, messages: [], ...fields });

function facts(text: string, allow: ReadonlySet<string> = NOTHING): RequestFacts {
  const scan = scanRequest(Buffer.from(text), allow);
  if (scan.kind !== 'ok') throw new Error(scan.message);
  return scan.facts;
}
const factsOf = (fields: Record<string, unknown>, allow?: ReadonlySet<string>) => facts(body(fields), allow);
const inMessage = (...content: unknown[]) => ({ messages: [{ role: 'user', content }] });

describe('the scan tells', () => {
  test('model, max_tokens and stream, escaped or not', () => {
    expect(facts('{"model":"claude-opus-4-6","max_tokens":1024,"stream":true}')).toMatchObject({ model: 'claude-opus-4-6', maxTokens: 1024, stream: true });
    expect(facts('{"mo\\u0064el":"claude-\\u006fpus-4-6","max\\u005ftokens":7,"\\u0073tream":true}')).toMatchObject({ model: 'claude-opus-4-6', maxTokens: 7, stream: true });
  });

  test('max_tokens only as a positive whole number', () => {
    for (const [value, expected] of [['1', 1], ['1e3', 1000], ['5.0', 5], ['0', null], ['-1', null], ['1.5', null], ['"10"', null], ['null', null], ['true', null], ['1e999', null], ['[1]', null]] as const)
      expect([value, facts(`{"model":"m","max_tokens":${value}}`).maxTokens]).toEqual([value, expected]);
    expect(facts('{"model":"m"}').maxTokens).toBeNull();
  });

  test('stream only as true', () => {
    for (const value of ['false', 'null', '1', '"true"', '{}']) expect(facts(`{"model":"m","stream":${value}}`).stream).toBe(false);
  });

  test('the dearest cache write, wherever cache_control stands', () => {
    const oneHour = { type: 'ephemeral', ttl: '1h' };
    const five = { type: 'ephemeral' };
    expect(factsOf({})).toMatchObject({ cacheWrite: 'none', all1h: false });
    const places = (control: unknown): Record<string, unknown>[] => [
      { cache_control: control },
      { system: [{ type: 'text', text: 'x', cache_control: control }] },
      { tools: [{ name: 'a', input_schema: {}, cache_control: control }] },
      inMessage({ type: 'text', text: 'x', cache_control: control }),
      inMessage({ type: 'tool_result', content: [{ type: 'text', text: 'x', cache_control: control }] }),
      inMessage({ type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'x', cache_control: control }] } }),
      inMessage({ type: 'tool_addition', tool: { type: 'tool_definition', definition: { name: 'a', cache_control: control } } }),
      { messages: [{ role: 'user', content: { type: 'text', cache_control: control } }] },
      inMessage({ type: 'tool_search_tool_result', content: { type: 'tool_search_tool_search_result', tool_references: [{ type: 'tool_reference', tool_name: 'a', cache_control: control }] } }),
      inMessage({ type: 'future_block', layers: [{ deeper: { type: 'text', text: 'x', cache_control: control } }] }),
    ];
    for (const place of places(five)) expect([place, factsOf(place)]).toMatchObject([place, { cacheWrite: '5m', all1h: false }]);
    for (const place of places({ type: 'ephemeral', ttl: '5m' })) expect(factsOf(place)).toMatchObject({ cacheWrite: '5m', all1h: false });
    for (const place of places(oneHour)) expect(factsOf(place)).toMatchObject({ cacheWrite: '1h', all1h: true });
    for (const place of places(oneHour).slice(1)) expect(factsOf({ ...place, cache_control: five })).toMatchObject({ cacheWrite: '1h', all1h: false });
    for (const place of places(null)) expect(factsOf(place)).toMatchObject({ cacheWrite: 'none' });
  });

  test('no cache write by what a tool is called with or defined by', () => {
    const own = { cache_control: { type: 'ephemeral', ttl: '1h' } };
    expect(factsOf(inMessage({ type: 'tool_use', id: 't', name: 'n', input: own }))).toMatchObject({ cacheWrite: 'none' });
    expect(factsOf({ tools: [{ name: 'n', input_schema: { properties: own } }] })).toMatchObject({ cacheWrite: 'none' });
  });

  test('escapes in keys and values hide no TTL, no tool type and no source', () => {
    expect(facts('{"model":"m","system":[{"cache_contr\\u006fl":{"\\u0074tl":"\\u0031h"}}]}')).toMatchObject({ cacheWrite: '1h', all1h: true });
    expect(facts('{"model":"m","tools":[{"t\\u0079pe":"web_se\\u0061rch_20250305","max\\u005fuses":3}]}')).toMatchObject({ webSearchUsesMax: 3 });
    expect(facts('{"model":"m","mess\\u0061ges":[{"c\\u006fntent":[{"type":"im\\u0061ge","s\\u006furce":{"type":"b\\u0061se64","data":"AAAA"}}]}]}')).toMatchObject({ images: 1 });
    expect(scanRequest(Buffer.from('{"model":"m","tools":[{"type":"code_execution_2025082\\u0035"}]}'), NOTHING).kind).toBe('refused');
    expect(scanRequest(Buffer.from('{"model":"m","\\u0074hread":{}}'), NOTHING).kind).toBe('refused');
    expect(scanRequest(Buffer.from('{"model":"m","speed":"f\\u0061st"}'), NOTHING).kind).toBe('refused');
  });

  test('what looks like cache_control in the buyer’s own data is none', () => {
    const control = { cache_control: { ttl: '1h' } };
    const own = { ...inMessage({ type: 'tool_use', input: control }, { type: 'text', text: '{"cache_control":{"ttl":"1h"}}' }), tools: [{ name: 'a', input_schema: control }], metadata: control };
    expect(factsOf(own)).toMatchObject({ cacheWrite: 'none' });
  });

  test('images, documents and sources that bytes do not bound, nested as deep as they go', () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'A'.repeat(1000) } };
    const pdf = { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'B'.repeat(1000) } };
    const blocks = inMessage(image, { type: 'tool_result', content: [image, pdf] }, { type: 'web_fetch_tool_result', content: { type: 'web_fetch_result', content: pdf } });
    expect(factsOf(blocks)).toMatchObject({ images: 2, documents: 2, unboundedBlocks: 0 });
    expect(factsOf(blocks).bodyBytes - factsOf(blocks).textBytes).toBe(2000);
    expect(factsOf({ system: [image] }).images).toBe(1);
    expect(factsOf(inMessage({ type: 'document', source: { type: 'content', content: [image] } }))).toMatchObject({ images: 1, documents: 0 });
    expect(factsOf(inMessage({ type: 'document', source: { type: 'text', data: 'plain words' } }))).toMatchObject({ documents: 0, unboundedBlocks: 0 });
    expect(factsOf(inMessage({ type: 'document', source: { type: 'url', url: 'https://a' } }))).toMatchObject({ unboundedBlocks: 1 });
    expect(factsOf(inMessage({ type: 'image', source: { type: 'url', url: 'https://a' } }))).toMatchObject({ images: 1 });
    expect(factsOf(inMessage({ type: 'hologram', source: { type: 'beam' } }))).toMatchObject({ unboundedBlocks: 1 });
    expect(factsOf(inMessage({ type: 'search_result', source: 'https://a', content: [{ type: 'text', text: 'x' }] }))).toMatchObject({ unboundedBlocks: 0 });
  });

  test('base64 is taken off the text only where it is an image', () => {
    const source = { type: 'base64', data: 'A'.repeat(500) };
    expect(factsOf(inMessage({ type: 'text', text: 'x', source }))).toMatchObject({ documents: 1 });
    expect(factsOf(inMessage({ source, type: 'image' }))).toMatchObject({ images: 1 });
    const text = factsOf(inMessage({ type: 'image', source: { type: 'url', data: 'A'.repeat(500) } }));
    expect(text.textBytes).toBe(text.bodyBytes);
  });

  test('uses of web tools: summed, 10 where absent or odd, never below 0 and never overflowing', () => {
    const uses = (...values: unknown[]) => factsOf({ tools: values.map((max_uses) => ({ type: 'web_search_20250305', name: 's', ...(max_uses === undefined ? {} : { max_uses }) })) }).webSearchUsesMax;
    expect(uses()).toBeNull();
    expect(uses(3)).toBe(3);
    expect(uses(3, 4)).toBe(7);
    expect(uses(undefined)).toBe(10);
    expect(uses(null)).toBe(10);
    expect(uses(1.5)).toBe(10);
    expect(uses('5')).toBe(10);
    expect(uses(0)).toBe(0);
    expect(uses(-4)).toBe(0);
    expect(uses(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)).toBe(1_000_000_000);
    expect(factsOf({ tools: [{ type: 'web_fetch_20260318', name: 'f', max_uses: 2 }] })).toMatchObject({ webFetchUsesMax: 2, webSearchUsesMax: null });
    const inline = inMessage({ type: 'tool_addition', tool: { type: 'tool_definition', definition: { type: 'web_search_20250305', max_uses: 4 } } });
    expect(factsOf(inline)).toMatchObject({ webSearchUsesMax: 4, toolCount: 1 });
    expect(factsOf(inMessage({ type: 'compaction', tool_changes: [{ type: 'tool_addition', tool: { type: 'tool_definition', definition: { type: 'web_search_20250305' } } }] })).webSearchUsesMax).toBe(10);
  });

  test('tools that the client runs, by who defines them, and tools that run upstream', () => {
    const tools = [{ name: 'a' }, { type: 'custom', name: 'b' }, { type: null, name: 'c' }, { type: 'bash_20250124' }, { type: 'text_editor_20250728' }, { type: 'computer_20251124' }, { type: 'memory_20250818' }, { type: 'browser_toolset_20260801' }];
    expect(factsOf({ tools })).toMatchObject({ toolCount: 8, definedTools: 4, toolsets: 1, serverTools: false });
    expect(factsOf({ tools: [{ type: 'tool_search_tool_regex_20251119' }, { type: 'tool_search_tool_bm25' }] })).toMatchObject({ serverTools: true });
    expect(factsOf({ tools: [{ type: 'code_execution_20250825' }] }, new Set(['code_execution']))).toMatchObject({ serverTools: true });
    expect(factsOf({ mcp_servers: [{ type: 'url' }] }, new Set(['mcp_servers']))).toMatchObject({ serverTools: true });
    expect(factsOf({ mcp_servers: [] })).toMatchObject({ serverTools: false });
  });

  test('a context that may be compacted', () => {
    expect(factsOf({ context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } }).compaction).toBe(false);
    expect(factsOf({ context_management: { edits: [{ type: 'compact_20260112' }] } }).compaction).toBe(true);
    expect(factsOf({ compaction: { type: 'summarize' } }).compaction).toBe(true);
    expect(factsOf({ compaction: null }).compaction).toBe(false);
  });

  test('the members that count_tokens accepts, as they were written', () => {
    const text = '{ "max_tokens": 5, "model" : "m" ,"stream":true,"system":[ ],"metadata":{}, "mess\\u0061ges":[{"role":"user","content":"é 1"}],"temperature":1,"thinking":null }';
    const counted = countTokensBody(Buffer.from(text), facts(text)).toString();
    expect(counted).toBe('{"model" : "m","system":[ ],"mess\\u0061ges":[{"role":"user","content":"é 1"}],"thinking":null}');
    expect(JSON.parse(counted)).toEqual({ model: 'm', system: [], messages: [{ role: 'user', content: 'é 1' }], thinking: null });
  });
});

describe('what cannot be metered is refused', () => {
  const refusal = (fields: Record<string, unknown>, allow: ReadonlySet<string> = NOTHING) => {
    const scan = scanRequest(Buffer.from(body(fields)), allow);
    return scan.kind === 'refused' ? scan : null;
  };
  const cases: readonly [string, Record<string, unknown>, string | null][] = [
    ['container', { container: 'c_1' }, 'container'],
    ['mcp_servers', { mcp_servers: [{ type: 'url' }] }, 'mcp_servers'],
    ['an MCP toolset', { tools: [{ type: 'mcp_toolset' }] }, 'mcp_servers'],
    ['code execution', { tools: [{ type: 'code_execution_20250825' }] }, 'code_execution'],
    ['an advisor', { tools: [{ type: 'advisor_20260301' }] }, 'advisor'],
    ['fallbacks', { fallbacks: [{ model: 'x' }] }, 'fallbacks'],
    ['a fallback credit', { fallback_credit_token: 'x' }, 'fallbacks'],
    ['an uploaded file', inMessage({ type: 'document', source: { type: 'file', file_id: 'f' } }), 'files'],
    ['an uploaded image in a tool result', inMessage({ type: 'tool_result', content: [{ type: 'image', source: { type: 'file' } }] }), 'files'],
    ['a container upload', inMessage({ type: 'container_upload', file_id: 'f' }), 'files'],
    ['a skill', { skills: [{}] }, 'skills'],
    ['fast speed', { speed: 'fast' }, null],
    ['a speed that is not known', { speed: 'ludicrous' }, null],
    ['another payer', { billing_policy: { type: 'billing_policy' } }, null],
    ['a tool that is not known', { tools: [{ type: 'quantum_20270101' }] }, null],
    ['a tool type that is no string', { tools: [{ type: 5 }] }, null],
    ['a web tool without its date', { tools: [{ type: 'web_search' }] }, null],
    ['an unknown tool in mid-conversation', inMessage({ type: 'tool_addition', tool: { type: 'tool_definition', definition: { type: 'quantum_20270101' } } }), null],
    ['a TTL that has no price', { cache_control: { type: 'ephemeral', ttl: '24h' } }, null],
  ];

  test.each(cases)('%s, in words that say which setting allows it', (_, fields, setting) => {
    const refused = refusal(fields);
    expect(refused).toMatchObject({ code: 'not_meterable' });
    expect(refused?.message).toMatch(/because/);
    if (setting === null) {
      expect(refusal(fields, new Set(ALLOWANCES))).not.toBeNull();
    } else {
      expect(refused?.message).toContain(`allow: [${setting}]`);
      expect((ALLOWANCES as readonly string[]).includes(setting)).toBe(true);
      expect(refusal(fields, new Set([setting]))).toBeNull();
      expect(refusal(fields, new Set(ALLOWANCES.filter((word) => word !== setting)))).not.toBeNull();
    }
  });

  test('skills in a container need both settings', () => {
    const fields = { container: { id: 'c', skills: [{ skill_id: 'pdf' }] } };
    expect(refusal(fields, new Set(['container']))?.message).toContain('allow: [skills]');
    expect(refusal(fields, new Set(['skills']))?.message).toContain('allow: [container]');
    expect(refusal(fields, new Set(['skills', 'container']))).toBeNull();
    expect(refusal({ container: { id: 'c', skills: [] } }, new Set(['container']))).toBeNull();
  });

  test('a thread, with its own code', () => {
    expect(refusal({ thread: { type: 'create' } })).toMatchObject({ code: 'thread_unsupported', field: 'thread' });
  });

  test('null, empty lists and standard values pass', () => {
    const harmless = { container: null, mcp_servers: [], fallbacks: [], fallback_credit_token: null, billing_policy: null, thread: null, speed: 'standard', skills: [] };
    expect(refusal(harmless)).toBeNull();
    expect(refusal({ speed: null })).toBeNull();
  });

  test('everything that is not known passes', () => {
    expect(refusal({ future: { nested: [1] }, service_tier: 'auto', inference_geo: 'us', betas: ['x'], messages: [{ role: 'wizard', content: [{ type: 'future', x: {} }] }] })).toBeNull();
  });

  test('malformed JSON after a refusal is reported first', () => {
    expect(scanRequest(Buffer.from('{"model":"m","speed":"fast",}'), NOTHING).kind).toBe('malformed');
  });

  test('a refusal never repeats long or odd input', () => {
    const refused = refusal({ tools: [{ type: `x${'y'.repeat(10_000)}\n` }] });
    expect(refused?.message.length).toBeLessThan(300);
  });
});
