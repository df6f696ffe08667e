import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bareCall, BareClient, call, errorOf, moment, PATIENTLY, requestBody } from '../support/client-call.ts';
import { openTestGateway, type TestBuyer, type TestGateway } from '../support/gateway-in-process.ts';
import { reachableAtMost, reachableBytes } from '../support/memory.ts';
import { messageDocument, MODEL } from '../support/message-stream.ts';
import { answers } from '../support/scripted-upstream.ts';

const MB = 1024 * 1024;
let gateway: TestGateway;
let buyer: TestBuyer;
beforeAll(async () => void (gateway = await openTestGateway({ limits: { requestBodyBytesMax: MB, bodyMemoryBytesMax: 8 * MB } })));
afterEach(() => gateway.checkInvariants());
afterAll(() => gateway.close());

const head = (...lines: string[]): string => ['POST /main/v1/messages HTTP/1.1', 'host: localhost', `x-api-key: ${buyer.key}`, ...lines, '', ''].join('\r\n');
const send = (body: string | Buffer, headers: Record<string, string> = {}) => call({ port: gateway.port, key: buyer.key, body, headers });

/** Refused in words, with a row and nothing forwarded, held or charged. */
async function expectRefused(answer: { status: number; text: string }, status: number, code: string): Promise<string> {
  expect(answer.status).toBe(status);
  const { message } = errorOf(answer);
  const [row] = await gateway.rows(buyer);
  expect(row).toMatchObject({ status: 'refused', http_status: status, error_code: code, charge: 0, hold: null });
  expect(gateway.upstream.seen).toEqual([]);
  return message;
}

describe('a body above the limit', () => {
  it('is a 413 by its declared length, before it is sent', async () => {
    buyer = gateway.buyer();
    const client = new BareClient(gateway.port);
    await client.send(head(`content-length: ${33 * MB}`));
    expect(await client.status()).toBe(413);
    client.socket.destroy();
    await gateway.rows(buyer);
  });

  it('is a 413 before the client is told to continue', async () => {
    buyer = gateway.buyer();
    const client = new BareClient(gateway.port);
    await client.send(head(`content-length: ${33 * MB}`, 'expect: 100-continue'));
    expect(await client.status()).toBe(413);
    client.socket.destroy();
    await gateway.rows(buyer);
  });

  it('is a 413 when its chunks add up to it', async () => {
    buyer = gateway.buyer();
    const client = new BareClient(gateway.port);
    await client.send(head('transfer-encoding: chunked'));
    const piece = Buffer.from(`40000\r\n${'x'.repeat(0x40000)}\r\n`);
    for (let i = 0; i < 6 && client.received === ''; i++) await client.send(piece);
    expect(await client.status()).toBe(413);
    client.socket.destroy();
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ http_status: 413, error_code: 'body_too_large' });
  });

  it('is a 413 when it is compressed, before more than the limit is unpacked', async () => {
    buyer = gateway.buyer();
    const bomb = gzipSync(Buffer.alloc(20 * MB, 0x20));
    await expectRefused(await send(bomb, { 'content-encoding': 'gzip' }), 413, 'body_too_large');
  });

  it('of exactly the limit passes', async () => {
    buyer = gateway.buyer('10');
    const frame = JSON.stringify(requestBody({ stream: false, metadata: { pad: '' } }));
    const body = frame.replace('"pad":""', `"pad":"${'p'.repeat(MB - frame.length)}"`);
    expect(body.length).toBe(MB);
    gateway.upstream.next(answers.json(200, messageDocument()));
    expect((await send(body)).status).toBe(200);
    expect(gateway.upstream.seen[0]?.body.length).toBe(MB);
    await gateway.rows(buyer);
  });
});

