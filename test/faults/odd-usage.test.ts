import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RequestId } from '../../src/ids.ts';
import { recomputeReceipt } from '../../src/metering/receipt.ts';
import { readReceipt } from '../../src/reports/receipt.ts';
import { call, requestBody } from '../support/client-call.ts';
import { openTestGateway, type RequestRow, type TestBuyer, type TestGateway } from '../support/gateway-in-process.ts';
import { event, messageDelta, messageDocument, messageStart, messageStop, MODEL, textDelta } from '../support/message-stream.ts';
import { answers } from '../support/scripted-upstream.ts';

let gateway: TestGateway;
let buyer: TestBuyer;
beforeAll(async () => void (gateway = await openTestGateway()));
afterEach(() => gateway.checkInvariants());
afterAll(() => gateway.close());

const ask = (more: Record<string, unknown> = {}) => call({ port: gateway.port, key: buyer.key, body: requestBody(more) });
const alerts = (): string[] => gateway.logs.map(({ event }) => event).filter((event) => event.startsWith('alert_'));

async function theRow(): Promise<RequestRow> {
  const [row] = await gateway.rows(buyer);
  return row as RequestRow;
}

/** 90 bytes of text are 30 tokens in an estimate. */
const TEXT = 'x'.repeat(90);

describe('a final usage that cannot be read', () => {
  const values: Record<string, string> = { negative: '-20', fractional: '20.5', 'a string': '"20"', infinite: '1e999', huge: '1e15', 'an object': '{}', true: 'true' };

  it.each(Object.keys(values))('(%s) in a stream is forwarded, estimated from the text and alerted', async (kind) => {
    buyer = gateway.buyer();
    const delta = `event: message_delta\ndata: {"type":"message_delta","delta":{},"usage":{"output_tokens":${values[kind]}}}\n\n`;
    const pieces = [messageStart(), textDelta(TEXT), delta, messageStop()];
    gateway.upstream.next(answers.sse(pieces));
    expect(await ask()).toMatchObject({ whole: true, text: pieces.join('') });
    const row = await theRow();
    expect(row).toMatchObject({ status: 'completed', usage_source: 'estimated', input_tokens: 10, output_tokens: 30, charge: 160 });
    expect(row['flags']).toContain('usage_malformed');
    expect(alerts()).toEqual(expect.arrayContaining(['alert_usage_estimated', 'alert_usage_flagged']));
  });

  it.each(Object.keys(values))('(%s) in a JSON body is forwarded, estimated from the content and alerted', async (kind) => {
    buyer = gateway.buyer();
    const document = messageDocument({ input_tokens: 10, output_tokens: 'here' }, TEXT).replace('"here"', values[kind] as string);
    gateway.upstream.next(answers.json(200, document));
    expect(await ask({ stream: false })).toMatchObject({ status: 200, text: document });
    const row = await theRow();
    // The text and the JSON around it: [{"type":"text","text":"…"}] is 27 bytes.
    expect(row).toMatchObject({ usage_source: 'estimated', input_tokens: 10, output_tokens: 39, charge: 10 + 39 * 5 });
    expect(row['flags']).toContain('usage_malformed');
  });

  it('whose bad field is one of the input classes is an estimate too', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.sse([messageStart({ input_tokens: 10, cache_read_input_tokens: -1, output_tokens: 1 }), textDelta(TEXT), messageDelta({ output_tokens: 25 }), messageStop()]));
    await ask();
    expect(await theRow()).toMatchObject({ usage_source: 'estimated', input_tokens: 10, cache_read_tokens: 0, output_tokens: 30 });
  });
});

describe('a usage that is missing', () => {
  it('at the end of a stream is estimated from its text, never charged as the placeholder of message_start', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.sse([messageStart(), textDelta(TEXT), messageDelta(null), messageStop()]));
    await ask();
    expect(await theRow()).toMatchObject({ status: 'completed', usage_source: 'estimated', output_tokens: 30, charge: 160 });
  });

  it('everywhere in a stream is estimated from its text', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.sse([messageStart(null), textDelta(TEXT), messageStop()]));
    await ask();
    const row = await theRow();
    expect(row).toMatchObject({ status: 'completed', usage_source: 'estimated', input_tokens: 0, output_tokens: 30, charge: 150 });
  });

  it('everywhere in a stream without text costs nothing and is counted as exposure', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.sse([messageStart(null), messageStop()]));
    expect((await ask()).text).toContain('message_stop');
    const row = await theRow();
    expect(row).toMatchObject({ usage_source: 'none', charge: 0 });
    expect(row['flags']).toContain('exposure');
  });

  it('in a JSON body is estimated from the content', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.json(200, messageDocument(null, TEXT)));
    const answer = await ask({ stream: false });
    expect(answer.headers['x-ainogap-charge-usd-micros']).toBe('195');
    expect(await theRow()).toMatchObject({ usage_source: 'estimated', input_tokens: 0, output_tokens: 39, charge: 195 });
  });

  it('estimates stay within max_tokens', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.sse([messageStart(), textDelta('x'.repeat(3_000)), messageStop()]));
    await ask();
    expect(await theRow()).toMatchObject({ usage_source: 'estimated', output_tokens: 100, charge: 10 + 100 * 5 });
  });
});

