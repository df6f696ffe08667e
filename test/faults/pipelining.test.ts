import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BareClient, moment, PATIENTLY, requestBody } from '../support/client-call.ts';
import { openTestGateway, type TestBuyer, type TestGateway } from '../support/gateway-in-process.ts';
import { messageDelta, messageDocument, messageStart, messageStop, textDelta, wholeStream } from '../support/message-stream.ts';
import { answers } from '../support/scripted-upstream.ts';

let gateway: TestGateway;
let buyer: TestBuyer;
beforeAll(async () => void (gateway = await openTestGateway({ config: { drain: { ms: 1_000, concurrent: 64 } } })));
afterEach(() => gateway.checkInvariants());
afterAll(() => gateway.close());

function post(more: Readonly<Record<string, unknown>> = {}): string {
  const body = JSON.stringify(requestBody(more));
  return `POST /main/v1/messages HTTP/1.1\r\nhost: localhost\r\nx-api-key: ${buyer.key}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

const statuses = (client: BareClient): string[] => client.received.match(/HTTP\/1\.1 \d{3}/g) ?? [];

describe('a connection on which a second request comes before the answer to the first', () => {
  it('gets that answer whole and ends, and the second request is not begun', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.sse(wholeStream()));
    const client = new BareClient(gateway.port);
    await client.send(post() + post() + post());
    await client.closed;
    expect(statuses(client)).toEqual(['HTTP/1.1 200']);
    expect(client.received).toContain('event: message_stop');
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'completed', charge: 110 });
    expect(gateway.upstream.seen).toHaveLength(1);
  });

  it('has no more than one request upstream, however many come', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(async (peer) => {
      await peer.head(200, { 'content-type': 'text/event-stream' });
      await peer.write(messageStart());
      await peer.whenClosed();
    });
    const client = new BareClient(gateway.port);
    await client.send(post());
    await expect.poll(() => client.received, PATIENTLY).toContain('message_start');
    await client.send(post().repeat(500));
    await client.closed;
    expect(gateway.upstream.seen).toHaveLength(1);
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'client_left' });
  });

  it('is seen to be left, though bytes that nobody wants came before', async () => {
    buyer = gateway.buyer();
    let cut = (): void => undefined;
    const wasCut = new Promise<void>((resolve) => (cut = resolve));
    gateway.upstream.next(async (peer) => {
      await peer.head(200, { 'content-type': 'text/event-stream' });
      await peer.write(messageStart() + textDelta('Hello'));
      await peer.whenClosed();
      cut();
    });
    const client = new BareClient(gateway.port);
    await client.send(post());
    await expect.poll(() => client.received, PATIENTLY).toContain('Hello');
    await client.send(post({ pad: 'x'.repeat(100_000) }));
    await moment(gateway.port);
    client.socket.destroy();
    await wasCut;
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'client_left' });
  });

  it('does not get the answer to what is no request for that to its request', async () => {
    buyer = gateway.buyer();
    let begun = false;
    gateway.upstream.next(async (peer) => {
      begun = true;
      await peer.whenClosed();
    });
    const client = new BareClient(gateway.port);
    await client.send(post({ stream: false }));
    await expect.poll(() => begun, PATIENTLY).toBe(true);
    await client.send('GARBAGE\r\n\r\n');
    await client.closed;
    expect(client.received).toBe('');
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'client_left', http_status: 0 });
  });
});

describe('a connection on which requests come one after the other', () => {
  it('stays open, for small answers, large ones and refusals of whole requests', async () => {
    buyer = gateway.buyer();
    const client = new BareClient(gateway.port);
    for (let i = 1; i <= 5; i++) {
      const large = 'x'.repeat(i * 200_000);
      gateway.upstream.next(answers.json(200, messageDocument({ input_tokens: 10, output_tokens: 20 }, large)));
      await client.send(post({ stream: false }));
      await expect.poll(() => client.received.endsWith('}}'), PATIENTLY).toBe(true);
      expect(statuses(client)).toHaveLength(2 * i - 1);
      await client.send(post({ model: 'nope' }));
      await expect.poll(() => statuses(client), PATIENTLY).toHaveLength(2 * i);
      await expect.poll(() => client.received.endsWith('"}'), PATIENTLY).toBe(true);
    }
    client.socket.destroy();
    await gateway.rows(buyer, 10);
  });
});

it('a client that closes its half of the connection has left: its request is drained and charged', async () => {
  buyer = gateway.buyer();
  const client = new BareClient(gateway.port);
  gateway.upstream.next(async (peer) => {
    await peer.head(200, { 'content-type': 'text/event-stream' });
    await peer.write(messageStart());
    await client.closed;
    await moment(gateway.port);
    await peer.end(messageDelta() + messageStop());
  });
  await client.send(post());
  await expect.poll(() => client.received, PATIENTLY).toContain('message_start');
  client.socket.end();
  const [row] = await gateway.rows(buyer);
  expect(row).toMatchObject({ status: 'client_left', usage_source: 'drained', charge: 110 });
});
