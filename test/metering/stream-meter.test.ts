import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StreamMeter } from '../../src/metering/meter.ts';
import type { MeterReading } from '../../src/metering/reading.ts';
import { delta, event, start, START_USAGE, STOP, text, usage, WHOLE, WHOLE_TEXT_BYTES } from './stream-fixtures.ts';

function read(stream: string | Buffer, all1h = false): MeterReading {
  const meter = new StreamMeter({ all1h });
  meter.push(Buffer.from(stream));
  meter.end();
  return meter.reading();
}

function cut(body: Buffer, points: readonly number[]): Buffer[] {
  const edges = [0, ...points.toSorted((a, b) => a - b), body.length];
  return edges.slice(1).map((edge, i) => body.subarray(edges[i], edge));
}

describe('usage from a stream', () => {
  test('comes from message_start and the last message_delta, where the last value that is not null wins', () => {
    expect(read(WHOLE)).toMatchObject({
      model: 'claude-opus-4-6',
      started: true,
      final: true,
      stopped: true,
      errorType: null,
      tokens: { input: 50, output: 120, cacheWrite5m: 200, cacheWrite1h: 0, cacheRead: 1500 },
      iterations: null,
      serviceTier: 'standard',
      inferenceGeo: 'us',
      deltaBytes: WHOLE_TEXT_BYTES,
      flags: [],
    });
    const falling = start({ ...START_USAGE, input_tokens: 60_385 }) + usage({ output_tokens: 5, input_tokens: 612 }) + usage({ output_tokens: 7 }) + STOP;
    expect(read(falling).tokens).toMatchObject({ input: 612, output: 7, cacheRead: 1500 });
    expect(read(start(START_USAGE) + usage({ output_tokens: 5, cache_read_input_tokens: 0 })).tokens.cacheRead).toBe(0);
  });

  test('is not final before a message_delta with output, and started only with a usage object', () => {
    expect(read(start(START_USAGE))).toMatchObject({ started: true, final: false, stopped: false });
    expect(read(start(START_USAGE) + event({ type: 'message_delta', delta: {}, usage: {} }))).toMatchObject({ final: false });
    expect(read(event({ type: 'message_start', message: { model: 'm' } }))).toMatchObject({ started: false, flags: ['usage_missing'] });
    expect(read(STOP)).toMatchObject({ started: false, final: false, stopped: true });
  });

  test('takes the 1-hour part from message_start and books growth by the TTLs of the request', () => {
    const grown =
      start({ ...START_USAGE, cache_creation_input_tokens: 300, cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 } }) +
      usage({ output_tokens: 5, cache_creation_input_tokens: 1300 });
    expect(read(grown)).toMatchObject({ tokens: { cacheWrite5m: 1100, cacheWrite1h: 200 }, flags: ['cache_write_grew'] });
    expect(read(grown, true)).toMatchObject({ tokens: { cacheWrite5m: 100, cacheWrite1h: 1200 }, flags: ['cache_write_grew'] });
  });

  test('never has more 1-hour writes than writes, and never trusts the 5-minute split', () => {
    const usageAtStart = { ...START_USAGE, cache_creation_input_tokens: 500, cache_creation: { ephemeral_5m_input_tokens: 9, ephemeral_1h_input_tokens: 400 } };
    expect(read(start(usageAtStart)).tokens).toMatchObject({ cacheWrite5m: 100, cacheWrite1h: 400 });
    const shrunk = start(usageAtStart) + usage({ output_tokens: 5, cache_creation_input_tokens: 150 });
    expect(read(shrunk)).toMatchObject({ tokens: { cacheWrite5m: 0, cacheWrite1h: 150 }, flags: [] });
  });

  test('bills iterations by their models and skips a hop that declined', () => {
    const entry = (type: string, model: string | null, input: number, output: number) => ({ type, ...(model ? { model } : {}), input_tokens: input, output_tokens: output, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 });
    const iterations = [entry('compaction', null, 1000, 50), entry('message', null, 100, 10), entry('advisor_message', 'claude-opus-4-8', 200, 20)];
    const tokens = (input: number, output: number) => ({ input, output, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0 });
    expect(read(start(START_USAGE) + usage({ output_tokens: 10, iterations })).iterations).toEqual([
      { model: 'claude-opus-4-6', tokens: tokens(1100, 60) },
      { model: 'claude-opus-4-8', tokens: tokens(200, 20) },
    ]);
    const declined = [entry('message', 'claude-fable-5', 408, 0), entry('fallback_message', 'claude-opus-4-8', 412, 264)];
    expect(read(start(START_USAGE) + usage({ output_tokens: 264, iterations: declined })).iterations).toEqual([{ model: 'claude-opus-4-8', tokens: tokens(412, 264) }]);
    expect(read(start(START_USAGE) + usage({ output_tokens: 264, iterations: declined.slice(0, 1) })).iterations).toEqual([{ model: 'claude-fable-5', tokens: tokens(408, 0) }]);
    expect(read(start(START_USAGE) + usage({ output_tokens: 3, iterations: [] })).iterations).toBeNull();
  });

  test.each([
    ['negative', -5],
    ['fractional', 1.5],
    ['a string', '7'],
    ['infinite', '1e999'],
    ['absurdly large', 2_000_000_000],
    ['an object', {}],
  ])('ignores and flags a count that is %s, and is not final then', (_, value) => {
    const report = usage({ output_tokens: 9, input_tokens: value }).replace('"1e999"', '1e999');
    const reading = read(start(START_USAGE) + report + STOP);
    expect(reading).toMatchObject({ final: false, tokens: { input: 50, output: 9 }, flags: ['usage_malformed'] });
    expect(read(start(START_USAGE) + report + usage({ output_tokens: 9, input_tokens: 60 })).final).toBe(true);
  });

  test('flags counters it does not know, only above zero', () => {
    expect(read(start({ ...START_USAGE, server_tool_use: { code_execution_requests: 1 } })).flags).toEqual(['unknown_counter']);
    expect(read(start({ ...START_USAGE, cache_creation: { ephemeral_24h_input_tokens: 3 } })).flags).toContain('unknown_counter');
    expect(read(start({ ...START_USAGE, future: { nested: 1 } })).flags).toEqual(['unknown_counter']);
    expect(read(start({ ...START_USAGE, future: 0, name: 'x', output_tokens_details: { thinking_tokens: 3 } })).flags).toEqual([]);
    expect(read(start({ ...START_USAGE, speed: 'fast' })).flags).toEqual(['speed_not_priced']);
  });

  test('an error in mid-stream is named, by its event or by its type', () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    expect(read(start(START_USAGE) + event(error))).toMatchObject({ errorType: 'overloaded_error', final: false, stopped: false });
    expect(read(`event: error\ndata: no JSON\n\n`).errorType).toBe('error');
    expect(read(`data: ${JSON.stringify(error)}\n\n`).errorType).toBe('overloaded_error');
  });
});