describe('events that are not JSON', () => {
  it('are forwarded as they are, and the stream is metered by the others', async () => {
    buyer = gateway.buyer();
    const broken = 'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_de\n\n';
    const pieces = [messageStart(), broken, 'data: [DONE]\n\n', 'event: message_delta\ndata: {"type":\n\n', messageDelta(), messageStop()];
    gateway.upstream.next(answers.sse(pieces));
    expect((await ask()).text).toBe(pieces.join(''));
    expect(await theRow()).toMatchObject({ status: 'completed', usage_source: 'reported', charge: 110 });
  });

  it('in the place of message_start leave the rest to be metered', async () => {
    buyer = gateway.buyer();
    const pieces = ['event: message_start\ndata: {"type":"message_start","message":{"usage"\n\n', textDelta(TEXT), messageDelta({ output_tokens: 25 }), messageStop()];
    gateway.upstream.next(answers.sse(pieces));
    expect((await ask()).text).toBe(pieces.join(''));
    const row = await theRow();
    expect(row).toMatchObject({ usage_source: 'estimated', input_tokens: 0, output_tokens: 30, charge: 150 });
    expect(row['flags']).toContain('event_malformed');
  });

  it('a JSON body that is none is forwarded and estimated', async () => {
    buyer = gateway.buyer();
    const body = messageDocument().slice(0, 90);
    gateway.upstream.next(answers.json(200, body));
    expect(await ask({ stream: false })).toMatchObject({ status: 200, text: body });
    expect(await theRow()).toMatchObject({ status: 'interrupted', usage_source: 'estimated', charge: 150 });
  });
});

describe('a charge above its hold', () => {
  it('takes the hold, then the rest from what is available', async () => {
    buyer = gateway.buyer('1');
    gateway.upstream.next(answers.json(200, messageDocument({ input_tokens: 500_000, output_tokens: 20 })));
    const answer = await ask({ stream: false });
    expect(answer.headers['x-ainogap-charge-usd-micros']).toBe('500100');
    expect(answer.headers['x-ainogap-balance-usd-micros']).toBe('499900');
    expect(await theRow()).toMatchObject({ charge: 500_100, shortfall: 0, usage_source: 'reported' });
    expect(gateway.balance(buyer)).toEqual({ balance: 499_900n, held: 0n });
    expect(alerts()).toContain('alert_charge_above_hold');
  });

  it('books to shortfall what nobody has, and the balance is zero, not below', async () => {
    buyer = gateway.buyer('0.3');
    gateway.upstream.next(answers.sse([messageStart({ input_tokens: 500_000, output_tokens: 1 }), messageDelta(), messageStop()]));
    expect((await ask()).whole).toBe(true);
    expect(await theRow()).toMatchObject({ charge: 500_100, shortfall: 200_100 });
    expect(gateway.balance(buyer)).toEqual({ balance: 0n, held: 0n });
    expect(alerts()).toContain('alert_shortfall');
  });

  it("never touches the hold of the buyer's other requests", async () => {
    buyer = gateway.buyer('0.01');
    let heldByOther = 0n;
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let begun = (): void => undefined;
    const running = new Promise<void>((resolve) => (begun = resolve));
    gateway.upstream.next(
      async (peer) => {
        begun();
        await released;
        await peer.json(200, messageDocument());
      },
      answers.json(200, messageDocument({ input_tokens: 500_000, output_tokens: 20 })),
    );
    const first = ask({ stream: false });
    await running;
    heldByOther = gateway.balance(buyer).held;
    await ask({ stream: false });
    expect(gateway.balance(buyer)).toEqual({ balance: heldByOther, held: heldByOther });
    release();
    expect((await first).status).toBe(200);
    const rows = await gateway.rows(buyer, 2);
    expect(rows[1]).toMatchObject({ charge: 500_100, shortfall: 500_100 - (10_000 - Number(heldByOther)) });
    expect(gateway.balance(buyer)).toEqual({ balance: heldByOther - 110n, held: 0n });
  });
});

