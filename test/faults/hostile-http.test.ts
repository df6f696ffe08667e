import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bareCall, BareClient, call, errorOf, PATIENTLY, requestBody } from '../support/client-call.ts';
import { openTestGateway, type TestBuyer, type TestGateway } from '../support/gateway-in-process.ts';
import { messageDocument } from '../support/message-stream.ts';
import { answers } from '../support/scripted-upstream.ts';

let gateway: TestGateway;
let buyer: TestBuyer;
beforeAll(async () => {
  gateway = await openTestGateway();
  buyer = gateway.buyer();
});
afterEach(async () => {
  await gateway.checkInvariants();
  expect(gateway.upstream.seen).toEqual([]);
});
afterAll(() => gateway.close());

const BODY = JSON.stringify(requestBody({ stream: false }));
const CHUNKED = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;

interface Bare {
  readonly target?: string;
  readonly method?: string;
  readonly version?: string;
  /** Lines after `host` and `x-api-key`. */
  readonly headers?: readonly string[];
  readonly body?: string;
}

function bare({ target = '/main/v1/messages', method = 'POST', version = '1.1', headers = [], body = BODY }: Bare): string {
  const framing = headers.some((line) => /^(transfer-encoding|content-length)/i.test(line)) ? [] : [`content-length: ${body.length}`];
  return [`${method} ${target} HTTP/${version}`, 'host: localhost', `x-api-key: ${buyer.key}`, ...framing, ...headers, '', body].join('\r\n');
}

/** The gateway refused with this status, in the Messages API's shape, whoever in it did, and closed or can go on. */
async function expectRefused(bytes: string, status: number): Promise<void> {
  const answer = await bareCall(gateway.port, bytes);
  expect(answer.status).toBe(status);
  const [head = '', text = ''] = answer.text.split('\r\n\r\n');
  const { type } = errorOf({ text });
  const { request_id: id } = JSON.parse(text) as { request_id: string };
  expect(id).toMatch(/^req_/);
  expect(head.split('\r\n')).toEqual(expect.arrayContaining([`request-id: ${id}`, `x-ainogap-request-id: ${id}`]));
  expect(head.includes('x-should-retry: false')).toBe(status !== 408);
  expect(type).toBe({ 400: 'invalid_request_error', 401: 'authentication_error', 404: 'not_found_error', 408: 'timeout_error', 431: 'invalid_request_error' }[status]);
}

