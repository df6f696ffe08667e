import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseRequestId, type RequestId } from '../../src/ids.ts';
import type { RequestDetail } from '../../src/ledger/ledger.ts';
import { explainLines, explainRequest } from '../../src/reports/explain.ts';
import { call, moment, PATIENTLY, requestBody } from '../support/client-call.ts';
import { openTestGateway, type RequestRow, type TestBuyer, type TestGateway } from '../support/gateway-in-process.ts';
import { errorDocument, messageDocument, wholeStream } from '../support/message-stream.ts';
import { answers } from '../support/scripted-upstream.ts';

let gateway: TestGateway;
let buyer: TestBuyer;
beforeAll(async () => void (gateway = await openTestGateway({ config: { holdWaitMs: 4_000 } })));
afterEach(() => gateway.checkInvariants());
afterAll(() => gateway.close());

const ask = (alias = 'main', more: Record<string, unknown> = {}) => call({ port: gateway.port, key: buyer.key, alias, body: requestBody(more) });
const detailOf = (row: RequestRow | undefined): RequestDetail | null => JSON.parse((row?.['detail'] as string | null) ?? 'null') as RequestDetail | null;
const later = () => answers.json(529, errorDocument('overloaded_error', 'later'), { 'retry-after-ms': 1 });

/** Through the row's own id, which is beyond what a number holds. */
function storyOf(wanted: TestBuyer): string {
  const id = gateway.db.prepare('SELECT max(id) FROM requests WHERE buyer_id = ?').pluck().safeIntegers().get(wanted.id) as RequestId;
  const explanation = explainRequest(gateway.db, id);
  return explanation === null ? '' : explainLines(explanation, 1_000).join('\n');
}

describe('the tries of a request', () => {
  it('are on record when there was more than one, each with its answer and its time', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(later(), answers.sse(wholeStream()));
    expect((await ask()).status).toBe(200);
    const [row] = await gateway.rows(buyer);
    const tries = detailOf(row)?.tries ?? [];
    expect(tries.map(({ outcome }) => outcome)).toEqual([529, 200]);
    expect(tries[1]?.ms).toBeGreaterThanOrEqual(tries[0]?.ms ?? Infinity);
    expect(row?.['attempts']).toBe(2);
    expect(storyOf(buyer)).toMatch(/It was sent twice\.[^]*try 1: answered 529, \d+ ms after the start\n +try 2: answered 200/);
  });

  it('are on record when the last one failed too', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(later(), later());
    expect((await ask()).status).toBe(529);
    expect(detailOf((await gateway.rows(buyer))[0])?.tries?.map(({ outcome }) => outcome)).toEqual([529, 529]);
  });

  it('that reached nobody are named so', async () => {
    buyer = gateway.buyer();
    expect((await ask('gone')).status).toBe(502);
    const [row] = await gateway.rows(buyer);
    expect(detailOf(row)?.tries?.map(({ outcome }) => outcome)).toEqual(['unreachable', 'unreachable']);
    expect(storyOf(buyer)).toContain('try 2: could not be reached');
  });

  it('take no room in the row of a request with one', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.sse(wholeStream()));
    await ask();
    expect((await gateway.rows(buyer))[0]?.['detail']).toBeNull();
    expect(storyOf(buyer)).toContain('It was sent once.');
  });
});

describe('waiting for money', () => {
  it('is on record, for the request that waited alone', async () => {
    const rich = gateway.buyer('1000');
    gateway.upstream.next(answers.json(200, messageDocument()));
    await call({ port: gateway.port, key: rich.key, body: requestBody({ stream: false }) });
    const hold = (await gateway.rows(rich))[0]?.['hold'] as number;
    buyer = gateway.buyer(((hold + 800) / 1e6).toFixed(6));
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    gateway.upstream.forget();
    gateway.upstream.next(async (peer) => {
      await opened;
      await peer.json(200, messageDocument());
    });
    const first = ask('main', { stream: false });
    await expect.poll(() => gateway.openHolds(), PATIENTLY).toBe(1);
    gateway.upstream.next(answers.json(200, messageDocument()));
    const second = ask('main', { stream: false });
    await moment(gateway.port);
    open();
    expect((await Promise.all([first, second])).map(({ status }) => status)).toEqual([200, 200]);
    const [one, two] = (await gateway.rows(buyer, 2)).map(detailOf);
    expect(one?.waitedMs).toBeUndefined();
    expect(two?.waitedMs).toBeGreaterThanOrEqual(1);
    expect(storyOf(buyer)).toMatch(/It waited \S+ m?s for money that other requests of buyer \d+ held/);
  });
});

describe('an answer', () => {
  it('of which a client knows the id is told to the operator by that id', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.json(200, messageDocument()));
    const answer = await ask('main', { stream: false });
    const id = parseRequestId(String(answer.headers['x-ainogap-request-id']));
    await gateway.rows(buyer);
    expect(id).not.toBeNull();
    expect(explainRequest(gateway.db, id as RequestId)).toMatchObject({ state: 'ended', figures: { keyMasked: `${buyer.key.slice(0, 7)}…${buyer.key.slice(-4)}` } });
  });
});
