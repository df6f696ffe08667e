import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { call, requestBody } from '../support/client-call.ts';
import { openTestGateway, type TestGateway } from '../support/gateway-in-process.ts';
import { messageDocument } from '../support/message-stream.ts';

let gateway: TestGateway;
afterEach(() => gateway.checkInvariants());

describe.each([0, 1, 200])('with a response buffer of %d bytes', (responseBufferBytesMax) => {
  beforeAll(async () => void (gateway = await openTestGateway({ limits: { responseBufferBytesMax } })));
  afterAll(() => gateway.close());

  it.each([10, 300, 5_000, 500_000])('a JSON answer with a text of %d bytes, in pieces, passes whole and is charged exactly', async (length) => {
    const buyer = gateway.buyer();
    const document = messageDocument({ input_tokens: 10, output_tokens: 20 }, 'z'.repeat(length));
    gateway.upstream.next(async (peer) => {
      await peer.head(200, { 'content-type': 'application/json' });
      for (const piece of [document.slice(0, 7), document.slice(7, 250), document.slice(250)]) if (piece !== '') await peer.write(piece);
      await peer.end();
    });
    const answer = await call({ port: gateway.port, key: buyer.key, body: requestBody({ stream: false }) });
    expect(answer).toMatchObject({ status: 200, whole: true, text: document });
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'completed', usage_source: 'reported', charge: 110 });
  });
});