describe('requests that parsers disagree about are refused:', () => {
  const cases: Record<string, Bare> = {
    'two Hosts': { headers: ['host: elsewhere'] },
    'two x-api-keys': { headers: ['x-api-key: rk_other'] },
    'two Authorizations': { headers: ['authorization: Bearer a', 'authorization: Bearer b'] },
    'two content-lengths': { headers: [`content-length: ${BODY.length}`, 'content-length: 5'] },
    'two content-types': { headers: ['content-type: application/json', 'content-type: text/plain'] },
    'transfer-encoding gzip, chunked': { headers: ['transfer-encoding: gzip, chunked'], body: CHUNKED },
    'transfer-encoding twice': { headers: ['transfer-encoding: gzip', 'transfer-encoding: chunked'], body: CHUNKED },
    'transfer-encoding identity': { headers: ['transfer-encoding: identity'], body: CHUNKED },
    'transfer-encoding beside content-length': { headers: ['transfer-encoding: chunked', `content-length: ${BODY.length}`], body: CHUNKED },
    'transfer-encoding with HTTP/1.0': { version: '1.0', headers: ['transfer-encoding: chunked'], body: CHUNKED },
    'a folded header': { headers: ['x-a: b', ' folded'] },
    'a space before the colon': { headers: ['x-a : b'] },
    'a negative content-length': { headers: ['content-length: -1'] },
    'an expectation that nobody here meets': { headers: ['expect: 200-ok'] },
    'a bad chunk size': { headers: ['transfer-encoding: chunked'], body: 'zz\r\n' },
  };
  it.each(Object.keys(cases))('%s', async (name) => {
    await expectRefused(bare(cases[name] as Bare), 400);
  });

  it('no Host at all', async () => {
    await expectRefused(`POST /main/v1/messages HTTP/1.1\r\nx-api-key: ${buyer.key}\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`, 400);
  });

  it('bare line feeds between headers', async () => {
    await expectRefused(bare({ headers: ['x-a: b'] }).replaceAll('\r\n', '\n'), 400);
  });

  it('nothing after such a request on the same connection is read as a request', async () => {
    const smuggled = bare({ headers: ['transfer-encoding: gzip, chunked'], body: CHUNKED }) + bare({});
    const client = new BareClient(gateway.port);
    await client.send(smuggled);
    await client.closed;
    expect(client.received.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 400']);
    // Readiness is a commit, so whatever was begun before it has left its row.
    await call({ port: gateway.port, key: '', alias: 'readyz', path: '', method: 'GET' });
    await gateway.rows(buyer, 0);
  });
});

describe('targets that are not exactly one of ours are not found:', () => {
  const targets = [
    '//main/v1/messages',
    '/main//v1/messages',
    '/main/v1/messages/',
    '/main/v1/../v1/messages',
    '/./main/v1/messages',
    '/%6dain/v1/messages',
    '/main/v1/messages%2e',
    '/main/%2e%2e/main/v1/messages',
    '/main\\v1\\messages',
    '/main/v1/messages;x=1',
    'http://localhost/main/v1/messages',
    'https://api.anthropic.com/v1/messages',
    '/Main/v1/messages',
    '/v1/messages',
    '/',
    '*',
    '/main',
    '/main/v1/messages/batches',
    '/main/v1/files',
    '/main/v1/complete',
    '/main/v1/messages#x',
    '/main/v1/messages?a#b',
  ];
  it.each(targets)('%s', async (target) => {
    await expectRefused(bare({ target }), 404);
  });

  it.each(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s of messages', async (method) => {
    await expectRefused(bare({ method }), 404);
  });

  it('a host of another name, against DNS rebinding', async () => {
    await expectRefused(bare({}).replace('host: localhost', 'host: evil.example'), 404);
    await expectRefused(bare({}).replace('host: localhost', 'host: localhost.evil.example:80'), 404);
  });
});

