import { describe, expect, test } from 'vitest';
import { meterJson } from '../../src/metering/meter-json.ts';
import { StreamMeter } from '../../src/metering/meter.ts';
import type { MeterReading } from '../../src/metering/reading.ts';
import { billLines, corpusPresent, readingLines, readResponse, responses, type RecordedResponse } from './corpus.ts';

/** The manifest of this composed stream names another model than its own message_start ("qwen3.7-plus"). */
const MODEL_MISNAMED = 'synthetic/compat-qwen-cache-in-delta.sse';

function meterChunks(chunks: Iterable<Buffer>): MeterReading {
  const meter = new StreamMeter({ all1h: false });
  for (const chunk of chunks) meter.push(chunk);
  meter.end();
  return meter.reading();
}

function* pieces(body: Buffer, size: number): Generator<Buffer> {
  for (let i = 0; i < body.length; i += size) yield body.subarray(i, i + size);
}

const streams = responses.filter((r) => r.file.endsWith('.sse'));
const bodies = responses.filter((r) => r.file.endsWith('.json'));
const billOf = (r: RecordedResponse): string[] => billLines(r.bill ?? {}).map((line) => (r.file === MODEL_MISNAMED ? line.replace(/^[^:]+/, 'qwen3.7-plus') : line));

describe.skipIf(!corpusPresent)('the recorded responses', () => {
  test('are all there', () => {
    expect(streams.length).toBeGreaterThan(430);
    expect(bodies.length).toBeGreaterThan(1070);
  });

  test('every recorded JSON response is metered as its bill says', () => {
    for (const response of bodies) {
      const reading = meterJson(readResponse(response), { all1h: false });
      if (response.bill === undefined) expect([response.file, reading.final]).toEqual([response.file, false]);
      else expect([response.file, reading.final, ...readingLines(reading)]).toEqual([response.file, true, ...billOf(response)]);
      if (response.status !== 200) expect([response.file, reading.errorType === null]).toEqual([response.file, false]);
    }
  });

  test('every recorded stream is metered as its bill says, whole and in pieces of 1, 7 and 1000 bytes', () => {
    for (const response of streams) {
      const body = readResponse(response);
      const whole = meterChunks([body]);
      if (response.bill !== undefined) expect([response.file, ...readingLines(whole)]).toEqual([response.file, ...billOf(response)]);
      for (const size of body.length < 60_000 ? [1, 7, 1000] : [1000])
        expect([response.file, size, meterChunks(pieces(body, size))]).toEqual([response.file, size, whole]);
    }
  });

  test('a sample of streams gives the same reading at every split point, and with CR and CRLF line ends', () => {
    const sample = streams.filter((r) => r.bytes > 500 && r.bytes < 6_000).filter((_, i, all) => i % Math.ceil(all.length / 12) === 0);
    expect(sample.length).toBeGreaterThan(5);
    for (const response of sample) {
      const body = readResponse(response);
      const whole = meterChunks([body]);
      for (let at = 1; at < body.length; at++)
        expect([response.file, at, meterChunks([body.subarray(0, at), body.subarray(at)])]).toEqual([response.file, at, whole]);
      for (const newline of ['\r', '\r\n']) {
        const ended = Buffer.from(body.toString().replaceAll(/\r\n|\r|\n/g, newline));
        for (const size of [1, 5, ended.length]) expect(meterChunks(pieces(ended, size))).toEqual(whole);
      }
    }
  });

  test('streams that broke off are not final, or at least not stopped, and name their error', () => {
    for (const response of streams.filter((r) => r.bill === undefined)) {
      const reading = meterChunks([readResponse(response)]);
      expect([response.file, reading.stopped]).toEqual([response.file, false]);
      if (response.file.includes('midstream')) expect(reading.errorType).toMatch(/_error$/);
    }
  });
});
