import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, type Db } from '../../src/db/open.ts';
import type { InstanceId, RequestId } from '../../src/ids.ts';
import { createEngine } from '../../src/ledger/engine.ts';
import { NO_SPLIT } from '../../src/ledger/ledger.ts';
import { requestRowOf } from '../../src/ledger/operations.ts';
import { ZERO } from '../../src/money.ts';
import { NO_TOKENS } from '../../src/tokens.ts';
import { Call, call, errorOf, PATIENTLY, requestBody } from '../support/client-call.ts';
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

it('the usage of message_start is on disk while the stream runs, for recovery to bill by', async () => {
  buyer = gateway.buyer();
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  gateway.upstream.next(async (peer) => {
    await peer.head(200, { 'content-type': 'text/event-stream' });
    await peer.write(messageStart({ input_tokens: 10, cache_read_input_tokens: 7, output_tokens: 1 }));
    await finished;
    await peer.end(messageDelta() + messageStop());
  });
  const running = new Call({ port: gateway.port, key: buyer.key });
  const progress = gateway.db.prepare('SELECT progress_model, input_tokens, cache_read_tokens, output_tokens FROM open_requests WHERE buyer_id = ?').raw();
  await expect.poll(() => progress.get(buyer.id), PATIENTLY).toEqual(['claude-haiku-4-5', 10, 7, 1]);
  finish();
  expect((await running.answer).whole).toBe(true);
});

it('a stream whose hold somebody else has ended is cut, and never shows message_stop', async () => {
  buyer = gateway.buyer();
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  gateway.upstream.next(async (peer) => {
    await peer.head(200, { 'content-type': 'text/event-stream' });
    await peer.write(messageStart() + textDelta('Hello'));
    await finished;
    await peer.end(messageDelta() + messageStop());
  });
  const running = new Call({ port: gateway.port, key: buyer.key });
  await running.until('Hello');
  voidElsewhere();
  finish();
  const answer = await running.answer;
  expect(answer).toMatchObject({ status: 200, whole: false });
  expect(answer.text).not.toMatch(/event: message_stop/);
  expect(gateway.logs.map(({ event }) => event)).toContain('alert_settled_elsewhere');
  const [row] = await gateway.rows(buyer);
  expect(row).toMatchObject({ status: 'recovered', charge: 0 });
  expect(gateway.balance(buyer)).toEqual({ balance: 1_000_000n, held: 0n });
});

/** Ends the only open hold as another process would that takes this one for dead. */
function voidElsewhere(): void {
  const id = gateway.db.prepare('SELECT id FROM open_requests WHERE buyer_id = ?').pluck().safeIntegers().get(buyer.id) as RequestId;
  const record = requestRowOf({
    requestId: id, buyerId: buyer.id, keyId: buyer.keyId, routeId: null, cardVersion: null, model: null, responseModel: null,
    status: 'recovered', httpStatus: 0, errorCode: 'process_died', tokens: NO_TOKENS, listCost: ZERO, outputTokensMax: null, usageSource: 'none', quoteBasis: null,
    flags: [], detail: null, upstream: null, upstreamRequestId: null, attempts: 1, startedAt: Date.now(), durationMs: 0, timeToFirstByteMs: null,
  });
  const [outcome] = createEngine(locker, { instance: 0 as InstanceId }).apply([{ op: 'settle', settlement: { action: 'void', charge: ZERO, split: NO_SPLIT, record } }]);
  expect(outcome).toMatchObject({ kind: 'voided' });
}

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
    await expect.poll(() => gateway.upstream.seen.length, PATIENTLY).toBe(1);
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
    await expect.poll(() => gateway.upstream.seen.length, PATIENTLY).toBe(1);
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
    await expect.poll(() => gateway.upstream.seen.length, PATIENTLY).toBe(1);
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
