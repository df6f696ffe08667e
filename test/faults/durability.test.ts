import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, type Db } from '../../src/db/open.ts';
import { Call, call, errorOf, requestBody } from '../support/client-call.ts';
import { openTestGateway, type TestBuyer, type TestGateway } from '../support/gateway-in-process.ts';
import { messageDelta, messageDocument, messageStart, messageStop, textDelta, wholeStream } from '../support/message-stream.ts';
import { answers } from '../support/scripted-upstream.ts';

let gateway: TestGateway;
let buyer: TestBuyer;
/** Another process's connection that can hold the write lock. */
let locker: Db;
beforeAll(async () => {
  gateway = await openTestGateway();
  locker = openDatabase(gateway.config.database, { mode: 'write' });
});
afterEach(() => gateway.checkInvariants());
afterAll(async () => {
  locker.close();
  await gateway.close();
});

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const lock = (): void => void locker.exec('BEGIN IMMEDIATE');
const unlock = (): void => void locker.exec('COMMIT');

describe('while the ledger cannot commit', () => {
  it('everything of a stream but message_stop goes out; that waits for the charge', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(async (peer) => {
      await peer.head(200, { 'content-type': 'text/event-stream' });
      lock();
      await peer.end(messageStart() + textDelta('Hello') + messageDelta() + messageStop());
    });
    const running = new Call({ port: gateway.port, key: buyer.key });
    await running.until('"type":"message_delta"');
    await wait(600);
    expect(running.received).not.toContain('message_stop');
    expect(gateway.openHolds()).toBe(1);
    unlock();
    await running.until('event: message_stop');
    // Seen by the client, so it is on disk: no waiting here.
    expect(gateway.openHolds()).toBe(0);
    expect(gateway.balance(buyer)).toEqual({ balance: 999_890n, held: 0n });
    expect((await running.answer).whole).toBe(true);
  });

  it('a JSON answer is held back', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(async (peer) => {
      lock();
      await peer.json(200, messageDocument());
    });
    const running = new Call({ port: gateway.port, key: buyer.key, body: requestBody({ stream: false }) });
    let answered = false;
    void running.head.then(() => (answered = true));
    await expect.poll(() => gateway.upstream.seen.length).toBe(1);
    await wait(500);
    expect(answered).toBe(false);
    unlock();
    expect((await running.answer).headers['x-ainogap-charge-usd-micros']).toBe('110');
  });

  it('the last bytes of a large JSON answer are held back', async () => {
    buyer = gateway.buyer();
    const document = messageDocument({ input_tokens: 10, output_tokens: 20 }, 'z'.repeat(18 * 1024 * 1024));
    gateway.upstream.next(async (peer) => {
      lock();
      await peer.json(200, document);
    });
    const running = new Call({ port: gateway.port, key: buyer.key, body: requestBody({ stream: false }) });
    await expect.poll(() => gateway.upstream.seen.length).toBe(1);
    await wait(800);
    expect(running.received.length).toBeGreaterThan(1024 * 1024);
    expect(running.received.length).toBeLessThan(document.length);
    unlock();
    expect((await running.answer).body.length).toBe(document.length);
  });

  it('an error answer of the upstream waits for its void', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(async (peer) => {
      lock();
      await peer.json(400, '{"type":"error","error":{"type":"invalid_request_error","message":"no"}}');
    });
    const running = new Call({ port: gateway.port, key: buyer.key });
    let answered = false;
    void running.head.then(() => (answered = true));
    await expect.poll(() => gateway.upstream.seen.length).toBe(1);
    await wait(500);
    expect(answered).toBe(false);
    unlock();
    expect((await running.answer).status).toBe(400);
  });

  it('nothing goes upstream before its hold', async () => {
    buyer = gateway.buyer();
    lock();
    gateway.upstream.next(answers.sse(wholeStream()));
    const running = new Call({ port: gateway.port, key: buyer.key });
    await wait(600);
    expect(gateway.upstream.seen).toEqual([]);
    unlock();
    expect((await running.answer).status).toBe(200);
  });

  it('for long, new requests are refused with 503 and retry-after, and those that run go on afterwards', async () => {
    buyer = gateway.buyer();
    let stop = (): void => undefined;
    const stopped = new Promise<void>((resolve) => (stop = resolve));
    gateway.upstream.next(async (peer) => {
      await peer.head(200, { 'content-type': 'text/event-stream' });
      await peer.write(messageStart() + textDelta('Hello'));
      await stopped;
      await peer.end(messageDelta() + messageStop());
    });
    const running = new Call({ port: gateway.port, key: buyer.key });
    await running.until('Hello');
    lock();
    stop();
    const answer = await call({ port: gateway.port, key: buyer.key });
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe('2');
    expect(errorOf(answer).type).toBe('overloaded_error');
    expect((await call({ port: gateway.port, key: '', alias: 'readyz', path: '', method: 'GET' })).status).toBe(503);
    expect((await call({ port: gateway.port, key: '', alias: 'healthz', path: '', method: 'GET' })).status).toBe(200);
    expect(running.received).not.toMatch(/event: message_stop/);
    unlock();
    expect((await running.answer).text).toContain('event: message_stop');
    // The refusal's row was for nobody to wait for, and went with the lock.
    await gateway.rows(buyer, 1);
    expect(gateway.upstream.seen).toHaveLength(1);
  });

  it('for longer than anybody waits, the stream ends by a reset, never by message_stop, and is charged once it can be', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(async (peer) => {
      await peer.head(200, { 'content-type': 'text/event-stream' });
      lock();
      await peer.end(messageStart() + textDelta('Hello') + messageDelta() + messageStop());
    });
    const answer = await call({ port: gateway.port, key: buyer.key });
    expect(answer).toMatchObject({ status: 200, whole: false });
    expect(answer.text).not.toMatch(/event: message_stop/);
    unlock();
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'completed', charge: 110, usage_source: 'reported' });
  });
});
