import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Call, call, errorOf, PATIENTLY, requestBody } from '../support/client-call.ts';
import { openTestGateway, UPSTREAM_SECRET, type TestBuyer, type TestGateway } from '../support/gateway-in-process.ts';
import { errorDocument, messageDocument, wholeStream } from '../support/message-stream.ts';
import { answers } from '../support/scripted-upstream.ts';

let gateway: TestGateway;
let buyer: TestBuyer;
beforeAll(async () => void (gateway = await openTestGateway()));
afterEach(() => gateway.checkInvariants());
afterAll(() => gateway.close());

const ask = (more: Record<string, unknown> = {}) => call({ port: gateway.port, key: buyer.key, body: requestBody(more) });

async function expectVoid(row: Record<string, unknown>): Promise<void> {
  const [found] = await gateway.rows(buyer);
  expect(found).toMatchObject({ charge: 0, usage_source: 'none', output_tokens: 0, ...row });
  expect(gateway.balance(buyer)).toEqual({ balance: 1_000_000n, held: 0n });
}

describe('a refusal by the upstream', () => {
  it.each([
    [400, 'invalid_request_error'],
    [404, 'not_found_error'],
    [409, 'invalid_request_error'],
    [413, 'request_too_large'],
    [422, 'invalid_request_error'],
  ])('%i is passed on byte for byte at the first try, and void', async (status, type) => {
    buyer = gateway.buyer();
    const document = `{"type":"error", "error":{"type":"${type}","message":"h\\u00ef","details":null},"request_id":"req_u","more":1}\n`;
    gateway.upstream.next(answers.json(status, document, { 'request-id': 'req_u', 'x-should-retry': 'false', 'set-cookie': 'a=b' }));
    const answer = await ask();
    expect(answer).toMatchObject({ status, text: document });
    expect(answer.headers).toMatchObject({ 'request-id': 'req_u', 'x-should-retry': 'false' });
    expect(answer.headers).not.toHaveProperty('set-cookie');
    await expectVoid({ status: 'upstream_error', http_status: status, error_code: type, attempts: 1, upstream_request_id: 'req_u' });
  });

  it('as HTML is wrapped into an error document of the same status', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.json(400, '<html><h1>400 Bad Request</h1></html>', { 'content-type': 'text/html' }));
    const answer = await ask();
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(errorOf(answer).type).toBe('invalid_request_error');
    await expectVoid({ status: 'upstream_error', http_status: 400 });
  });

  it('that came compressed although identity was asked for is passed on decoded', async () => {
    buyer = gateway.buyer();
    const document = errorDocument('invalid_request_error', 'max_tokens is too large');
    const bytes = gzipSync(document);
    gateway.upstream.next(async (peer) => {
      await peer.head(400, { 'content-type': 'application/json', 'content-encoding': 'gzip', framing: bytes.length });
      await peer.raw(bytes);
    });
    const answer = await ask();
    expect(answer).toMatchObject({ status: 400, text: document });
    expect(answer.headers).not.toHaveProperty('content-encoding');
    await expectVoid({ error_code: 'invalid_request_error' });
  });

  it('whose body breaks off keeps its status and becomes an error document', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(async (peer) => {
      await peer.head(400, { 'content-type': 'application/json', framing: 500 });
      await peer.raw('{"type":"err');
      peer.close();
    });
    const answer = await ask();
    expect(answer.status).toBe(400);
    expect(errorOf(answer).type).toBe('invalid_request_error');
    await expectVoid({ status: 'upstream_error', http_status: 400 });
  });

  it('with an endless body is cut and becomes an error document', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(async (peer) => {
      await peer.head(400, { 'content-type': 'application/json' });
      while (!peer.closed) await peer.write('x'.repeat(65_536));
    });
    const answer = await ask();
    expect(answer.status).toBe(400);
    expect(errorOf(answer).type).toBe('invalid_request_error');
    await expectVoid({ status: 'upstream_error' });
  });
});

