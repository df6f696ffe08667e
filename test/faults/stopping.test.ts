import * as net from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BareClient, Call, call, errorOf, moment, PATIENTLY, requestBody } from '../support/client-call.ts';
import { openTestGateway, type TestBuyer, type TestGateway } from '../support/gateway-in-process.ts';
import { messageDelta, messageDocument, messageStart, messageStop, textDelta } from '../support/message-stream.ts';
import { answers, type Script } from '../support/scripted-upstream.ts';

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

/** 60 bytes of text, then the rest when told. */
function talking(): { readonly script: Script; readonly finish: () => void } {
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  return {
    finish,
    script: async (peer) => {
      await peer.head(200, { 'content-type': 'text/event-stream' });
      await peer.write(messageStart() + textDelta('x'.repeat(60)));
      await finished;
      await peer.end(messageDelta() + messageStop());
    },
  };
}

const refusesConnections = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => resolve(true));
  });

describe('draining', () => {
  it('stops accepting, lets what runs finish, settles it, and then resolves', async () => {
    const stream = talking();
    gateway.upstream.next(stream.script);
    const running = new Call({ port: gateway.port, key: buyer.key });
    await running.until('xxx');
    let drained = false;
    const draining = gateway.gateway.drain().then(() => (drained = true));
    await expect.poll(() => refusesConnections(gateway.port), PATIENTLY).toBe(true);
    expect(drained).toBe(false);
    stream.finish();
    expect((await running.answer).text).toContain('event: message_stop');
    await draining;
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'completed', charge: 110 });
    expect(gateway.db.prepare('SELECT count(*) FROM instances WHERE ended_at IS NULL').pluck().get()).toBe(0);
  });

  it('answers a request on a connection that was open with 503, and closes it', async () => {
    const stream = talking();
    gateway.upstream.next(stream.script, answers.json(200, messageDocument()));
    const running = new Call({ port: gateway.port, key: buyer.key });
    await running.until('xxx');
    const body = JSON.stringify(requestBody({ stream: false }));
    const head = `POST /main/v1/messages HTTP/1.1\r\nhost: localhost\r\nx-api-key: ${buyer.key}\r\ncontent-length: ${body.length}\r\n`;
    const open = new BareClient(gateway.port);
    // A request whose headers are not whole keeps its connection from being idle.
    await open.send(head);
    await moment(gateway.port);
    const draining = gateway.gateway.drain();
    await open.send(`\r\n${body}`);
    expect(await open.status()).toBe(503);
    await open.closed;
    stream.finish();
    await running.answer;
    await draining;
    gateway.upstream.forget();
    await gateway.rows(buyer, 1);
  });

  it('waits for the drained rest of a client that has left', async () => {
    const stream = talking();
    gateway.upstream.next(stream.script);
    const running = new Call({ port: gateway.port, key: buyer.key });
    await running.until('xxx');
    running.leave();
    await moment(gateway.port);
    const draining = gateway.gateway.drain();
    stream.finish();
    await draining;
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'client_left', usage_source: 'drained', charge: 110 });
  });
});

