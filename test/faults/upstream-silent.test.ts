import * as net from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Call, call, errorOf, requestBody } from '../support/client-call.ts';
import { openTestGateway, UPSTREAM_SECRET, type TestBuyer, type TestGateway } from '../support/gateway-in-process.ts';
import { messageDocument, messageStart, textDelta, wholeStream } from '../support/message-stream.ts';
import { answers, type Script } from '../support/scripted-upstream.ts';
import { withBaseUrl } from '../support/test-config.ts';

let gateway: TestGateway;
let buyer: TestBuyer;
beforeAll(async () => void (gateway = await openTestGateway()));
afterEach(() => gateway.checkInvariants());
afterAll(() => gateway.close());

/** Nothing was charged, and the row says why. */
async function expectVoid(row: Record<string, unknown>): Promise<void> {
  const [found] = await gateway.rows(buyer);
  expect(found).toMatchObject({ charge: 0, usage_source: 'none', shortfall: 0, ...row });
  expect(gateway.balance(buyer)).toEqual({ balance: 1_000_000n, held: 0n });
}

describe('an upstream that cannot be reached', () => {
  it('is tried twice and answered with 502 and no charge', async () => {
    buyer = gateway.buyer();
    const answer = await call({ port: gateway.port, key: buyer.key, alias: 'gone' });
    expect(answer.status).toBe(502);
    expect(errorOf(answer)).toMatchObject({ type: 'api_error', message: expect.stringContaining('could not be reached') as string });
    expect(answer.headers['request-id']).toBe(answer.headers['x-ainogap-request-id']);
    await expectVoid({ status: 'failed', http_status: 502, error_code: 'upstream_unreachable', attempts: 2, flags: null });
  });

  it('because its name does not resolve is a 502 with no charge', async () => {
    buyer = gateway.buyer();
    await gateway.gateway.reload(withBaseUrl(gateway.config, 'gone', 'http://upstream.invalid'));
    expect((await call({ port: gateway.port, key: buyer.key, alias: 'gone' })).status).toBe(502);
    await expectVoid({ status: 'failed', error_code: 'upstream_unreachable', attempts: 2, flags: null });
  });

  it('because it does not speak TLS is a 502 with no charge, and the credential is not sent in the clear', async () => {
    buyer = gateway.buyer();
    let heard = '';
    const plain = net.createServer((socket) => {
      socket.on('error', () => undefined).on('data', (chunk) => {
        heard += chunk.toString('latin1');
        socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
      });
    });
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const { port } = plain.address() as net.AddressInfo;
    await gateway.gateway.reload(withBaseUrl(gateway.config, 'gone', `https://127.0.0.1:${port}`));
    expect((await call({ port: gateway.port, key: buyer.key, alias: 'gone' })).status).toBe(502);
    expect(heard).not.toBe('');
    expect(heard).not.toContain(UPSTREAM_SECRET);
    plain.close();
    await expectVoid({ status: 'failed', error_code: 'upstream_unreachable', flags: null });
  });
});

describe('an upstream without an answer', () => {
  it.each([true, false])('in time is a 504 that must not be retried, void, and counted as exposure (stream: %s)', async (stream) => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.silence());
    const answer = await call({ port: gateway.port, key: buyer.key, alias: 'hasty', body: requestBody({ stream }) });
    expect(answer.status).toBe(504);
    expect(answer.headers['x-should-retry']).toBe('false');
    expect(errorOf(answer).type).toBe('timeout_error');
    await expectVoid({ status: 'failed', http_status: 504, error_code: 'upstream_timeout', flags: '["exposure"]', attempts: 1 });
  });

  it('that breaks the fresh connection is a 502, not tried again, for it may have been billed', async () => {
    buyer = gateway.buyer();
    await freshConnection();
    gateway.upstream.next(answers.reset());
    const answer = await call({ port: gateway.port, key: buyer.key });
    expect(answer.status).toBe(502);
    await expectVoid({ status: 'failed', http_status: 502, error_code: 'upstream_broken', flags: '["exposure"]', attempts: 1 });
  });

  it('that breaks off within the response head is a 502, not tried again', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(
      // The first answer makes the connection a reused one.
      answers.json(200, messageDocument()),
      async (peer) => {
        await peer.raw('HTTP/1.1 200 OK\r\ncontent-type: text/e');
        await pause();
        peer.reset();
      },
    );
    const other = gateway.buyer();
    await call({ port: gateway.port, key: other.key, body: requestBody({ stream: false }) });
    const answer = await call({ port: gateway.port, key: buyer.key });
    expect(answer.status).toBe(502);
    expect(gateway.upstream.seen[1]?.connection).toBe(gateway.upstream.seen[0]?.connection);
    expect(gateway.upstream.seen).toHaveLength(2);
    await expectVoid({ status: 'failed', http_status: 502, flags: '["exposure"]', attempts: 1 });
  });

  const garbage: Record<string, string> = {
    'that is not HTTP': 'SSH-2.0-OpenSSH_9.2\r\n\r\n',
    'with two lengths': 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 5\r\n\r\nhello',
    'with a header above 16 KiB': `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`,
    'that changes protocols': 'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n',
    'of empty air': '\r\n\r\n',
  };
  it.each(Object.keys(garbage))('%s is a 502 with no charge', async (kind) => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.raw(garbage[kind] as string));
    const answer = await call({ port: gateway.port, key: buyer.key });
    expect(answer.status).toBe(502);
    expect(errorOf(answer).type).toBe('api_error');
    await expectVoid({ status: 'failed', http_status: 502, flags: '["exposure"]', attempts: 1 });
  });
});

