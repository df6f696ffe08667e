import * as net from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { EVENT_COUNT, JSON_RESPONSE, STREAM_WRITES } from './canned-responses.ts';
import { LoadConnection, type Sample } from './load-connection.ts';
import { agentBody } from './request-bodies.ts';
import { medianWithin, quantile, spreadOf } from './spread.ts';

describe('the figures', () => {
  test('a median between two values is their mean, other quantiles are values that occurred', () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
    expect(spreadOf([4, 1, 2, 3]).median).toBe(2.5);
    expect(quantile([1, 2, 3, 4], 0.99)).toBe(4);
    expect(quantile(Array.from({ length: 200 }, (_, i) => i + 1), 0.99)).toBe(198);
  });

  test('the interval of a median is that of the tables of the sign test; few values tell their range', () => {
    const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => n - i);
    expect(medianWithin(upTo(20))).toEqual({ low: 6, high: 15 });
    expect(medianWithin(upTo(10))).toEqual({ low: 2, high: 9 });
    expect(medianWithin(upTo(4))).toEqual({ low: 1, high: 4 });
  });
});

describe('the agent-like bodies', () => {
  test.each([50_000, 300_000])('a body of %d bytes comes within five per cent of it, with tools, cache marks and escapes', (bytes) => {
    const body = agentBody(bytes);
    expect(Math.abs(body.length - bytes) / bytes).toBeLessThan(0.05);
    const parsed = JSON.parse(body.toString()) as { tools: unknown[]; system: object[]; messages: { role: string }[] };
    expect(parsed.tools).toHaveLength(20);
    expect(parsed.system.at(-1)).toHaveProperty('cache_control');
    expect(parsed.messages.map(({ role }) => role).filter((role, i) => role !== (i % 2 ? 'assistant' : 'user'))).toEqual([]);
    expect(body.toString().match(/\\[n"\\]/g)!.length).toBeGreaterThan(bytes / 100);
  });
});

describe('the load generator', () => {
  const open: { close(): unknown }[] = [];
  afterEach(() => open.splice(0).forEach((one) => one.close()));

  /** Answers one request with the given writes, each in a packet of its own. */
  async function answerWith(writes: readonly Buffer[]): Promise<{ sample: Sample } | { failure: string }> {
    const server = net.createServer({ noDelay: true }, (socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', () => {
        const queue = [...writes];
        const next = () => {
          const write = queue.shift();
          if (write) socket.write(write, () => setImmediate(next));
          else if (writes.length === 0) socket.destroy();
        };
        next();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push(server);
    const { port } = server.address() as net.AddressInfo;
    return new Promise((resolve) => {
      const connection = new LoadConnection({
        port,
        request: Buffer.from('POST / HTTP/1.1\r\ncontent-length: 0\r\n\r\n'),
        onEnd: (sample) => {
          resolve({ sample });
          return false;
        },
        onFailure: (failure) => resolve({ failure }),
      });
      open.push(connection);
      connection.send();
    });
  }

  test('a stream ends with its last chunk, however it is cut into packets', async () => {
    const whole = Buffer.concat(STREAM_WRITES);
    expect(STREAM_WRITES).toHaveLength(EVENT_COUNT);
    const bytewise = Array.from(whole.subarray(-40), (byte) => Buffer.from([byte]));
    expect(await answerWith([whole.subarray(0, -40), ...bytewise])).toHaveProperty('sample');
    expect(await answerWith([whole])).toHaveProperty('sample');
  });

  test('a JSON response ends with its last byte', async () => {
    expect(await answerWith([JSON_RESPONSE.subarray(0, 30), JSON_RESPONSE.subarray(30)])).toHaveProperty('sample');
  });

  test('an answer other than 200 is a failure that is shown', async () => {
    expect(await answerWith([Buffer.from('HTTP/1.1 402 Payment Required\r\n\r\n')])).toEqual({
      failure: expect.stringContaining('402') as string,
    });
  });

  test('a connection that closes without an answer is a failure', async () => {
    expect(await answerWith([])).toEqual({ failure: 'the connection closed before the response ended' });
  });
});