describe('the grammar of events', () => {
  const expected = read(WHOLE);

  test('line ends, a BOM, comments, missing spaces and unknown fields change nothing', () => {
    const variants = [
      WHOLE.replaceAll('\n', '\r\n'),
      WHOLE.replaceAll('\n', '\r'),
      `\uFEFF${WHOLE}`,
      WHOLE.replaceAll('event: ', 'event:').replaceAll('data: ', 'data:'),
      WHOLE.replaceAll('event: ', ': keep-alive\nid: 7\nretry: 10\nevent: '),
      `\n\n\n${WHOLE}`,
      WHOLE.replaceAll('{"type"', '{ \t"type" '),
    ];
    for (const variant of variants) {
      expect(read(variant)).toEqual(expected);
      const meter = new StreamMeter({ all1h: false });
      for (const byte of Buffer.from(variant)) meter.push(Buffer.from([byte]));
      meter.end();
      expect(meter.reading()).toEqual(expected);
    }
  });

  test('data split over several lines is joined', () => {
    const split = WHOLE.replaceAll('"usage":', '\ndata: "usage":\ndata:').replace('{"type":"message_stop"}', '{\ndata: "type":"message_stop"}');
    expect(read(split)).toEqual(expected);
    expect(read(split.replaceAll('\n', '\r\n'))).toEqual(expected);
    expect(read(split.replaceAll('\n', '\r'))).toEqual(expected);
    const meter = new StreamMeter({ all1h: false });
    for (const byte of Buffer.from(split)) meter.push(Buffer.from([byte]));
    expect(meter.reading()).toEqual(expected);
  });

  test('the type in the data decides, wherever it stands and however it is written', () => {
    const data = '{"usage":{"output_tokens":77},"\\u0074ype":"message_d\\u0065lta"}';
    expect(read(`${start(START_USAGE)}event: ping\ndata: ${data}\n\n`).tokens.output).toBe(77);
    expect(read(`${start(START_USAGE)}data: {"type":"message_d\\u0065lta","usage":{"output_tokens":78}}\n\n`).tokens.output).toBe(78);
    expect(read(`${start(START_USAGE)}event: message_delta\ndata: {"type":"future","usage":{"output_tokens":79}}\n\n`).tokens.output).toBe(1);
  });

  test('any chunking gives the same reading and withholds the same end', () => {
    const body = Buffer.from(WHOLE);
    const stopAt = body.indexOf('event: message_stop');
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: body.length - 1 }), { maxLength: 40 }), (points) => {
        const meter = new StreamMeter({ all1h: false });
        const passed = cut(body, points).map((chunk) => chunk.subarray(0, meter.push(chunk)));
        meter.end();
        expect(meter.reading()).toEqual(expected);
        const through = Buffer.concat(passed);
        expect(body.subarray(0, through.length).equals(through)).toBe(true);
        expect(through.length).toBeGreaterThanOrEqual(stopAt);
        expect(through.toString().endsWith('message_stop\n') || through.includes('"message_stop"')).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});

