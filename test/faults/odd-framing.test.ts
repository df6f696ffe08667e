import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { call, errorOf, requestBody } from '../support/client-call.ts';
import { openTestGateway, type TestBuyer, type TestGateway } from '../support/gateway-in-process.ts';
import { messageDelta, messageDocument, messageStart, messageStop, textDelta, USUAL_CHARGE, wholeStream } from '../support/message-stream.ts';
import { answers, type Script } from '../support/scripted-upstream.ts';

let gateway: TestGateway;
let buyer: TestBuyer;
beforeAll(async () => void (gateway = await openTestGateway()));
afterEach(() => gateway.checkInvariants());
afterAll(() => gateway.close());

const ask = (more: Record<string, unknown> = {}) => call({ port: gateway.port, key: buyer.key, body: requestBody(more) });

async function expectUsual(): Promise<void> {
  const [row] = await gateway.rows(buyer);
  expect(row).toMatchObject({ status: 'completed', usage_source: 'reported', charge: Number(USUAL_CHARGE), flags: null });
}

const encoded =
  (contentType: string, encoding: string, bytes: Buffer): Script =>
  async (peer) => {
    await peer.head(200, { 'content-type': contentType, 'content-encoding': encoding });
    for (let at = 0; at < bytes.length; at += 64) await peer.write(bytes.subarray(at, at + 64));
    await peer.end();
  };

describe('a response that came compressed although identity was asked for', () => {
  it('as a stream is decoded, metered and passed on without the header', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(encoded('text/event-stream', 'gzip', gzipSync(wholeStream().join(''))));
    const answer = await ask();
    expect(answer.text).toBe(wholeStream().join(''));
    expect(answer.headers).not.toHaveProperty('content-encoding');
    await expectUsual();
  });

  it('as JSON is decoded, metered and passed on without the header', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(encoded('application/json', 'br', brotliCompressSync(messageDocument())));
    const answer = await ask({ stream: false });
    expect(answer).toMatchObject({ status: 200, text: messageDocument() });
    expect(answer.headers['x-ainogap-charge-usd-micros']).toBe(String(USUAL_CHARGE));
    await expectUsual();
  });

  it('in a way that is not known is a 502 with no charge', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(encoded('application/json', 'compress', Buffer.from('??')));
    const answer = await ask({ stream: false });
    expect(answer.status).toBe(502);
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'interrupted', charge: 0, flags: '["exposure"]' });
  });

  it('and is damaged ends with event: error, charged by what could be read', async () => {
    buyer = gateway.buyer();
    const bytes = gzipSync(messageStart() + textDelta(noise(60_000)) + messageDelta() + messageStop());
    bytes.fill(0, bytes.length - 2_000);
    gateway.upstream.next(encoded('text/event-stream', 'gzip', bytes));
    const answer = await ask();
    expect(answer.text).toMatch(/event: error\ndata: [^\n]+\n\n$/);
    expect(answer.text).not.toMatch(/event: message_stop/);
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'interrupted', input_tokens: 10 });
  });

  it('and is cut ends with event: error, charged by what could be read', async () => {
    buyer = gateway.buyer();
    const bytes = gzipSync(messageStart() + textDelta('x'.repeat(60)) + noise(20_000));
    gateway.upstream.next(async (peer) => {
      await peer.head(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
      await peer.write(bytes.subarray(0, -4_000));
      await new Promise((resolve) => setTimeout(resolve, 30));
      peer.reset();
    });
    const answer = await ask();
    expect(answer.text).toContain('xxx');
    expect(answer.text).toMatch(/event: error\ndata: [^\n]+\n\n$/);
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'interrupted', usage_source: 'estimated', output_tokens: 20 });
  });
});