describe("what is the operator's fault", () => {
  const creditTooLow = errorDocument('invalid_request_error', 'Your credit balance is too low to access the Anthropic API.');
  it.each([
    [401, errorDocument('authentication_error', `invalid x-api-key ${UPSTREAM_SECRET}`)],
    [403, errorDocument('permission_error', 'organisation disabled')],
    [402, errorDocument('billing_error', 'pay')],
    [400, creditTooLow],
  ])('%i becomes a 502 that does not blame the buyer and must not be retried', async (status, document) => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.json(status, document));
    const answer = await ask();
    expect(answer.status).toBe(502);
    expect(answer.headers['x-should-retry']).toBe('false');
    expect(errorOf(answer)).toMatchObject({ type: 'api_error', message: expect.stringContaining('not your fault') as string });
    expect(answer.text).not.toContain(UPSTREAM_SECRET);
    expect(gateway.logs).toContainEqual(expect.objectContaining({ level: 'error', event: 'alert_upstream_refused', status }));
    await expectVoid({ http_status: 502, error_code: 'upstream_credential', attempts: 1 });
  });

  it('is not taken for it when the words are somewhere else in the error', async () => {
    buyer = gateway.buyer();
    const echoed = errorDocument('invalid_request_error', 'tools.0.name: "Your credit balance is too low" is no name.');
    gateway.upstream.next(answers.json(400, echoed));
    const answer = await ask();
    expect(answer).toMatchObject({ status: 400, text: echoed });
    await gateway.rows(buyer);
  });

  it('is recognised in a compressed answer too', async () => {
    buyer = gateway.buyer();
    const bytes = gzipSync(creditTooLow);
    gateway.upstream.next(async (peer) => {
      await peer.head(400, { 'content-type': 'application/json', 'content-encoding': 'gzip', framing: bytes.length });
      await peer.raw(bytes);
    });
    expect((await ask()).status).toBe(502);
    await expectVoid({ error_code: 'upstream_credential' });
  });

  it.each([301, 302, 303, 307, 308])('a redirect (%i) becomes a 502 and is never followed', async (status) => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.json(status, '', { location: `${gateway.upstream.origin}/elsewhere` }));
    const answer = await ask();
    expect(answer.status).toBe(502);
    expect(answer.headers).not.toHaveProperty('location');
    expect(gateway.upstream.seen).toHaveLength(1);
    await expectVoid({ http_status: 502, error_code: 'upstream_redirect' });
  });

  it.each([401, 402, 403])('a %i of count_tokens becomes a 502 too', async (status) => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.json(status, errorDocument('authentication_error', UPSTREAM_SECRET)));
    const answer = await call({ port: gateway.port, key: buyer.key, path: '/v1/messages/count_tokens' });
    expect(answer.status).toBe(502);
    expect(answer.text).not.toContain(UPSTREAM_SECRET);
  });

  it('a 400 of count_tokens for want of credit becomes a 502 too', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.json(400, creditTooLow));
    const answer = await call({ port: gateway.port, key: buyer.key, path: '/v1/messages/count_tokens' });
    expect(answer.status).toBe(502);
    expect(errorOf(answer).message).not.toContain('credit');
  });
});

describe('count_tokens', () => {
  const count = (alias = 'main') => call({ port: gateway.port, key: buyer.key, alias, path: '/v1/messages/count_tokens' });

  it('that came compressed is passed on decoded', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.gzip('application/json', '{"input_tokens":14}'));
    expect(await count()).toMatchObject({ status: 200, text: '{"input_tokens":14}' });
  });

  it('that is refused is passed on byte for byte', async () => {
    buyer = gateway.buyer();
    const document = errorDocument('rate_limit_error', 'slower');
    gateway.upstream.next(answers.json(429, document, { 'retry-after': 7 }));
    const answer = await count();
    expect(answer).toMatchObject({ status: 429, text: document });
    expect(answer.headers['retry-after']).toBe('7');
  });

  it('without an answer is a 504, of an upstream that is away a 502', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.silence());
    expect((await count('hasty')).status).toBe(504);
    expect((await count('gone')).status).toBe(502);
  });

  it('whose client leaves is dropped upstream', async () => {
    buyer = gateway.buyer();
    let dropped = (): void => undefined;
    let asked = (): void => undefined;
    const whenDropped = new Promise<void>((resolve) => (dropped = resolve));
    const whenAsked = new Promise<void>((resolve) => (asked = resolve));
    gateway.upstream.next(async (peer) => {
      asked();
      await peer.whenClosed();
      dropped();
    });
    const running = new Call({ port: gateway.port, key: buyer.key, path: '/v1/messages/count_tokens' });
    await whenAsked;
    running.leave();
    await whenDropped;
  });
});

