import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Call, requestBody } from '../support/client-call.ts';
import { openTestGateway, type TestGateway } from '../support/gateway-in-process.ts';
import { messageDelta, messageDocument, messageStart, messageStop, textDelta } from '../support/message-stream.ts';

const MB = 1024 * 1024;
let gateway: TestGateway;
beforeAll(async () => void (gateway = await openTestGateway({ limits: { responseBufferBytesMax: MB } })));
afterEach(() => gateway.checkInvariants());
afterAll(() => gateway.close());

/** What the sockets' own buffers may hold between upstream, gateway and client on this machine. */
const SOCKETS_BYTES_MAX = 24 * MB;

describe('a client that reads slowly', () => {
  it('slows a stream of 64 MB down instead of filling memory, and gets all of it when it reads on', async () => {
    const buyer = gateway.buyer();
    const piece = textDelta('y'.repeat(64 * 1024));
    const pieces = 1_024;
    let sent = 0;
    gateway.upstream.next(async (peer) => {
      await peer.head(200, { 'content-type': 'text/event-stream' });
      await peer.write(messageStart());
      for (; sent < pieces; sent++) await peer.write(piece);
      await peer.end(messageDelta() + messageStop());
    });
    const running = new Call({ port: gateway.port, key: buyer.key });
    const response = await running.head;
    response.pause();
    await stopped(() => sent);
    expect(sent * piece.length).toBeLessThan(SOCKETS_BYTES_MAX);
    response.resume();
    const answer = await running.answer;
    expect(answer.whole).toBe(true);
    expect(answer.body.length).toBe(messageStart().length + pieces * piece.length + messageDelta().length + messageStop().length);
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'completed', charge: 110, usage_source: 'reported' });
  });

  it('slows a JSON body above the buffer down, too', async () => {
    const buyer = gateway.buyer();
    const document = messageDocument({ input_tokens: 10, output_tokens: 20 }, 'z'.repeat(64 * MB));
    let sent = 0;
    gateway.upstream.next(async (peer) => {
      await peer.head(200, { 'content-type': 'application/json', framing: document.length });
      for (; sent < document.length; sent += 65_536) await peer.write(document.slice(sent, sent + 65_536));
    });
    const running = new Call({ port: gateway.port, key: buyer.key, body: requestBody({ stream: false }) });
    const response = await running.head;
    response.pause();
    await stopped(() => sent);
    expect(sent).toBeLessThan(SOCKETS_BYTES_MAX);
    response.resume();
    expect((await running.answer).body.length).toBe(document.length);
    await gateway.rows(buyer);
  });

  it('and leaves while the upstream waits for it is drained to the exact charge', async () => {
    const buyer = gateway.buyer();
    const piece = textDelta('y'.repeat(64 * 1024));
    let sent = 0;
    gateway.upstream.next(async (peer) => {
      await peer.head(200, { 'content-type': 'text/event-stream' });
      await peer.write(messageStart());
      for (; sent < 400; sent++) await peer.write(piece);
      await peer.end(messageDelta() + messageStop());
    });
    const running = new Call({ port: gateway.port, key: buyer.key });
    (await running.head).pause();
    await stopped(() => sent);
    running.leave();
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'client_left', usage_source: 'drained', charge: 110 });
  });
});

/** Resolves once a count has not moved for a while. */
async function stopped(count: () => number): Promise<void> {
  for (let last = -1; last !== count(); ) {
    last = count();
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