describe('a compressed body', () => {
  const plain = Buffer.from(JSON.stringify(requestBody({ stream: false })));
  it.each([
    ['gzip', gzipSync(plain)],
    ['deflate', deflateSync(plain)],
    ['br', brotliCompressSync(plain)],
    ['zstd', zstdCompressSync(plain)],
  ])('(%s) is decoded and goes upstream plain', async (encoding, bytes) => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.json(200, messageDocument()));
    expect((await send(bytes, { 'content-encoding': encoding })).status).toBe(200);
    const [seen] = gateway.upstream.seen;
    expect(seen?.body.equals(plain)).toBe(true);
    expect(seen?.rawHeaders.map(([name]) => name.toLowerCase())).not.toContain('content-encoding');
    await gateway.rows(buyer);
  });

  it('in a way that is not known is a 400 naming those that are', async () => {
    buyer = gateway.buyer();
    expect(await expectRefused(await send(plain, { 'content-encoding': 'lzma' }), 400, 'unsupported_encoding')).toContain('gzip');
  });

  it('twice over is a 400', async () => {
    buyer = gateway.buyer();
    await expectRefused(await send(gzipSync(gzipSync(plain)), { 'content-encoding': 'gzip, gzip' }), 400, 'unsupported_encoding');
  });

  it('that is damaged is a 400', async () => {
    buyer = gateway.buyer();
    await expectRefused(await send(gzipSync(plain).subarray(0, 40), { 'content-encoding': 'gzip' }), 400, 'malformed_body');
  });
});

describe('bodies in memory', () => {
  it('are bounded per buyer: beyond a quarter of all it is a 503 with retry-after, and others go on', async () => {
    buyer = gateway.buyer();
    const holding = [new BareClient(gateway.port), new BareClient(gateway.port)];
    for (const client of holding) await client.send(head(`content-length: ${MB - 10}`) + '{');
    await expect.poll(async () => (await send(JSON.stringify(requestBody({ pad: 'x'.repeat(20) })))).status, PATIENTLY).toBe(503);
    const answer = await send(JSON.stringify(requestBody()));
    expect(answer.status).toBe(503);
    expect(errorOf(answer).type).toBe('overloaded_error');
    expect(answer.headers['retry-after']).toBe('1');
    gateway.upstream.always(answers.json(200, messageDocument()));
    expect((await call({ port: gateway.port, key: gateway.buyer().key })).status).toBe(200);
    for (const client of holding) client.socket.destroy();
    await Promise.all(holding.map(({ closed }) => closed));
    await expect.poll(async () => (await send(JSON.stringify(requestBody()))).status, PATIENTLY).toBe(200);
  });

  it('are bounded while they are unpacked: sixty bombs at once take no more than their buyer may have', async () => {
    buyer = gateway.buyer();
    const bomb = zstdCompressSync(Buffer.from(JSON.stringify(requestBody({ model: 'nope', pad: 'x'.repeat(MB - 300) }))));
    expect(bomb.length).toBeLessThan(1000);
    const statuses = new Set<number>();
    const one = async (): Promise<void> => void statuses.add((await send(bomb, { 'content-encoding': 'zstd' })).status);
    const grown = await reachableAtMost(() => Promise.all(Array.from({ length: 60 }, one)));
    expect(statuses).toEqual(new Set([400, 503]));
    expect(grown).toBeLessThan(20 * MB);
  });

  it('take as much as their bytes, in chunks of one byte too', async () => {
    buyer = gateway.buyer();
    const before = reachableBytes();
    const client = new BareClient(gateway.port);
    await client.send(head('transfer-encoding: chunked'));
    await client.send('1\r\nx\r\n'.repeat(300_000));
    await moment(gateway.port);
    expect(reachableBytes() - before).toBeLessThan(12 * MB);
    client.socket.destroy();
    await client.closed;
  });

  it('are given back whatever becomes of the request', async () => {
    buyer = gateway.buyer('10');
    const big = (more: string): string => `{"model":"${MODEL}","max_tokens":10,"messages":[],"pad":"${'p'.repeat(MB - 200)}"${more}}`;
    for (let i = 0; i < 6; i++) {
      expect((await send(big(',"thread":{"id":"x"}'))).status).toBe(400);
      expect((await send(big(',')).catch(() => ({ status: 0 }))).status).toBe(400);
      expect((await send(gzipSync(big('')).subarray(0, 500), { 'content-encoding': 'gzip' })).status).toBe(400);
    }
    gateway.upstream.next(answers.json(200, messageDocument()));
    expect((await send(big(''))).status).toBe(200);
    await gateway.rows(buyer, 19);
  });
});