describe('trying again', () => {
  it.each([429, 500, 502, 503, 504, 529])('after a %i happens once, under the same hold', async (status) => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.json(status, errorDocument('api_error', 'later'), { 'retry-after-ms': 1 }), answers.sse(wholeStream()));
    const answer = await ask();
    expect(answer).toMatchObject({ status: 200, text: wholeStream().join('') });
    expect(gateway.upstream.seen[1]?.body).toEqual(gateway.upstream.seen[0]?.body);
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'completed', attempts: 2, charge: 110 });
  });

  it('ends after two attempts with the last answer as it came', async () => {
    buyer = gateway.buyer();
    const last = errorDocument('overloaded_error', 'second');
    gateway.upstream.next(answers.json(529, errorDocument('overloaded_error', 'first')), answers.json(529, last, { 'retry-after-ms': 2 }));
    const answer = await ask();
    expect(answer).toMatchObject({ status: 529, text: last });
    expect(answer.headers['retry-after-ms']).toBe('2');
    await expectVoid({ status: 'upstream_error', http_status: 529, error_code: 'overloaded_error', attempts: 2 });
  });

  it('waits as long as retry-after says', async () => {
    buyer = gateway.buyer();
    const times: number[] = [];
    gateway.upstream.next(
      async (peer) => {
        times.push(performance.now());
        await peer.json(429, errorDocument('rate_limit_error', 'wait'), { 'retry-after': '1' });
      },
      async (peer) => {
        times.push(performance.now());
        await peer.sse(wholeStream());
      },
    );
    expect((await ask()).status).toBe(200);
    // A timer may fire a millisecond early by the other clock.
    expect((times[1] as number) - (times[0] as number)).toBeGreaterThan(990);
    await gateway.rows(buyer);
  });

  it('does not happen when retry-after is beyond what is waited for', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.json(429, errorDocument('rate_limit_error', 'long'), { 'retry-after': '60' }));
    const answer = await ask();
    expect(answer.status).toBe(429);
    expect(answer.headers['retry-after']).toBe('60');
    await expectVoid({ attempts: 1 });
  });

  it('does not happen when the upstream says that it should not', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.json(529, errorDocument('overloaded_error', 'no'), { 'x-should-retry': 'false' }));
    expect((await ask()).status).toBe(529);
    await expectVoid({ attempts: 1 });
  });

  it('holds the money once', async () => {
    buyer = gateway.buyer();
    let held: bigint[] = [];
    gateway.upstream.next(
      async (peer) => {
        held = [gateway.balance(buyer).held];
        await peer.json(500, errorDocument('api_error', 'no'));
      },
      async (peer) => {
        held.push(gateway.balance(buyer).held);
        await peer.json(200, messageDocument());
      },
    );
    await ask({ stream: false });
    const [row] = await gateway.rows(buyer);
    expect(held).toEqual([BigInt(row?.['hold'] as number), BigInt(row?.['hold'] as number)]);
  });

  it('is given up when the client leaves between the tries', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.json(429, errorDocument('rate_limit_error', 'wait'), { 'retry-after-ms': 1_000 }));
    const running = new Call({ port: gateway.port, key: buyer.key });
    await expect.poll(() => gateway.upstream.seen.length, PATIENTLY).toBe(1);
    running.leave();
    await expectVoid({ status: 'client_left', http_status: 0, attempts: 1 });
    expect(gateway.upstream.seen).toHaveLength(1);
  });

  it('turns to what then fails, when the second try breaks', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.json(503, 'no'), answers.reset());
    expect((await ask()).status).toBe(502);
    await expectVoid({ status: 'failed', attempts: 2, flags: '["exposure"]' });
  });
});