describe('a stop that waits no longer', () => {
  it('ends streams with event: error and a partial charge', async () => {
    gateway.upstream.next(talking().script);
    const running = new Call({ port: gateway.port, key: buyer.key });
    await running.until('xxx');
    const draining = gateway.gateway.drain();
    await gateway.gateway.abort();
    const answer = await running.answer;
    expect(answer.text).toMatch(/event: error\ndata: \{"type":"error","error":\{"type":"overloaded_error"[^\n]+\n\n$/);
    await draining;
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'interrupted', error_code: 'shutting_down', usage_source: 'estimated', output_tokens: 20, charge: 110 });
  });

  it('answers requests that have heard nothing yet with 503, void and counted as exposure', async () => {
    gateway.upstream.next(answers.silence());
    const running = new Call({ port: gateway.port, key: buyer.key });
    await expect.poll(() => gateway.upstream.seen.length, PATIENTLY).toBe(1);
    const draining = gateway.gateway.drain();
    await gateway.gateway.abort();
    const answer = await running.answer;
    expect(answer.status).toBe(503);
    expect(errorOf(answer).type).toBe('overloaded_error');
    await draining;
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'failed', http_status: 503, charge: 0, flags: '["exposure"]' });
  });

  it('answers requests between two tries with 503, without exposure', async () => {
    gateway.upstream.next(answers.json(429, '{}', { 'retry-after-ms': 1_400 }));
    const running = new Call({ port: gateway.port, key: buyer.key });
    await expect.poll(() => gateway.upstream.seen.length, PATIENTLY).toBe(1);
    await moment(gateway.port);
    const draining = gateway.gateway.drain();
    await gateway.gateway.abort();
    expect((await running.answer).status).toBe(503);
    await draining;
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'failed', charge: 0, flags: null });
  });

  it('answers JSON requests whose body is on its way with 503', async () => {
    gateway.upstream.next(async (peer) => {
      await peer.head(200, { 'content-type': 'application/json', framing: 1000 });
      await peer.raw('{"type":');
      await peer.whenClosed();
    });
    const running = new Call({ port: gateway.port, key: buyer.key, body: requestBody({ stream: false }) });
    await expect.poll(() => gateway.upstream.seen.length, PATIENTLY).toBe(1);
    await moment(gateway.port);
    const draining = gateway.gateway.drain();
    await gateway.gateway.abort();
    expect((await running.answer).status).toBe(503);
    await draining;
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'interrupted', http_status: 503, charge: 0, flags: '["exposure"]' });
  });

  it('cuts the draining for clients that have left', async () => {
    gateway.upstream.next(talking().script);
    const running = new Call({ port: gateway.port, key: buyer.key });
    await running.until('xxx');
    running.leave();
    await moment(gateway.port);
    const draining = gateway.gateway.drain();
    await gateway.gateway.abort();
    await draining;
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'client_left', usage_source: 'estimated', charge: 110 });
  });

  it('does not wait for requests that are being read, that wait for money, or that count tokens', async () => {
    const poor = gateway.buyer('0.0015');
    gateway.upstream.next(answers.silence(), answers.silence());
    const holding = new Call({ port: gateway.port, key: poor.key });
    await expect.poll(() => gateway.upstream.seen.length, PATIENTLY).toBe(1);
    const waiting = new Call({ port: gateway.port, key: poor.key });
    const counting = new Call({ port: gateway.port, key: buyer.key, path: '/v1/messages/count_tokens' });
    await expect.poll(() => gateway.upstream.seen.length, PATIENTLY).toBe(2);
    const reading = new BareClient(gateway.port);
    await reading.send(`POST /main/v1/messages HTTP/1.1\r\nhost: localhost\r\nx-api-key: ${buyer.key}\r\ncontent-length: 500\r\n\r\n{`);
    await moment(gateway.port);
    const draining = gateway.gateway.drain();
    const begun = performance.now();
    await gateway.gateway.abort();
    await draining;
    // Each of the three would take ten seconds or more by itself.
    expect(performance.now() - begun).toBeLessThan(5_000);
    await Promise.allSettled([holding.answer, waiting.answer, counting.answer, reading.closed]);
    expect(gateway.upstream.seen).toHaveLength(2);
    expect(gateway.balance(poor)).toEqual({ balance: 1_500n, held: 0n });
  });

  it('may come without a drain before it, and twice', async () => {
    gateway.upstream.next(talking().script);
    const running = new Call({ port: gateway.port, key: buyer.key });
    await running.until('xxx');
    await Promise.all([gateway.gateway.abort(), gateway.gateway.abort()]);
    expect((await running.answer).text).toMatch(/event: error/);
    await gateway.rows(buyer);
  });
});

it('a gateway that stopped leaves a database that the next one opens', async () => {
  gateway.upstream.next(answers.json(200, messageDocument()));
  await call({ port: gateway.port, key: buyer.key });
  await gateway.gateway.drain();
  const [row] = await gateway.rows(buyer);
  expect(row).toMatchObject({ charge: 110 });
});
