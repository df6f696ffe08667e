/** What a gateway does with the connections that it has when a successor accepts the new ones. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BareClient, Call, PATIENTLY, requestBody } from '../support/client-call.ts';
import { openTestGateway, type TestBuyer, type TestGateway } from '../support/gateway-in-process.ts';
import { messageDelta, messageDocument, messageStart, messageStop, textDelta } from '../support/message-stream.ts';
import { answers } from '../support/scripted-upstream.ts';

let gateway: TestGateway;
let buyer: TestBuyer;
beforeEach(async () => {
  gateway = await openTestGateway();
  buyer = gateway.buyer();
});
afterEach(async () => {
  await gateway.checkInvariants();
  await gateway.close();
});

const HEALTH = 'GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n';
const jsonRequest = (): string => {
  const body = JSON.stringify(requestBody({ stream: false }));
  return `POST /main/v1/messages HTTP/1.1\r\nhost: localhost\r\nx-api-key: ${buyer.key}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
};

/** A connection that has had an answer and is kept by both sides. */
async function keptConnection(): Promise<BareClient> {
  const client = new BareClient(gateway.port);
  await client.send(HEALTH);
  expect(await client.status()).toBe(200);
  expect(client.received).toMatch(/connection: keep-alive/i);
  return client;
}

it('an idle connection lives on, and its next request is answered as its last', async () => {
  const client = await keptConnection();
  const other = await keptConnection();
  let done = false;
  const handedOff = gateway.gateway.handOff().then(() => (done = true));
  gateway.upstream.next(answers.json(200, messageDocument()));
  // By now whatever closes at once has closed.
  await client.send(HEALTH.replace('GET', 'OPTIONS'));
  await client.closed;
  expect(other.socket.destroyed).toBe(false);
  expect(done).toBe(false);
  await other.send(jsonRequest());
  await other.closed;
  expect(other.received.split('HTTP/1.1')[2]).toMatch(/^ 200 [^]*\r\nconnection: close\r\n[^]*stop_reason/i);
  await handedOff;
  expect(await gateway.rows(buyer)).toMatchObject([{ status: 'completed' }]);
});

it('a request that runs is answered whole, and its connection ends when the answer has not begun', async () => {
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  gateway.upstream.next(async (peer) => {
    await finished;
    await answers.json(200, messageDocument())(peer);
  });
  const client = new BareClient(gateway.port);
  await client.send(jsonRequest());
  await expect.poll(() => gateway.upstream.seen.length, PATIENTLY).toBe(1);
  const handedOff = gateway.gateway.handOff();
  expect(gateway.gateway.unanswered()).toBe(1);
  finish();
  await client.closed;
  expect(client.received).toMatch(/^HTTP\/1.1 200 [^]*\r\nconnection: close\r\n[^]*stop_reason/i);
  await handedOff;
  await gateway.rows(buyer);
});

it('a stop in the middle closes idle connections at once and cuts what runs after the grace', async () => {
  const idle = await keptConnection();
  gateway.upstream.next(async (peer) => {
    await peer.head(200, { 'content-type': 'text/event-stream' });
    await peer.write(messageStart() + textDelta('x'.repeat(60)));
    await peer.whenClosed();
  });
  const running = new Call({ port: gateway.port, key: buyer.key });
  await running.until('xxx');
  const handedOff = gateway.gateway.handOff();
  const drained = gateway.gateway.drain();
  await idle.closed;
  await gateway.gateway.abort();
  expect((await running.answer).text).toMatch(/event: error/);
  await Promise.all([handedOff, drained]);
  expect(await gateway.rows(buyer)).toMatchObject([{ status: 'interrupted', usage_source: 'estimated' }]);
});

it('a stream that began before ends as it began, and its connection takes one more request', async () => {
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  gateway.upstream.next(async (peer) => {
    await peer.head(200, { 'content-type': 'text/event-stream' });
    await peer.write(messageStart() + textDelta('x'.repeat(60)));
    await finished;
    await peer.end(messageDelta() + messageStop());
  }, answers.json(200, messageDocument()));
  const client = new BareClient(gateway.port);
  await client.send(jsonRequest().replace(/content-length: \d+\r\n\r\n.*/, () => {
    const body = JSON.stringify(requestBody());
    return `content-length: ${body.length}\r\n\r\n${body}`;
  }));
  await expect.poll(() => client.received, PATIENTLY).toContain('xxx');
  const handedOff = gateway.gateway.handOff();
  finish();
  await expect.poll(() => client.received, PATIENTLY).toMatch(/message_stop[^]*\r\n0\r\n\r\n$/);
  expect(client.socket.destroyed).toBe(false);
  await client.send(jsonRequest());
  await client.closed;
  expect(client.received.split('HTTP/1.1')[2]).toMatch(/^ 200 [^]*\r\nconnection: close\r\n/i);
  await handedOff;
  await gateway.rows(buyer, 2);
});