describe('what the response says of itself', () => {
  it('the last non-null value wins, and the five classes are priced apart', async () => {
    buyer = gateway.buyer();
    const usage = {
      input_tokens: 50,
      cache_creation_input_tokens: 300,
      cache_creation: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 100 },
      cache_read_input_tokens: 1_500,
      output_tokens: 1,
    };
    gateway.upstream.next(answers.sse([messageStart(usage), messageDelta({ input_tokens: 60, cache_read_input_tokens: null, output_tokens: 120 }), messageStop()]));
    await ask();
    // 60 × 1 + 200 × 1.25 + 100 × 2 + 1500 × 0.1 + 120 × 5
    expect(await theRow()).toMatchObject({ input_tokens: 60, cache_write_5m_tokens: 200, cache_write_1h_tokens: 100, cache_read_tokens: 1_500, output_tokens: 120, charge: 1_260 });
  });

  it('a model that the card has is charged at its own prices and flagged', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.sse([messageStart(undefined, 'claude-opus-4-6'), messageDelta(), messageStop()]));
    await ask();
    expect(await theRow()).toMatchObject({ model: MODEL, response_model: 'claude-opus-4-6', charge: 550, flags: '["model_mismatch"]' });
    expect(alerts()).toContain('alert_usage_flagged');
  });

  it('a model that the card lacks is charged as the requested one and flagged', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.sse([messageStart(undefined, 'claude-unheard-of'), messageDelta(), messageStop()]));
    await ask();
    expect(await theRow()).toMatchObject({ response_model: 'claude-unheard-of', charge: 110, flags: '["model_mismatch","model_not_priced"]' });
  });

  it('a counter that is not known is flagged', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.sse([messageStart(), messageDelta({ output_tokens: 20, hologram_seconds: 3 }), messageStop()]));
    await ask();
    expect(await theRow()).toMatchObject({ charge: 110, flags: '["unknown_counter"]' });
  });

  it('one iteration of another model is charged at that, and its receipt can be recomputed', async () => {
    buyer = gateway.buyer();
    const iterations = [
      { type: 'message', model: 'claude-opus-4-6', input_tokens: 10, output_tokens: 0 },
      { type: 'fallback_message', model: MODEL, input_tokens: 1000, output_tokens: 20 },
    ];
    const document = JSON.parse(messageDocument({ input_tokens: 10, output_tokens: 20, iterations })) as object;
    gateway.upstream.next(answers.json(200, { ...document, model: 'claude-opus-4-6' }));
    await call({ port: gateway.port, key: buyer.key, body: requestBody({ stream: false, model: 'claude-opus-4-6' }) });
    expect(await theRow()).toMatchObject({ charge: 1100, response_model: 'claude-opus-4-6' });
    const id = gateway.db.prepare('SELECT id FROM requests WHERE buyer_id = ?').pluck().safeIntegers().get(buyer.id) as RequestId;
    const receipt = readReceipt(gateway.db, id);
    if (receipt.kind !== 'receipt') throw new Error(receipt.kind);
    expect(recomputeReceipt(receipt.document).differences).toEqual([]);
  });
});

describe('after message_stop', () => {
  const whole = [messageStart(), textDelta('Hello'), messageDelta(), messageStop()].join('');

  it('pings, comments and blank lines pass as they come', async () => {
    buyer = gateway.buyer();
    const after = [': bye\n\n', event({ type: 'ping' }), 'event: ping\ndata:', ' {"type": "ping"}\n\n', '\n\n'];
    gateway.upstream.next(async (peer) => {
      await peer.head(200, { 'content-type': 'text/event-stream' });
      await peer.write(whole + (after[0] as string));
      for (const piece of after.slice(1)) await peer.write(piece);
      await peer.end();
    });
    expect((await ask()).text).toBe(whole + after.join(''));
    expect(await theRow()).toMatchObject({ charge: 110, usage_source: 'reported', status: 'completed' });
  });

  it.each([
    ['in the same chunk', ''],
    ['behind a ping', event({ type: 'ping' })],
    ['without an event line', 'data: {"type":"message_start","message":{}}\n\n'],
    ['in a line that does not end', 'data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"'],
  ])('a second message is neither charged nor relayed: %s', async (_, before) => {
    buyer = gateway.buyer();
    gateway.upstream.next(async (peer) => {
      await peer.head(200, { 'content-type': 'text/event-stream' });
      await peer.write(whole + before + textDelta('free') + messageStart({ input_tokens: 5000, output_tokens: 1 }) + messageDelta({ output_tokens: 1000 }) + messageStop());
      await peer.end();
    });
    const answer = await ask();
    expect(answer).toMatchObject({ status: 200, whole: true, text: whole });
    expect(await theRow()).toMatchObject({ charge: 110, usage_source: 'reported', status: 'completed' });
    expect(gateway.logs.map(({ event: name }) => name)).toContain('alert_bytes_after_message_stop');
  });

  it('a second message that comes once the charge is on disk is cut off', async () => {
    buyer = gateway.buyer();
    let closed = false;
    gateway.upstream.next(async (peer) => {
      await peer.head(200, { 'content-type': 'text/event-stream' });
      await peer.write(whole);
      await theRow();
      await peer.write(messageStart() + textDelta('free'));
      await peer.whenClosed();
      closed = true;
    });
    expect(await ask()).toMatchObject({ whole: true, text: whole });
    await expect.poll(() => closed).toBe(true);
    expect(await theRow()).toMatchObject({ charge: 110 });
  });
});
