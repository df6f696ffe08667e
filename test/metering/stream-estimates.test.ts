/** What an estimate is based on when a stream breaks off, and when its last report is the final one. */
import { describe, expect, test } from 'vitest';
import { StreamMeter } from '../../src/metering/meter.ts';
import type { MeterReading } from '../../src/metering/reading.ts';
import { delta, event, start, START_USAGE, STOP, text, usage } from './stream-fixtures.ts';

function read(stream: string): MeterReading {
  const whole = new StreamMeter({ all1h: false });
  whole.push(Buffer.from(stream));
  const reading = whole.reading();
  const bytewise = new StreamMeter({ all1h: false });
  for (const byte of Buffer.from(stream)) bytewise.push(Buffer.from([byte]));
  expect(bytewise.reading()).toEqual(reading);
  return reading;
}

const block = (contentBlock: Record<string, unknown>): string => event({ type: 'content_block_start', index: 0, content_block: contentBlock });
const thinking = (words: string, estimated?: number | null): string =>
  delta({ type: 'thinking_delta', thinking: words, ...(estimated === undefined ? {} : { estimated_tokens: estimated }) });
const signature = (length: number): string => delta({ type: 'signature_delta', signature: 'A'.repeat(length) });
const THINKING = block({ type: 'thinking', thinking: '', signature: '' });

describe('thinking', () => {
  test('that is shown counts by its text, and its signature by nothing', () => {
    expect(read(THINKING + thinking('hmm') + thinking('so') + signature(400)).deltaBytes).toBe(5);
    expect(read(THINKING + thinking('hmm', null) + signature(400)).deltaBytes).toBe(3);
  });

  test('that is hidden counts by the tokens that the upstream estimates, at three bytes each', () => {
    expect(read(THINKING + thinking('', 1000) + thinking('', null) + thinking('', 500) + signature(4000)).deltaBytes).toBe(4500);
  });

  test('that is hidden without an estimate counts by what its signature decodes to', () => {
    expect(read(THINKING + signature(4000)).deltaBytes).toBe(3000);
    expect(read(THINKING + thinking('') + signature(4000)).deltaBytes).toBe(3000);
  });

  test('of one block says nothing of the next', () => {
    expect(read(THINKING + thinking('hmm') + signature(400) + THINKING + signature(4000)).deltaBytes).toBe(3003);
  });

  test('that is redacted counts by what its data decodes to', () => {
    expect(read(block({ type: 'redacted_thinking', data: 'A'.repeat(4000) })).deltaBytes).toBe(3000);
  });

  test('whose estimate is no number counts as none', () => {
    for (const odd of ['7', -5, [9], 1e300]) expect(read(THINKING + delta({ type: 'thinking_delta', thinking: 'ab', estimated_tokens: odd })).deltaBytes).toBeLessThan(4_000_000);
  });

  test('in a delta that nests without end counts whole', () => {
    const data = `{"type":"content_block_delta","index":0,"delta":{"type":"x","y":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`;
    const meter = new StreamMeter({ all1h: false });
    meter.push(Buffer.from(`event: content_block_delta\ndata: ${data}\n\n`));
    expect(meter.deltaBytes).toBe(data.length);
  });
});

describe('web searches', () => {
  const search = block({ type: 'server_tool_use', id: 's', name: 'web_search', input: {} });
  const begun = start(START_USAGE) + search + block({ type: 'server_tool_use', id: 'f', name: 'web_fetch', input: {} }) + block({ type: 'text', text: 'server_tool_use' }) + search;

  test('that were seen to begin count until the final report', () => {
    expect(read(begun)).toMatchObject({ final: false, webSearchRequests: 2 });
    expect(read(`${begun}${usage({ output_tokens: 9, server_tool_use: { web_search_requests: 1 } })}`)).toMatchObject({ final: true, webSearchRequests: 1 });
  });

  test('that were reported count even where fewer were seen', () => {
    expect(read(start({ ...START_USAGE, server_tool_use: { web_search_requests: 5 } }) + search)).toMatchObject({ final: false, webSearchRequests: 5 });
  });
});

describe('the last report', () => {
  test('is not the final one when text follows it and the stream breaks off', () => {
    const reported = start(START_USAGE) + text('a') + usage({ output_tokens: 1 });
    expect(read(reported)).toMatchObject({ final: true });
    expect(read(reported + text('more'))).toMatchObject({ final: false, deltaBytes: 5 });
    expect(read(reported + text('more') + STOP)).toMatchObject({ final: true, stopped: true });
    expect(read(reported + text('more') + usage({ output_tokens: 3 }))).toMatchObject({ final: true, tokens: { output: 3 } });
  });

  test('before message_stop is the final one, whatever follows that', () => {
    const whole = start(START_USAGE) + text('a') + usage({ output_tokens: 7 }) + STOP;
    const before = read(whole);
    expect(read(whole + start({ ...START_USAGE, input_tokens: 9999 }, 'another') + text('more') + usage({ output_tokens: 99 }) + STOP)).toEqual(before);
  });
});

describe('after message_stop the meter tells', () => {
  const stopped = (after: string) => {
    const meter = new StreamMeter({ all1h: false });
    const head = start(START_USAGE) + usage({ output_tokens: 7 });
    meter.push(Buffer.from(head + STOP + after));
    return { overrun: meter.overrun, atRest: meter.atRest, stopEnd: meter.stopEnd - Buffer.byteLength(head + STOP) };
  };

  test('where it ended', () => {
    expect(stopped('')).toEqual({ overrun: false, atRest: true, stopEnd: 0 });
    const meter = new StreamMeter({ all1h: false });
    const ends = [...Buffer.from(STOP)].map((byte) => (meter.push(Buffer.from([byte])), meter.stopEnd));
    expect(ends.filter((end) => end !== -1)).toEqual([1]);
    expect(ends.at(-1)).toBe(1);
    meter.push(Buffer.from('\n'));
    expect(meter.stopEnd).toBe(-1);
  });

  test('pings and comments from anything else', () => {
    for (const harmless of [': c\n', '\n\n', 'event: ping\ndata: {"type": "ping"}\n\n', 'data: {"type":"ping"}\n\n', 'id: 4\n\n'])
      expect([harmless, stopped(harmless)]).toEqual([harmless, { overrun: false, atRest: true, stopEnd: 0 }]);
    for (const unfinished of ['event: pi', 'event: ping\n', ': c']) expect([unfinished, stopped(unfinished)]).toMatchObject([unfinished, { overrun: false, atRest: false }]);
    for (const foreign of [text('x'), STOP, 'event: x\n', 'data: [DONE]\n', 'event: ping\ndata: {"type":"message_start"}\n', 'data: \n'])
      expect([foreign, stopped(foreign).overrun]).toEqual([foreign, true]);
  });
});