describe('the same events in another shape', () => {
  it('one byte per chunk give the same bytes and the same charge', async () => {
    buyer = gateway.buyer();
    const text = wholeStream('grüße 🌍').join('');
    gateway.upstream.next(answers.sse([...Buffer.from(text)].map((byte) => Buffer.from([byte]))));
    expect((await ask()).text).toBe(text);
    await expectUsual();
  });

  it.each([
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ])('with %s as line ends give the same bytes and the same charge', async (_, end) => {
    buyer = gateway.buyer();
    const text = wholeStream().join('').replaceAll('\n', end);
    gateway.upstream.next(answers.sse([text.slice(0, 301), text.slice(301)]));
    expect((await ask()).text).toBe(text);
    await expectUsual();
  });

  it('without a space after the colon, and without event lines, give the same charge', async () => {
    buyer = gateway.buyer();
    const text = wholeStream()
      .join('')
      .replaceAll(/event: .*\n/g, '')
      .replaceAll('data: ', 'data:');
    gateway.upstream.next(answers.sse(text));
    expect((await ask()).text).toBe(text);
    await expectUsual();
  });

  it('with characters that are cut across chunks give the same bytes', async () => {
    buyer = gateway.buyer();
    const bytes = Buffer.from(wholeStream('🌍🌍🌍').join(''));
    const middle = bytes.indexOf(Buffer.from('🌍')) + 6;
    gateway.upstream.next(answers.sse([bytes.subarray(0, middle), bytes.subarray(middle)]));
    expect((await ask()).body.equals(bytes)).toBe(true);
    await expectUsual();
  });

  it('in a body that the connection delimits give the same charge', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.sse(wholeStream(), { framing: 'close' }));
    expect((await ask()).text).toBe(wholeStream().join(''));
    await expectUsual();
  });

  it('all in one packet with the head give the same charge', async () => {
    buyer = gateway.buyer();
    const body = wholeStream().join('');
    gateway.upstream.next(async (peer) => {
      await peer.raw(`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    });
    expect((await ask()).text).toBe(body);
    await expectUsual();
  });

  it('after an informational response give the same charge', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(async (peer) => {
      await peer.raw('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n');
      await peer.sse(wholeStream());
    });
    expect((await ask()).text).toBe(wholeStream().join(''));
    await expectUsual();
  });

  it('with their content type in another case, or given twice, give the same charge', async () => {
    buyer = gateway.buyer();
    const body = wholeStream().join('');
    const twice = (lines: string) => `HTTP/1.1 200 OK\r\n${lines}content-length: ${body.length}\r\n\r\n${body}`;
    gateway.upstream.next(
      async (peer) => peer.raw(twice('Content-Type: Text/Event-Stream; charset=UTF-8\r\n')),
      async (peer) => peer.raw(twice('content-type: text/event-stream\r\ncontent-type: text/event-stream\r\nretry-after: 1\r\nretry-after: 2\r\nrequest-id: a\r\nrequest-id: b\r\n')),
    );
    expect((await ask()).text).toBe(body);
    expect((await ask()).text).toBe(body);
    for (const row of await gateway.rows(buyer, 2)) expect(row).toMatchObject({ status: 'completed', usage_source: 'reported', charge: 110 });
  });

  it('with an encoding given twice are a broken response, not a crash', async () => {
    buyer = gateway.buyer();
    const bytes = gzipSync(gzipSync(wholeStream().join('')));
    gateway.upstream.next(async (peer) => {
      await peer.raw(`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-encoding: gzip\r\ncontent-encoding: gzip\r\ncontent-length: ${bytes.length}\r\n\r\n`);
      await peer.raw(bytes);
    });
    expect((await ask()).text).toMatch(/^event: error\n/);
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'interrupted', charge: 0, error_code: 'upstream_encoding' });
  });

  it('message_stop cut into pieces comes whole, and only once its charge is on disk', async () => {
    buyer = gateway.buyer();
    const stop = messageStop();
    gateway.upstream.next(answers.sse([wholeStream().slice(0, -1).join('') + stop.slice(0, 3), stop.slice(3, 20), stop.slice(20)]));
    expect((await ask()).text).toBe(wholeStream().join(''));
    await expectUsual();
  });
});

describe('sizes', () => {
  it('a line of 12 MB is passed on whole, and the stream is still metered', async () => {
    buyer = gateway.buyer();
    const long = `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"${'y'.repeat(12 * 1024 * 1024)}"}}\n\n`;
    gateway.upstream.next(answers.sse([messageStart(), long, messageDelta(), messageStop()]));
    const answer = await ask();
    expect(answer.body.length).toBe(Buffer.byteLength(messageStart() + long + messageDelta() + messageStop()));
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'completed', usage_source: 'reported', charge: Number(USUAL_CHARGE) });
  });

  it('an endless message_stop is cut, for it cannot be shown before the charge nor kept for ever', async () => {
    buyer = gateway.buyer();
    let sent = 0;
    gateway.upstream.next(async (peer) => {
      await peer.head(200, { 'content-type': 'text/event-stream' });
      await peer.write(`${messageStart()}${messageDelta()}event: message_stop\ndata: {"type":"message_stop","x":"`);
      while (!peer.closed && sent < 64 * 1024 * 1024) {
        await peer.write('z'.repeat(65_536));
        sent += 65_536;
      }
      peer.reset();
    });
    const answer = await ask();
    expect(answer.text).toMatch(/event: error\n/);
    expect(answer.text).not.toContain('zzz');
    expect(sent).toBeLessThan(32 * 1024 * 1024);
    await gateway.rows(buyer);
  });

  it('a JSON body of 20 MB streams without charge headers, and is charged exactly', async () => {
    buyer = gateway.buyer();
    const document = messageDocument({ input_tokens: 10, output_tokens: 20 }, 'z'.repeat(20 * 1024 * 1024));
    gateway.upstream.next(answers.json(200, document));
    const answer = await ask({ stream: false });
    expect(answer.body.equals(Buffer.from(document))).toBe(true);
    expect(answer.whole).toBe(true);
    expect(answer.headers).not.toHaveProperty('x-ainogap-charge-usd-micros');
    await expectUsual();
  });

  it('a JSON body of 20 MB that breaks off is a broken response, and costs an estimate within the hold', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(async (peer) => {
      await peer.head(200, { 'content-type': 'application/json', framing: 30 * 1024 * 1024 });
      await peer.raw(messageDocument().slice(0, 100) + 'z'.repeat(20 * 1024 * 1024));
      peer.reset();
    });
    const answer = await ask({ stream: false });
    expect(answer).toMatchObject({ status: 200, whole: false });
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'interrupted', usage_source: 'estimated', output_tokens: 100 });
  });

  it('a compressed bomb is cut at the cap', async () => {
    buyer = gateway.buyer();
    const zeros = gzipSync(Buffer.alloc(80 * 1024 * 1024, 0x20), { level: 1 });
    gateway.upstream.next(async (peer) => {
      await peer.head(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      await peer.write(zeros);
      await peer.end();
    });
    const answer = await ask({ stream: false });
    expect(answer.whole && answer.status === 200).toBe(false);
    await gateway.rows(buyer);
  });

  it('an upstream error that is no document names the error for its status', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.json(404, '', { 'content-type': 'text/plain' }));
    const answer = await ask();
    expect(answer.status).toBe(404);
    expect(errorOf(answer).type).toBe('not_found_error');
    await gateway.rows(buyer);
  });
});

/** Text that does not compress. */
function noise(length: number): string {
  let seed = 7;
  let text = '';
  while (text.length < length) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    text += seed.toString(36);
  }
  return text.slice(0, length);
}
