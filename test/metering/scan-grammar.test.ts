import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEPTH_MAX, ESCAPED_MAX, OTHER_KEYS_MAX, TOKENS_MAX } from '../../src/metering/json-limits.ts';
import { scanRequest } from '../../src/metering/request.ts';

const NOTHING: ReadonlySet<string> = new Set();
const scan = (body: string | Buffer) => scanRequest(Buffer.from(body), NOTHING);

/** A body with a value in a place that nobody looks into. */
const around = (value: string): string => `{"model":"m","x":${value}}`;

describe('JSON', () => {
  test.each([
    'null', 'true', 'false', '0', '-0', '10', '-1.5', '0.1e1', '1E+2', '1e-2', '1e999', '123456789012345678901234567890',
    '""', '"a"', '"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\u0041\\uD83D\\uDE00"', '"\\ud800"', '"\\udc00x"', '"é漢🙂"', '"\\u0000"', '"\u007f\u2028"',
    '[]', '[ ]', '[1]', '[1,2]', '[[],{}]', '{}', '{ }', '{"a":1}', '{"":""}', '{"a":1,"a":2}', ' \t\r\n1 \t\r\n', '[\n1\n,\n2\n]', '{\n"a"\n:\n1\n}',
  ])('%j is accepted', (value) => {
    expect(() => JSON.parse(around(value)) as unknown).not.toThrow();
    expect(scan(around(value)).kind).toBe('ok');
  });

  test.each([
    ['nothing', ''], ['a lone comma', ','], ['a bare word', 'abc'], ['an unfinished word', 'tru'], ['a word too long', 'truee'], ['capitals', 'True'], ['NaN', 'NaN'],
    ['Infinity', '-Infinity'], ['a leading zero', '01'], ['a leading zero after a sign', '-01'], ['a plus sign', '+1'], ['a bare sign', '-'], ['a bare point', '.5'],
    ['a point without digits', '1.'], ['an exponent without digits', '1e'], ['an exponent with a sign only', '1e+'], ['hexadecimal', '0x1'], ['two points', '1.2.3'],
    ['an open string', '"a'], ['single quotes', "'a'"], ['a bad escape', '"\\x"'], ['a capital escape', '"\\U0041"'], ['a short \\u', '"\\u12"'], ['a \\u with a bad digit', '"\\u12G4"'],
    ['a backslash at the end', '"\\'], ['a newline in a string', '"a\nb"'], ['a tab in a string', '"a\tb"'], ['a NUL in a string', '"\u0000"'], ['a NUL outside', '\u00001'],
    ['a form feed as space', '\f1'], ['a no-break space', '\u00a01'], ['a BOM inside', '\uFEFF1'], ['an open array', '[1'], ['a comma at the end of an array', '[1,]'], ['a comma first', '[,1]'],
    ['two commas', '[1,,2]'], ['no comma', '[1 2]'], ['a colon in an array', '[1:2]'], ['the wrong bracket', '[1}'], ['an open object', '{"a":1'], ['a comma at the end of an object', '{"a":1,}'],
    ['a key without quotes', '{a:1}'], ['a number as a key', '{1:1}'], ['no colon', '{"a" 1}'], ['no value', '{"a":}'], ['a key only', '{"a"}'], ['two colons', '{"a"::1}'],
    ['a comment', '/* */1'], ['something after the value', '1 2'], ['a bracket too many', '1]'],
  ])('%s is refused with its position', (_, value) => {
    expect(() => JSON.parse(around(value)) as unknown).toThrow();
    const result = scan(around(value));
    expect(result.kind).toBe('malformed');
    if (result.kind === 'malformed') expect(result.message).toContain(`byte ${result.position}`);
  });

  test('a body must be one object', () => {
    for (const body of ['', ' ', '[]', '"x"', '1', 'null', '{} {}', '{"model":"m"}x', '{"model":"m"}{', '{"model":"m"},'])
      expect([body, scan(body).kind]).toEqual([body, 'malformed']);
    expect(scan(' \n{"model":"m"}\r\n\t ').kind).toBe('ok');
  });

  test('positions are those of the fault, in bytes', () => {
    const cases: [string, number][] = [['{"model":"é",}', 14], ['{"model":01}', 9], ['{"model":"m"} x', 14], ['{"model":"a\nb"}', 11], ['{"model":"m","model":"n"}', 13], ['{"model":"\\x"}', 10]];
    for (const [body, position] of cases) expect([body, scan(body)]).toMatchObject([body, { kind: 'malformed', position }]);
  });

  test('accepts exactly what JSON.parse accepts, duplicates in objects it looks into apart', () => {
    const mutated = fc
      .tuple(fc.json({ maxDepth: 6 }), fc.array(fc.tuple(fc.nat(), fc.constantFrom('', '"', '\\', ',', ':', '[', ']', '{', '}', '0', '1', '-', '.', 'e', 'u', 't', ' ', '\n', '\u0001', 'é')), { maxLength: 3 }))
      .map(([text, edits]) =>
        edits.reduce((edited, [at, insert]) => {
          const i = edited.length === 0 ? 0 : at % edited.length;
          return edited.slice(0, i) + insert + edited.slice(at % 2 === 0 ? i : i + 1);
        }, text),
      );
    let accepted = 0;
    fc.assert(
      fc.property(mutated, fc.boolean(), (value, long) => {
        // Long bodies without control characters take the path that jumps in strings.
        const body = long ? `{"pad":"${'p'.repeat(300)}","model":"m","x":${value}}` : around(value);
        const result = scan(body);
        if (result.kind === 'malformed' && /already has|no "model"/.test(result.message)) return;
        let parses = true;
        try {
          JSON.parse(Buffer.from(body).toString());
        } catch {
          parses = false;
        }
        if (parses) accepted++;
        expect(result.kind === 'ok').toBe(parses);
      }),
      { numRuns: 4000 },
    );
    expect(accepted).toBeGreaterThan(500);
  });

  test('long strings are checked to their end, whatever is jumped', () => {
    const long = 'x'.repeat(5000);
    for (const [inside, kind] of [['', 'ok'], ['\\n', 'ok'], ['\\u12', 'malformed'], ['\\q', 'malformed'], ['\n', 'malformed'], ['\u001f', 'malformed'], ['"', 'malformed'], ['\\"', 'ok'], ['\\\\', 'ok']] as const)
      for (const value of [`"${long}${inside}${long}"`, `"${inside}${long}"`, `"${long}${inside}"`])
        expect([inside, scan(around(value)).kind]).toEqual([inside, kind]);
    expect(scan(`{"model":"m","x":"${long}`).kind).toBe('malformed');
  });

  test('control characters are found at every alignment', () => {
    const backing = Buffer.alloc(2048, 0x20);
    for (let offset = 0; offset < 8; offset++)
      for (let at = 0; at < 8; at++) {
        const body = Buffer.from(`{"model":"m","x":"${'y'.repeat(400)}${'z'.repeat(at)}\u0002"}`);
        const view = backing.subarray(offset, offset + body.length);
        body.copy(view);
        expect(scanRequest(view, NOTHING).kind).toBe('malformed');
      }
  });
});