describe('the gateway goes by its names:', () => {
  it.each(['localhost', 'LOCALHOST', 'localhost.', 'localhost:1', '127.0.0.1', '127.0.0.1:', '[::1]', '[::1]:80', '[0:0:0:0:0:0:0:1]'])('%s', async (host) => {
    const answer = await bareCall(gateway.port, `GET /healthz HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
    expect(answer.status).toBe(200);
  });

  it('and those that the operator adds, names and addresses', async () => {
    const named = await openTestGateway({ config: { listen: { host: '::1', port: 0 }, publicUrl: 'https://Gate.example', allowedHosts: ['[fd00::0001]', 'other.example.'] } });
    const ask = async (host: string): Promise<number> =>
      (await call({ host: '::1', port: named.port, key: '', alias: 'healthz', path: '', method: 'GET', headers: { host } })).status;
    for (const host of ['gate.example', '[fd00::1]:8787', 'other.example', 'OTHER.example.:80', '[::1]']) expect([host, await ask(host)]).toEqual([host, 200]);
    for (const host of ['gate.example.evil', '[fd00::2]', 'fd00::1', '::1']) expect([host, await ask(host)]).toEqual([host, 404]);
    await named.close();
  });
});

describe('who is not let in', () => {
  it.each(['', 'rk_', 'rk_short', `rk_${'x'.repeat(36)}`, `rk_${'x'.repeat(36)}' OR 1=1 --`, `rk_${'\u00e9'.repeat(36)}`])('key %j is a 401 without retries, whether the route exists or not', async (key) => {
    for (const alias of ['main', 'nothing-here']) {
      const answer = await call({ port: gateway.port, key: Buffer.from(key).toString('latin1'), alias });
      expect(answer.status).toBe(401);
      expect(answer.headers['x-should-retry']).toBe('false');
      expect(errorOf(answer).type).toBe('authentication_error');
      if (key !== '' && key !== 'rk_') expect(answer.text).not.toContain(key);
    }
  });

  it('a route that is not there is a 404 for a good key', async () => {
    const answer = await call({ port: gateway.port, key: buyer.key, alias: 'nothing-here' });
    expect(answer.status).toBe(404);
    expect(answer.headers['x-should-retry']).toBe('false');
  });
});

describe('what floods', () => {
  it('headers above 32 KiB are a 431', async () => {
    await expectRefused(bare({ headers: [`x-bomb: ${'a'.repeat(40_000)}`] }), 431);
  });

  it('ten thousand headers are a 431 or a 400', async () => {
    const answer = await bareCall(gateway.port, bare({ headers: Array.from({ length: 10_000 }, (_, i) => `x-${i}: 1`) }));
    expect([400, 431]).toContain(answer.status);
  });

  it('a client that is not HTTP is told so', async () => {
    await expectRefused('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400);
  });

  it('headers that trickle and a body that stalls are 408s; neither keeps a connection', async () => {
    const trickle = new BareClient(gateway.port);
    await trickle.send('POST /main/v1/messages HTTP/1.1\r\nhost: localhost\r\n');
    const drip = setInterval(() => void trickle.send('x-a: b\r\n'), 500);
    const stalled = new BareClient(gateway.port);
    await stalled.send(bare({ headers: ['content-length: 1000'], body: '{"model":' }));
    const statuses = await Promise.all([trickle.status(), stalled.status()]);
    clearInterval(drip);
    expect(statuses).toEqual([408, 408]);
    await Promise.all([trickle.closed, stalled.closed]);
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'refused', http_status: 408, error_code: 'body_timeout', charge: 0 });
  });
});

describe('what is well', () => {
  it('chunked requests, HTTP/1.0 requests, Expect: 100-continue and keep-alive work', async () => {
    const other = gateway.buyer();
    gateway.upstream.always(answers.json(200, messageDocument()));
    const as = (bytes: string): string => bytes.replace(buyer.key, other.key);
    expect((await bareCall(gateway.port, as(bare({ headers: ['transfer-encoding: chunked'], body: CHUNKED })))).status).toBe(200);
    expect((await bareCall(gateway.port, as(bare({ version: '1.0' })))).status).toBe(200);
    const expecting = new BareClient(gateway.port);
    await expecting.send(as(bare({ headers: ['expect: 100-continue', `content-length: ${BODY.length}`], body: '' })));
    expect(await expecting.status()).toBe(100);
    await expecting.send(BODY);
    await expect.poll(() => expecting.received, PATIENTLY).toContain('HTTP/1.1 200');
    await expecting.send(as(bare({})));
    await expect.poll(() => expecting.received.match(/HTTP\/1\.1 200/g), PATIENTLY).toHaveLength(2);
    expecting.socket.destroy();
    await gateway.rows(other, 4);
    gateway.upstream.seen.length = 0;
  });

  it('health, readiness and the greeting of clients answer without a key', async () => {
    expect((await call({ port: gateway.port, key: '', alias: 'healthz', path: '', method: 'GET' })).status).toBe(200);
    expect((await call({ port: gateway.port, key: '', alias: 'readyz', path: '', method: 'GET' })).status).toBe(200);
    expect((await call({ port: gateway.port, key: '', path: '/api/hello', method: 'HEAD' })).status).toBe(200);
    expect((await call({ port: gateway.port, key: '', alias: 'any-alias', path: '', method: 'HEAD' })).status).toBe(200);
  });
});