describe('what may pass', () => {
  test('everything before message_stop, nothing from its first line on', () => {
    const meter = new StreamMeter({ all1h: false });
    const body = Buffer.from(`${WHOLE}: after\n\n`);
    expect(meter.push(body)).toBe(body.indexOf('event: message_stop'));
    expect(meter.push(Buffer.from('more'))).toBe(0);
    expect(meter.stopped).toBe(true);
  });

  test('an event that began in an earlier chunk is withheld from this chunk on', () => {
    const meter = new StreamMeter({ all1h: false });
    expect(meter.push(Buffer.from('event: mess'))).toBe(11);
    expect(meter.push(Buffer.from('age_stop\ndata: {"type"'))).toBe(0);
    expect(meter.stopped).toBe(false);
    expect(meter.push(Buffer.from(':"message_stop"}\n'))).toBe(0);
    expect(meter.push(Buffer.from('\n'))).toBe(0);
    expect(meter.stopped).toBe(true);
  });

  test('a message_stop without an event line, or with another, is withheld from the start of its event', () => {
    for (const lines of ['data: {"type":"message_stop"}\n\n', 'event: ping\ndata: {"type":"message_stop"}\n\n', 'event: message_stop\n\n', ': note\nid: 3\ndata: {\ndata: "type":"message_stop"}\n\n']) {
      const meter = new StreamMeter({ all1h: false });
      const before = text('words');
      const start = lines.startsWith(':') ? lines.indexOf('id') : 0;
      expect(meter.push(Buffer.from(before + lines))).toBe(Buffer.byteLength(before) + start);
      expect(meter.stopped).toBe(true);
    }
  });

  test('a message_stop without an event line is withheld before its data line is complete', () => {
    const meter = new StreamMeter({ all1h: false });
    const line = Buffer.from('data: {"type":"message_stop"}\n');
    expect(meter.push(line)).toBe(0);
    expect(meter.stopped).toBe(false);
    meter.push(Buffer.from('\n'));
    expect(meter.stopped).toBe(true);
  });

  test('a message_stop is seen behind a delta whose text breaks off in any way', () => {
    for (const newline of ['\n', '\r', '\r\n'])
      for (const broken of ['abc', 'abc\\', 'abc\\u', 'abc\\u12']) {
        const cutOff = text('abc').split('abc"}}')[0] as string;
        const stream = `${cutOff}${broken}${newline}${newline}event: message_stop${newline}${newline}: "}}\n\n`;
        expect([stream, read(stream).stopped]).toEqual([stream, true]);
      }
  });

  test('text that only speaks of message_stop passes', () => {
    const body = Buffer.from(text('event: message_stop\n\ndata: {"type":"message_stop"}'));
    expect(new StreamMeter({ all1h: false }).push(body)).toBe(body.length);
  });

  test('an endless line passes in bounded memory, and the stream is metered again after it', () => {
    const meter = new StreamMeter({ all1h: false });
    meter.push(Buffer.from(`${start(START_USAGE)}event: message_delta\ndata: {"type":"message_delta","x":"`));
    const chunk = Buffer.alloc(1_000_000, 'x');
    for (let i = 0; i < 200; i++) expect(meter.push(chunk)).toBe(chunk.length);
    meter.push(Buffer.from(`"}\n\n${usage({ output_tokens: 44 })}`));
    expect(meter.reading()).toMatchObject({ final: true, tokens: { output: 44 } });
    expect(meter.reading().flags).toContain('event_too_long');
  });
});

