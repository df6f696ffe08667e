import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BareClient, Call, moment, requestBody } from '../support/client-call.ts';
import { openTestGateway, type TestGateway } from '../support/gateway-in-process.ts';
import { blockStart, messageDelta, messageDocument, messageStart, messageStop, textDelta, USUAL_CHARGE } from '../support/message-stream.ts';
import { answers, type Script } from '../support/scripted-upstream.ts';

let gateway: TestGateway;
afterEach(() => gateway.checkInvariants());
afterAll(() => gateway.close());

/** A promise and its key. */
function latch(): { readonly wait: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const wait = new Promise<void>((resolve) => (open = resolve));
  return { wait, open };
}

describe('a client that leaves', () => {
  beforeAll(async () => void (gateway = await openTestGateway()));
  afterAll(() => gateway.close());

  it('in the middle of its request leaves no hold, no row and nothing forwarded', async () => {
    const buyer = gateway.buyer();
    const client = new BareClient(gateway.port);
    await client.send(`POST /main/v1/messages HTTP/1.1\r\nhost: localhost\r\nx-api-key: ${buyer.key}\r\ncontent-length: 1000\r\n\r\n{"model":`);
    client.socket.resetAndDestroy();
    await client.closed;
    const other = gateway.buyer();
    gateway.upstream.next(answers.json(200, messageDocument()));
    await new Call({ port: gateway.port, key: other.key, body: requestBody({ stream: false }) }).answer;
    await gateway.rows(buyer, 0);
    expect(gateway.upstream.seen).toHaveLength(1);
    expect(gateway.balance(buyer)).toEqual({ balance: 1_000_000n, held: 0n });
  });

  it('before the first byte is charged exactly by draining the upstream', async () => {
    const buyer = gateway.buyer();
    const { wait, open } = latch();
    const asked = latch();
    gateway.upstream.next(async (peer) => {
      asked.open();
      await wait;
      await peer.sse([messageStart(), blockStart(), textDelta('unheard'), messageDelta(), messageStop()]);
    });
    const running = new Call({ port: gateway.port, key: buyer.key });
    await asked.wait;
    running.leave();
    await untilGone(running);
    open();
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'client_left', http_status: 0, usage_source: 'drained', charge: Number(USUAL_CHARGE), output_tokens: 20 });
  });

  it('before a JSON answer is charged exactly by draining the upstream', async () => {
    const buyer = gateway.buyer();
    const { wait, open } = latch();
    const asked = latch();
    gateway.upstream.next(async (peer) => {
      asked.open();
      await wait;
      await peer.json(200, messageDocument());
    });
    const running = new Call({ port: gateway.port, key: buyer.key, body: requestBody({ stream: false }) });
    await asked.wait;
    running.leave();
    await untilGone(running);
    open();
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'client_left', http_status: 0, usage_source: 'drained', charge: Number(USUAL_CHARGE) });
  });

  it('in mid-stream is charged exactly, and the receipt tells what came after', async () => {
    const buyer = gateway.buyer();
    const { wait, open } = latch();
    gateway.upstream.next(async (peer) => {
      await peer.head(200, { 'content-type': 'text/event-stream' });
      await peer.write(messageStart() + blockStart() + textDelta('twelve bytes'));
      await wait;
      await peer.write(textDelta('and more'));
      await peer.end(messageDelta() + messageStop());
    });
    const running = new Call({ port: gateway.port, key: buyer.key });
    await running.until('twelve bytes');
    running.leave();
    await untilGone(running);
    open();
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'client_left', http_status: 200, usage_source: 'drained', charge: Number(USUAL_CHARGE) });
    expect(JSON.parse(row?.['detail'] as string)).toEqual({ outputTokensAfterDisconnect: 16 });
  });

  it('after message_stop is settled once', async () => {
    const buyer = gateway.buyer();
    gateway.upstream.next(async (peer) => {
      await peer.head(200, { 'content-type': 'text/event-stream' });
      await peer.write(messageStart() + textDelta('all') + messageDelta() + messageStop());
      // The connection stays open: the client is the first to go.
      await peer.whenClosed();
    });
    const running = new Call({ port: gateway.port, key: buyer.key });
    await running.until('message_stop');
    expect(gateway.balance(buyer)).toEqual({ balance: 1_000_000n - USUAL_CHARGE, held: 0n });
    running.leave();
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'completed', usage_source: 'reported', charge: Number(USUAL_CHARGE) });
  });

  it('before an error answer costs nothing', async () => {
    const buyer = gateway.buyer();
    const { wait, open } = latch();
    const asked = latch();
    gateway.upstream.next(async (peer) => {
      asked.open();
      await wait;
      await peer.json(529, '{"type":"error","error":{"type":"overloaded_error","message":"no"}}');
    });
    const running = new Call({ port: gateway.port, key: buyer.key });
    await asked.wait;
    running.leave();
    await untilGone(running);
    open();
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'client_left', http_status: 0, usage_source: 'none', charge: 0, attempts: 1 });
  });
});