describe('a connection that was used before', () => {
  it('and is reset before any byte of the answer is replaced by a new one, under the same hold', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.sse(wholeStream()), answers.reset(), answers.sse(wholeStream()));
    await call({ port: gateway.port, key: gateway.buyer().key });
    const answer = await call({ port: gateway.port, key: buyer.key });
    expect(answer).toMatchObject({ status: 200, whole: true });
    const [first, second, third] = gateway.upstream.seen.map(({ connection }) => connection);
    expect(second).toBe(first);
    expect(third).not.toBe(second);
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'completed', attempts: 2, charge: 110 });
  });

  it('and is reset both times is a 502 after two attempts', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.sse(wholeStream()), answers.reset(), answers.reset());
    await call({ port: gateway.port, key: gateway.buyer().key });
    const answer = await call({ port: gateway.port, key: buyer.key });
    expect(answer.status).toBe(502);
    await expectVoid({ status: 'failed', attempts: 2, flags: '["exposure"]' });
  });
});

describe('a stream that stalls', () => {
  const stalls: Script = async (peer) => {
    await peer.head(200, { 'content-type': 'text/event-stream' });
    await peer.write(messageStart() + textDelta('x'.repeat(60)));
    await peer.whenClosed();
  };

  it('is cut after the idle time, ends with event: error and never message_stop, and costs what was seen', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(stalls);
    const answer = await call({ port: gateway.port, key: buyer.key, alias: 'hasty' });
    expect(answer).toMatchObject({ status: 200, whole: true });
    const events = answer.text.split('\n\n').filter((text) => text !== '');
    expect(events.at(-1)).toMatch(/^event: error\ndata: \{"type":"error","error":\{"type":"timeout_error"/);
    expect(answer.text).not.toContain('message_stop');
    const [row] = await gateway.rows(buyer);
    // 60 bytes at 3 a token.
    expect(row).toMatchObject({ status: 'interrupted', http_status: 200, error_code: 'upstream_timeout', usage_source: 'estimated', input_tokens: 10, output_tokens: 20, charge: 110 });
    expect(gateway.logs.map(({ event }) => event)).toContain('alert_usage_estimated');
  });

  it('before its first event costs nothing and is counted as exposure', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(async (peer) => {
      await peer.head(200, { 'content-type': 'text/event-stream' });
      await peer.whenClosed();
    });
    const answer = await call({ port: gateway.port, key: buyer.key, alias: 'hasty' });
    expect(answer.text).toMatch(/^event: error\n/);
    await expectVoid({ status: 'interrupted', error_code: 'upstream_timeout', flags: '["exposure"]' });
  });

  it('is not cut while it sends pings', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(async (peer) => {
      await peer.head(200, { 'content-type': 'text/event-stream' });
      await peer.write(messageStart());
      for (let i = 0; i < 25; i++) {
        await peer.write('event: ping\ndata: {"type":"ping"}\n\n');
        await pause();
      }
      await peer.end(wholeStream().slice(1).join(''));
    });
    const running = new Call({ port: gateway.port, key: buyer.key, alias: 'hasty' });
    expect((await running.answer).text).toContain('message_stop');
  });

  it('in a JSON body is a 504 that costs nothing and is counted as exposure', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(async (peer) => {
      await peer.head(200, { 'content-type': 'application/json', framing: 1000 });
      await peer.raw('{"type":"message","content":[');
      await peer.whenClosed();
    });
    const answer = await call({ port: gateway.port, key: buyer.key, alias: 'hasty', body: requestBody({ stream: false }) });
    expect(answer.status).toBe(504);
    expect(errorOf(answer).type).toBe('timeout_error');
    await expectVoid({ status: 'interrupted', http_status: 504, flags: '["exposure"]' });
  });
});

it('no answer or log names the upstream credential', async () => {
  buyer = gateway.buyer();
  gateway.upstream.next(answers.json(400, `{"type":"error","error":{"type":"invalid_request_error","message":"no"}}`));
  const answer = await call({ port: gateway.port, key: buyer.key });
  expect(answer.text + JSON.stringify(answer.headers)).not.toContain(UPSTREAM_SECRET);
});

/** Ends idle connections, so that the next request opens one. */
async function freshConnection(): Promise<void> {
  gateway.upstream.next(async (peer) => {
    await peer.json(200, messageDocument(), { connection: 'close' });
    peer.close();
  });
  await call({ port: gateway.port, key: gateway.buyer().key, body: requestBody({ stream: false }) });
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));
