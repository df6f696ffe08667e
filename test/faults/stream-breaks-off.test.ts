import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { call, errorOf, requestBody } from '../support/client-call.ts';
import { openTestGateway, type TestBuyer, type TestGateway } from '../support/gateway-in-process.ts';
import { errorDocument, event, messageDelta, messageDocument, messageStart, messageStop, textDelta, wholeStream } from '../support/message-stream.ts';
import { answers, type Peer, type Script } from '../support/scripted-upstream.ts';

let gateway: TestGateway;
let buyer: TestBuyer;
beforeAll(async () => void (gateway = await openTestGateway()));
afterEach(() => gateway.checkInvariants());
afterAll(() => gateway.close());

const ask = (more: Record<string, unknown> = {}) => call({ port: gateway.port, key: buyer.key, body: requestBody(more) });
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** 60 bytes of text after `message_start`, then what `last` does. */
const breaking =
  (framing: 'chunked' | 'close', last: (peer: Peer) => Promise<void> | void): Script =>
  async (peer) => {
    await peer.head(200, { 'content-type': 'text/event-stream', framing });
    await peer.write(messageStart() + textDelta('x'.repeat(60)));
    await wait(30);
    await last(peer);
  };

/** It ended with our `event: error`, and cost 10 input tokens and 60 bytes at 3 a token. */
async function expectPartial(answer: { text: string; status: number; whole: boolean }): Promise<void> {
  expect(answer).toMatchObject({ status: 200, whole: true });
  expect(answer.text).toContain('xxx');
  expect(answer.text).toMatch(/\n\nevent: error\ndata: \{"type":"error","error":\{"type":"api_error","message":"[^"]+"\},"request_id":"req_[0-9a-z]+"\}\n\n$/);
  expect(answer.text).not.toMatch(/event: message_stop|"type":"message_stop"/);
  const [row] = await gateway.rows(buyer);
  expect(row).toMatchObject({ status: 'interrupted', http_status: 200, error_code: 'upstream_broken', usage_source: 'estimated', input_tokens: 10, output_tokens: 20, charge: 110, shortfall: 0 });
  expect(gateway.logs.map((line) => line.event)).toContain('alert_usage_estimated');
}

describe('a stream that breaks off', () => {
  it('by a reset ends with event: error and costs what was seen', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(breaking('chunked', (peer) => peer.reset()));
    await expectPartial(await ask());
  });

  it('by a reset of a body that the connection delimits ends with event: error', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(breaking('close', (peer) => peer.reset()));
    await expectPartial(await ask());
  });

  it('by the end of the connection within a chunked body ends with event: error', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(breaking('chunked', (peer) => peer.close()));
    await expectPartial(await ask());
  });

  it('by a clean end of the connection without message_stop ends with event: error', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(breaking('close', (peer) => peer.end()));
    await expectPartial(await ask());
  });

  it('by a clean last chunk without message_stop ends with event: error', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(breaking('chunked', (peer) => peer.end()));
    await expectPartial(await ask());
  });

  it('by a chunk that is none ends with event: error', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(breaking('chunked', (peer) => peer.raw('zz\r\nnot a chunk\r\n')));
    await expectPartial(await ask());
  });

  it('in the middle of an event ends with an event: error that a client can read', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(breaking('chunked', async (peer) => {
      await peer.write('event: content_block_delta\ndata: {"type":"content_bl');
      await peer.end();
    }));
    await expectPartial(await ask());
  });

  it('in the middle of message_stop never shows it', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(breaking('chunked', async (peer) => {
      await peer.write(messageStop().slice(0, -10));
      peer.reset();
    }));
    await expectPartial(await ask());
  });

  it('after its final usage is charged exactly', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(breaking('chunked', async (peer) => {
      await peer.write(messageDelta({ output_tokens: 33 }));
      await peer.end();
    }));
    const answer = await ask();
    expect(answer.text).toMatch(/event: error/);
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'interrupted', usage_source: 'reported', output_tokens: 33, charge: 10 + 33 * 5 });
  });

  it('before its first event costs nothing and is counted as exposure', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.sse([]));
    const answer = await ask();
    expect(answer.text).toMatch(/^event: error\n/);
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'interrupted', usage_source: 'none', charge: 0, flags: '["exposure"]' });
  });
});

describe("an upstream's own error event", () => {
  const overloaded = event({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } });

  it('after some text is passed on as it is, nothing added, and costs what was seen', async () => {
    buyer = gateway.buyer();
    const pieces = [messageStart(), textDelta('x'.repeat(60)), overloaded];
    gateway.upstream.next(answers.sse(pieces));
    expect((await ask()).text).toBe(pieces.join(''));
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'interrupted', http_status: 200, error_code: 'overloaded_error', usage_source: 'estimated', charge: 110 });
  });

  it('as the whole of a 200 is passed on and costs nothing', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.sse(overloaded));
    expect((await ask()).text).toBe(overloaded);
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ error_code: 'overloaded_error', usage_source: 'none', charge: 0 });
  });

  it('as a JSON document in a 200 is passed on and costs nothing', async () => {
    buyer = gateway.buyer();
    const document = errorDocument('overloaded_error', 'Overloaded');
    gateway.upstream.next(answers.json(200, document));
    expect(await ask()).toMatchObject({ status: 200, text: document });
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'upstream_error', error_code: 'overloaded_error', usage_source: 'none', charge: 0 });
  });
});

describe('a 200 of another kind than was asked for', () => {
  it('a JSON message for stream: true is metered as JSON', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.json(200, messageDocument()));
    const answer = await ask();
    expect(answer).toMatchObject({ status: 200, text: messageDocument() });
    expect(answer.headers['x-ainogap-charge-usd-micros']).toBe('110');
  });

  it('a stream without stream: true is metered as a stream', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.sse(wholeStream()));
    expect((await ask({ stream: false })).text).toBe(wholeStream().join(''));
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'completed', charge: 110, usage_source: 'reported' });
  });

  it('a page of HTML is passed on, and what it cost is an estimate within the hold', async () => {
    buyer = gateway.buyer();
    const page = `<html>${'x'.repeat(84)}</html>`.slice(0, 90);
    gateway.upstream.next(answers.json(200, page, { 'content-type': 'text/html' }));
    expect((await ask()).text).toBe(page);
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'interrupted', usage_source: 'estimated', charge: 150 });
    expect(gateway.logs.map((line) => line.event)).toContain('alert_usage_flagged');
  });
});

describe('a JSON body that breaks off', () => {
  it.each(['reset', 'close'] as const)('by a %s is a 502 that costs nothing, for nothing of it was relayed', async (how) => {
    buyer = gateway.buyer();
    gateway.upstream.next(async (peer) => {
      await peer.head(200, { 'content-type': 'application/json', framing: 5000 });
      await peer.raw(messageDocument().slice(0, 60));
      await wait(30);
      peer[how]();
    });
    const answer = await ask({ stream: false });
    expect(answer.status).toBe(502);
    expect(errorOf(answer).type).toBe('api_error');
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'interrupted', http_status: 502, error_code: 'upstream_broken', usage_source: 'none', charge: 0, flags: '["exposure"]' });
  });
});