describe('a body that cannot be metered is refused in words', () => {
  const refused: Record<string, [Record<string, unknown>, RegExp]> = {
    container: [{ container: 'container_1' }, /allow: \[container\]/],
    'code execution': [{ tools: [{ type: 'code_execution_20250825', name: 'code_execution' }] }, /allow: \[code_execution\]/],
    'mcp servers': [{ mcp_servers: [{ type: 'url', url: 'https://x', name: 'x' }] }, /allow: \[mcp_servers\]/],
    'a file id': [{ messages: [{ role: 'user', content: [{ type: 'document', source: { type: 'file', file_id: 'file_1' } }] }] }, /allow: \[files\]/],
    'an advisor': [{ tools: [{ type: 'advisor_20260301', name: 'advisor', model: 'claude-opus-4-7' }] }, /allow: \[advisor\]/],
    fallbacks: [{ fallbacks: [{ model: 'claude-opus-4-7' }] }, /allow: \[fallbacks\]/],
    'fast speed': [{ speed: 'fast' }, /No setting/],
    'a tool of an unknown type': [{ tools: [{ type: 'teleporter_20270101', name: 't' }] }, /teleporter_20270101/],
  };
  it.each(Object.keys(refused))('%s', async (name) => {
    buyer = gateway.buyer();
    const [more, words] = refused[name] as [Record<string, unknown>, RegExp];
    expect(await expectRefused(await send(JSON.stringify(requestBody(more))), 400, 'not_meterable')).toMatch(words);
  });

  it('a thread, with the code after which the SDK goes on without', async () => {
    buyer = gateway.buyer();
    const answer = await send(JSON.stringify(requestBody({ thread: { type: 'new' } })));
    await expectRefused(answer, 400, 'thread_unsupported');
    expect(errorOf(answer).details).toEqual({ error_code: 'thread_unsupported_request' });
    expect(answer.headers).not.toHaveProperty('x-should-retry');
  });

  it('a model that the route does not have, naming those it has', async () => {
    buyer = gateway.buyer();
    const answer = await send(JSON.stringify(requestBody({ model: 'gpt-9' })));
    const message = await expectRefused(answer, 400, 'model_not_offered');
    expect(message).toContain('claude-haiku-4-5');
    expect(answer.headers['x-should-retry']).toBe('false');
  });
});

describe('a body that is not the JSON that the upstream would read is a 400 with the position:', () => {
  const malformed: Record<string, string | Buffer> = {
    'nothing at all': '',
    'an array': '[]',
    'a byte order mark': '\uFEFF{}',
    'a model that comes twice': `{"model":"${MODEL}","model":"claude-opus-4-7","max_tokens":1,"messages":[]}`,
    'a max_tokens that comes twice, once escaped': `{"model":"${MODEL}","max_tokens":1,"max\\u005ftokens":9,"messages":[]}`,
    'invalid UTF-8': Buffer.concat([Buffer.from(`{"model":"${MODEL}","messages":"`), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]),
    'trailing data': `{"model":"${MODEL}","max_tokens":1,"messages":[]} {}`,
    'an end too early': `{"model":"${MODEL}","messages":[`,
    'depth above 64': `{"model":"${MODEL}","messages":${'['.repeat(80)}${']'.repeat(80)}}`,
    'no model': '{"max_tokens":1,"messages":[]}',
  };
  it.each(Object.keys(malformed))('%s', async (name) => {
    buyer = gateway.buyer();
    expect(await expectRefused(await send(malformed[name] as string | Buffer), 400, 'malformed_body')).toMatch(/byte \d+/);
  });

  it('a megabyte of opening brackets', async () => {
    buyer = gateway.buyer();
    await expectRefused(await send('['.repeat(MB - 1)), 400, 'malformed_body');
  });
});

it('a request without a length has no body and is refused', async () => {
  buyer = gateway.buyer();
  const answer = await bareCall(gateway.port, head());
  expect(answer.status).toBe(400);
  await gateway.rows(buyer);
});
