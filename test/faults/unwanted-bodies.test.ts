/** Bodies of requests that are answered without them: the answer is read, and nothing is taken in for long. */
import { spawn } from 'node:child_process';
import * as http from 'node:http';
import { Agent, request as undiciRequest } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BareClient, call, errorOf, PATIENTLY, requestBody } from '../support/client-call.ts';
import { openTestGateway, type TestBuyer, type TestGateway } from '../support/gateway-in-process.ts';

const MB = 1024 * 1024;
let gateway: TestGateway;
let buyer: TestBuyer;
beforeAll(async () => void (gateway = await openTestGateway()));
afterEach(() => gateway.checkInvariants());
afterAll(() => gateway.close());

const url = (): string => `http://127.0.0.1:${gateway.port}/main/v1/messages`;
const head = (...lines: string[]): string => ['POST /main/v1/messages HTTP/1.1', 'host: localhost', ...lines, '', ''].join('\r\n');

/** Sends without a pause, like a client that reads no answer, until the connection is closed. */
async function pour(client: BareClient, piece: Buffer): Promise<void> {
  while (!client.socket.destroyed) await Promise.race([client.send(piece), client.closed]);
}

describe('a body of 33 MB is a 413 that its client reads:', () => {
  const body = Buffer.alloc(33 * MB, 0x20);
  const headers = (): Record<string, string> => ({ 'x-api-key': buyer.key, 'content-type': 'application/json' });

  it('fetch', async () => {
    buyer = gateway.buyer();
    const answer = await fetch(url(), { method: 'POST', headers: headers(), body });
    expect(answer.status).toBe(413);
    expect(errorOf({ text: await answer.text() }).type).toBe('request_too_large');
    await gateway.rows(buyer);
  });

  it('undici', async () => {
    buyer = gateway.buyer();
    const dispatcher = new Agent();
    const answer = await undiciRequest(url(), { method: 'POST', headers: headers(), body, dispatcher });
    expect(answer.statusCode).toBe(413);
    expect(errorOf({ text: await answer.body.text() }).type).toBe('request_too_large');
    await dispatcher.destroy();
    await gateway.rows(buyer);
  });

  it("Node's own client", async () => {
    buyer = gateway.buyer();
    const answer = await call({ port: gateway.port, key: buyer.key, body });
    expect(answer.status).toBe(413);
    expect(errorOf(answer).type).toBe('request_too_large');
    await gateway.rows(buyer);
  });

  it('a client that sends chunks of unknown number', async () => {
    buyer = gateway.buyer();
    const request = http.request(url(), { method: 'POST', headers: headers(), agent: false });
    request.on('error', () => undefined);
    const answered = new Promise<http.IncomingMessage>((resolve) => request.once('response', resolve));
    request.end(body);
    const answer = await answered;
    expect(answer.statusCode).toBe(413);
    expect(errorOf({ text: Buffer.concat(await answer.toArray()).toString('utf8') }).type).toBe('request_too_large');
    await gateway.rows(buyer);
  });

  it.each([['with Expect: 100-continue'], ['without']])('curl %s', async (how) => {
    buyer = gateway.buyer();
    const answer = await curl(['-H', `x-api-key: ${buyer.key}`, '-H', how === 'without' ? 'expect:' : 'expect: 100-continue', '--data-binary', '@-', url()], body);
    if (answer === null) return console.warn('curl is not installed: skipped');
    expect(errorOf({ text: answer }).type).toBe('request_too_large');
    await gateway.rows(buyer);
  });
});

/** What curl prints, or null when there is none. */
function curl(args: readonly string[], input: Buffer): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn('curl', ['-s', '-S', ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    let printed = '';
    child.once('error', () => resolve(null));
    child.stdin.on('error', () => undefined).end(input);
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString('utf8')));
    child.once('close', () => resolve(printed));
  });
}

describe('nothing is taken in for long', () => {
  const endless: Record<string, [string, number]> = {
    'without a key': [head('transfer-encoding: chunked'), 401],
    'with a length that never comes': [head('content-length: 30000000'), 401],
    'of a GET that needs no body': [head('transfer-encoding: chunked').replace('POST /main/v1/messages', 'GET /healthz'), 200],
    'of a HEAD that needs no body': [head('transfer-encoding: chunked').replace('POST /main/v1/messages', 'HEAD /main/api/hello'), 200],
    'of another name': [head('transfer-encoding: chunked').replace('localhost', 'evil.example'), 404],
  };

  it.each(Object.keys(endless))('of an endless body %s: it is answered at once, and cut', async (name) => {
    const [bytes, status] = endless[name] as [string, number];
    const client = new BareClient(gateway.port);
    await client.send(bytes);
    expect(await client.status()).toBe(status);
    expect(client.received.toLowerCase()).toContain('connection: close');
    await pour(client, Buffer.from(`10000\r\n${'x'.repeat(0x10000)}\r\n`));
    expect(client.socket.bytesWritten).toBeLessThan(64 * MB);
  });

  it('of a body that never comes: the connection ends', async () => {
    const client = new BareClient(gateway.port);
    await client.send(head('content-length: 1000'));
    expect(await client.status()).toBe(401);
    await client.closed;
  });

  it('of a body that was not asked for: no 100, and the connection ends', async () => {
    const client = new BareClient(gateway.port);
    await client.send(head('content-length: 1000', 'expect: 100-continue'));
    expect(await client.status()).toBe(401);
    await client.closed;
    expect(client.received).not.toContain('100 Continue');
  });
});

it('a refusal before its small body has come is whole, and nothing more is read as a request', async () => {
  const client = new BareClient(gateway.port);
  const body = JSON.stringify(requestBody());
  await client.send(head(`content-length: ${body.length}`) + body + head('content-length: 0'));
  await expect.poll(() => client.socket.destroyed, PATIENTLY).toBe(true);
  expect(client.received.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 401']);
  expect(errorOf({ text: client.received.slice(client.received.indexOf('\r\n\r\n') + 4) }).type).toBe('authentication_error');
});