describe('beyond the bounds of draining', () => {
  beforeAll(async () => void (gateway = await openTestGateway({ config: { drain: { ms: 300, concurrent: 1 } } })));

  /** Says something, and then nothing more until it is cut. */
  const talkative: Script = async (peer) => {
    await peer.head(200, { 'content-type': 'text/event-stream' });
    await peer.write(messageStart() + blockStart() + textDelta('x'.repeat(90)));
    await peer.whenClosed();
  };

  it('of time the upstream is cut and the rest estimated from the text that was seen', async () => {
    const buyer = gateway.buyer();
    gateway.upstream.next(talkative);
    const running = new Call({ port: gateway.port, key: buyer.key });
    await running.until('xxx');
    running.leave();
    const [row] = await gateway.rows(buyer);
    // 90 bytes at 3 a token; 10 × 1 + 30 × 5 micro-USDC.
    expect(row).toMatchObject({ status: 'client_left', usage_source: 'estimated', input_tokens: 10, output_tokens: 30, charge: 160 });
    expect(JSON.parse(row?.['detail'] as string)).toMatchObject({ outputTokensAfterDisconnect: 0 });
  });

  it('of count the upstream is cut at once', async () => {
    const buyer = gateway.buyer();
    const drained = latch();
    const cut: string[] = [];
    const watched =
      (name: string): Script =>
      async (peer) => {
        await talkative(peer);
        cut.push(name);
        if (name === 'first') drained.open();
      };
    gateway.upstream.next(watched('first'), watched('second'));
    const first = new Call({ port: gateway.port, key: buyer.key });
    await first.until('xxx');
    const second = new Call({ port: gateway.port, key: buyer.key });
    await second.until('xxx');
    first.leave();
    await untilGone(first);
    second.leave();
    await drained.wait;
    expect(cut).toEqual(['second', 'first']);
    const rows = await gateway.rows(buyer, 2);
    for (const row of rows) expect(row).toMatchObject({ status: 'client_left', usage_source: 'estimated', charge: 160 });
  });

  it('a request that nothing was heard of is void, and counted as exposure', async () => {
    const buyer = gateway.buyer();
    const asked = latch();
    gateway.upstream.next(async (peer) => {
      asked.open();
      await peer.whenClosed();
    });
    const running = new Call({ port: gateway.port, key: buyer.key });
    await asked.wait;
    running.leave();
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'client_left', http_status: 0, usage_source: 'none', charge: 0, flags: '["exposure"]' });
  });

  it('an estimate never takes more than the hold', async () => {
    const buyer = gateway.buyer();
    gateway.upstream.next(async (peer) => {
      await peer.head(200, { 'content-type': 'text/event-stream' });
      await peer.write(messageStart({ input_tokens: 900_000, output_tokens: 1 }) + textDelta('xxx'));
      await peer.whenClosed();
    });
    const running = new Call({ port: gateway.port, key: buyer.key });
    await running.until('xxx');
    running.leave();
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ usage_source: 'estimated', flags: '["capped_at_worst_case"]', shortfall: 0 });
    expect(row?.['charge']).toBe(row?.['hold']);
  });
});

/** The gateway has surely seen the client go: it has answered a later request. */
async function untilGone(running: Call): Promise<void> {
  await new Promise<void>((resolve) => void (running.request.closed ? resolve() : running.request.once('close', () => resolve())));
  await moment(gateway.port);
}