describe('what is stricter than JSON', () => {
  test(`${DEPTH_MAX} levels are accepted and one more is not`, () => {
    const nested = (levels: number) => around('['.repeat(levels - 1) + ']'.repeat(levels - 1));
    expect(scan(nested(DEPTH_MAX)).kind).toBe('ok');
    expect(scan(nested(DEPTH_MAX + 1))).toMatchObject({ kind: 'malformed', message: expect.stringContaining('deeper than 64') as string });
  });

  test('a byte order mark and invalid UTF-8 are refused with their positions', () => {
    expect(scan('\uFEFF{"model":"m"}')).toMatchObject({ kind: 'malformed', position: 0 });
    const good = Buffer.from('{"model":"m","x":"é漢🙂');
    for (const bad of [[0xff], [0x80], [0xc0, 0xaf], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xc3], [0xf0, 0x9f]])
      for (const padding of [0, 1, 2, 3, 500]) {
        const body = Buffer.concat([good, Buffer.alloc(padding, 'x'), Buffer.from(bad), Buffer.from('x"}')]);
        expect(scan(body)).toMatchObject({ kind: 'malformed', position: good.length + padding });
      }
  });

  test('duplicate keys are refused where they are looked into, escaped or not', () => {
    const doubled = [
      '{"model":"m","model":"n"}',
      '{"model":"m","mo\\u0064el":"n"}',
      '{"model":"m","unknown":1,"unkn\\u006fwn":2}',
      '{"model":"m","é":1,"\\u00e9":2}',
      '{"model":"m","tools":[{"name":"a","name":"b"}]}',
      '{"model":"m","tools":[{"x":1,"x":2}]}',
      '{"model":"m","system":[{"type":"text","t\\u0079pe":"text"}]}',
      '{"model":"m","messages":[{"role":"user","role":"user"}]}',
      '{"model":"m","messages":[{"content":[{"type":"text","text":"a","text":"b"}]}]}',
      '{"model":"m","messages":[{"content":[{"type":"tool_result","content":[{"type":"image","type":"text"}]}]}]}',
      '{"model":"m","messages":[{"content":[{"type":"image","source":{"type":"base64","type":"url"}}]}]}',
      '{"model":"m","cache_control":{"ttl":"5m","ttl":"1h"}}',
      '{"model":"m","tools":[{"cache_control":{"ttl":"5m","\\u0074tl":"1h"}}]}',
      '{"model":"m","container":{"id":"x","id":"y"}}',
      '{"model":"m","context_management":{"edits":[],"edits":[]}}',
    ];
    for (const body of doubled) expect([body, scan(body)]).toMatchObject([body, { kind: 'malformed', message: expect.stringContaining('duplicate keys') as string }]);
  });

  test('duplicate keys in the buyer’s own data pass', () => {
    for (const body of [
      '{"model":"m","messages":[{"content":[{"type":"tool_use","input":{"a":1,"a":2}}]}]}',
      '{"model":"m","tools":[{"name":"a","input_schema":{"x":1,"x":2}}]}',
      '{"model":"m","metadata":{"a":1,"a":2}}',
    ])
      expect(scan(body).kind).toBe('ok');
  });

  test('a body without a model that is a string is refused', () => {
    for (const body of ['{}', '{"model":1}', '{"model":null}', '{"messages":[{"model":"m"}]}'])
      expect(scan(body)).toMatchObject({ kind: 'malformed', message: expect.stringContaining('"model"') as string });
  });

  test('the number of keys and values is bounded, and hostile bodies stop at the bound', () => {
    expect(scan(around(`[${'0,'.repeat(TOKENS_MAX)}0]`))).toMatchObject({ kind: 'malformed', message: expect.stringContaining(`${TOKENS_MAX} keys and values`) as string });
    expect(scan(Buffer.alloc(10_000_000, '['))).toMatchObject({ kind: 'malformed', position: 0 });
    expect(scan(Buffer.from(around(`${'['.repeat(10_000_000)}`)))).toMatchObject({ kind: 'malformed', position: 17 + DEPTH_MAX - 1 });
    const objects = `{"model":"m","messages":[${'{},'.repeat(5_000_000)}{}]}`;
    const stopped = scan(objects);
    expect(stopped.kind === 'malformed' && stopped.position < 3 * TOKENS_MAX + 100).toBe(true);
    expect(scan(`{"model":"m","${'a":1,"'.repeat(3)}b":1}`).kind).toBe('malformed');
  });

  test('keys that are dear to read are bounded in number', () => {
    const keys = (count: number, prefix: string) => `{"model":"m",${Array.from({ length: count }, (_, i) => `"${prefix}${i}":0`).join(',')}}`;
    expect(scan(keys(OTHER_KEYS_MAX, 'k')).kind).toBe('ok');
    expect(scan(keys(OTHER_KEYS_MAX + 1, 'k')).kind).toBe('malformed');
    expect(scan(keys(ESCAPED_MAX, '\\u0061')).kind).toBe('ok');
    expect(scan(keys(ESCAPED_MAX + 1, '\\u0061')).kind).toBe('malformed');
  });

  test('a long string with an escape now and then is read once, not once for each escape', () => {
    // Read anew for each escape, this takes minutes; the test's own time limit is the check.
    expect(scan(around(`"${`${'a'.repeat(49)}\\n`.repeat(600_000)}"`)).kind).toBe('ok');
  });

  test('an agent’s body of 5 MB passes', () => {
    const messages = Array.from({ length: 10_000 }, (_, i) => ({ role: 'user', content: [{ type: 'tool_result', tool_use_id: `t${i}`, content: 'line\n'.repeat(90) }] }));
    const body = Buffer.from(JSON.stringify({ model: 'm', messages }));
    expect(body.length).toBeGreaterThan(5_000_000);
    expect(scanRequest(body, NOTHING).kind).toBe('ok');
  });
});