describe('delta bytes', () => {
  test.each([
    ['text', { type: 'text_delta', text: 'a"b\\c\n\u0001é漢🙂' }, Buffer.byteLength('a"b\\c\n\u0001é漢🙂')],
    ['thinking', { type: 'thinking_delta', thinking: 'hm' }, 2],
    ['tool input', { type: 'input_json_delta', partial_json: '{"path\\n' }, 8],
    ['citations, which are none', { type: 'citations_delta', citation: { cited_text: 'abc' } }, 0],
    ['a kind that is not known', { type: 'future_delta', parts: [{ words: 'abcd' }], more: 'ef' }, 6],
    ['text with another field', { type: 'text_delta', text: 'abc', note: 'de' }, 5],
  ])('count %s', (_, value, bytes) => {
    const line = delta(value);
    expect(read(line).deltaBytes).toBe(bytes);
    expect(read(line.replaceAll('\n', '\r\n')).deltaBytes).toBe(bytes);
    expect(read(line.replaceAll('":', '": ').replace('}}', '}   }  ')).deltaBytes).toBe(bytes);
  });

  test('count characters, not their escapes', () => {
    const escaped = 'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\\u0041\\u00e9\\u6f22\\ud83d\\ude42\\/"}}\n\n';
    expect(read(escaped).deltaBytes).toBe(Buffer.byteLength('Aé漢🙂/'));
    expect(read(escaped.replace('"index":0', '"index": 0')).deltaBytes).toBe(Buffer.byteLength('Aé漢🙂/'));
  });

  test('are the same in one chunk and in many for a delta that breaks off in mid-string', () => {
    const cutOff = text('abc').split('"}}')[0] as string;
    for (const broken of ['', '\\', '\\u', '\\u00'])
      for (const rest of ['\ndata: more"}}\n\n', '\ndata: "}}\n\n', '\n\n']) {
        const meter = new StreamMeter({ all1h: false });
        for (const byte of Buffer.from(cutOff + broken + rest)) meter.push(Buffer.from([byte]));
        expect([broken, rest, read(cutOff + broken + rest).deltaBytes]).toEqual([broken, rest, meter.deltaBytes]);
      }
  });

  test('count whole what cannot be read', () => {
    expect(read('event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"text":"abc\n\n').deltaBytes).toBe('{"type":"content_block_delta","delta":{"text":"abc'.length);
  });
});
