import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RequestDetail, RequestSummary } from '../../../src/api/schemas/usage.ts';
import type { BuyerId, KeyId, RequestId } from '../../../src/ids.ts';
import { formatRequestId, createRequestIds, type CardVersion, type InstanceId, type RouteId } from '../../../src/ids.ts';
import { createEngine } from '../../../src/ledger/engine.ts';
import { recomputeReceipt, type ReceiptDocument } from '../../../src/metering/receipt.ts';
import { micro } from '../../../src/money.ts';
import { recordRefusal, settleRequest } from '../../reports/settled-request.ts';
import { openBuyerWorld, START, type BuyerWorld, type Item, type List, type Refusal } from './buyer-world.ts';

let w: BuyerWorld;
beforeEach(() => {
  w = openBuyerWorld();
});
afterEach(() => w.close());

async function page(query = ''): Promise<List<RequestSummary>> {
  const { status, json, text } = await w.api.call<List<RequestSummary>>('GET', `/buyer/requests${query}`, { as: w.one });
  expect(status, text).toBe(200);
  return json;
}
async function detail(id: RequestId): Promise<RequestDetail> {
  const { status, json, text } = await w.api.call<Item<RequestDetail>>('GET', `/buyer/requests/${formatRequestId(id)}`, { as: w.one });
  expect(status, text).toBe(200);
  return json.item;
}
const refusal = async (query: string): Promise<Refusal['error']> => (await w.api.call<Refusal>('GET', `/buyer/requests${query}`, { as: w.one })).json.error;
const ownIds = (): string[] => (w.api.db.prepare('SELECT id FROM requests WHERE buyer_id = 1 ORDER BY id DESC').pluck().safeIntegers().all() as RequestId[]).map(formatRequestId);
const ids = ({ items }: List<RequestSummary>): string[] => items.map(({ requestId }) => requestId);

describe('the list of requests', () => {
  test('has all of this buyer’s, the newest first, page after page, also of those that started at once', async () => {
    for (let i = 0; i < 12; i++) w.end({ key: i % 4, afterMs: i % 3 === 0 ? 1 : 0 });
    const seen: string[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const { items, nextCursor }: List<RequestSummary> = await page(`?limit=2${next === '' ? '' : `&cursor=${next}`}`);
      seen.push(...items.map(({ requestId }) => requestId));
      next = nextCursor;
    }
    expect(seen).toEqual(ownIds());
  });

  test('neither repeats nor loses anything when requests end meanwhile', async () => {
    for (let i = 0; i < 6; i++) w.end();
    const before = ownIds();
    const first = await page('?limit=3');
    w.end();
    const second = await page(`?limit=3&cursor=${first.nextCursor}`);
    expect([...ids(first), ...ids(second)]).toEqual(before);
    expect(second.nextCursor).toBeNull();
  });

  test('can be narrowed by key, route, model, status and time', async () => {
    w.end({ key: 0, route: 0, model: 0 });
    w.end({ key: 1, route: 1, model: 1 });
    w.end({ key: 0, fate: 'failed' });
    w.end({ key: 0, fate: 'refused' });
    w.end({ key: 2, route: 1, model: 1 });
    const [refused, failed, cheap, first] = ownIds();
    expect(ids(await page('?keyId=key_2'))).toEqual([cheap]);
    expect(ids(await page('?keyId=key_1'))).toEqual([refused, failed, first]);
    expect(ids(await page('?route=cheap'))).toEqual([cheap]);
    expect(ids(await page('?model=claude-opus-4-7'))).toEqual([cheap]);
    expect(ids(await page('?status=upstream_error'))).toEqual([failed]);
    expect(ids(await page('?status=refused&keyId=key_1'))).toEqual([refused]);
    expect(ids(await page('?since=2026-11-21T10:03:00'))).toEqual([refused, failed]);
    expect(ids(await page('?until=2026-11-21T10:03:00'))).toEqual([cheap, first]);
    expect(ids(await page('?since=2m&until=2026-11-21T10:05'))).toEqual([refused, failed]);
    expect(await page('?keyId=key_3')).toEqual({ items: [], nextCursor: null, prunedBefore: null });
  });

  test('finds the few that fit among the many that do not, page by page', async () => {
    w.end({ key: 1 });
    for (let i = 0; i < 30; i++) w.end({ afterMs: 5 });
    w.end({ key: 1 });
    const [newest, oldest] = [ownIds()[0], ownIds().at(-1)];
    const first = await page('?keyId=key_2&limit=1');
    expect(ids(first)).toEqual([newest]);
    expect(await page(`?keyId=key_2&limit=1&cursor=${first.nextCursor}`)).toMatchObject({ items: [{ requestId: oldest }], nextCursor: null });
  });

  test('refuses what it does not know, in words', async () => {
    expect((await refusal('?status=happy')).code).toBe('invalid_request');
    expect(await refusal('?cursor=abc')).toMatchObject({ code: 'invalid_request', details: { parameter: 'cursor' } });
    expect(await refusal('?since=2026-02-30')).toMatchObject({ code: 'invalid_request', details: { parameter: 'since' } });
    expect((await refusal('?since=today&until=yesterday')).message).toContain('is not after since');
    expect((await refusal('?limit=201')).code).toBe('invalid_request');
    expect((await refusal('?keyId=7')).code).toBe('invalid_request');
  });
});

/** Of buyer 1 by its first key, on the route `cheap`; it needs money, which the first request brings. */
function priced(request: Partial<Parameters<typeof settleRequest>[1]> = {}): RequestId {
  w.end();
  w.api.db.prepare('UPDATE accounts SET credits_posted = credits_posted + 90000000 WHERE id = 1').run();
  const tokens = { input: 1_234, output: 567, cacheWrite5m: 89, cacheWrite1h: 10, cacheRead: 40_000 };
  return settleRequest(w.api.db, { route: 'cheap', at: w.world.now + 5_000, model: 'claude-opus-4-7', parts: [{ model: 'claude-opus-4-7', tokens }], ...request });
}

describe('a receipt', () => {
  test.each([
    ['of all classes', {}],
    ['with web searches, US-only inference and two models', { webSearchRequests: 3, inferenceGeo: 'us', parts: [{ model: 'claude-opus-4-7', tokens: { input: 5, output: 7, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 9 } }, { model: 'claude-haiku-4-5', tokens: { input: 50, output: 70, cacheWrite5m: 1, cacheWrite1h: 2, cacheRead: 3 } }] }],
    ['of a batch', { serviceTier: 'batch' }],
    ['of an estimate that was capped', { charge: micro(7_000n), record: { usageSource: 'estimated' as const } }],
  ])('%s adds up from the document alone', async (_, request) => {
    const shown = await detail(priced(request));
    const check = recomputeReceipt(shown.receipt as unknown as ReceiptDocument);
    expect(check.differences).toEqual([]);
    expect(shown.receipt!.chargeUsdMicros).toBe(shown.request.buyerChargeUsdMicros);
    expect(Number(check.total)).toBe(shown.request.buyerChargeUsdMicros);
    expect(shown.releasedUsdMicros! + shown.request.buyerChargeUsdMicros).toBe(shown.holdUsdMicros);
  });

  test('comes with the story of the request, without upstreams, tries or where the prices come from', async () => {
    const tries = [{ outcome: 529, ms: 12 }, { outcome: 200, ms: 90 }];
    const record = { upstream: 'secret-upstream', attempts: 2, flags: ['geo_not_priced', 'exposure', 'unknown_counter'], detail: { tries, waitedMs: 1_500, message: 'connect ECONNREFUSED 10.0.0.7:443' } };
    const shown = await detail(priced({ record }));
    const topics = shown.explanation.map(({ topic }) => topic);
    expect(topics).toEqual(['asked', 'route', 'prices', 'quote', 'waiting', 'hold', 'answer', 'end', 'usage', 'flags', 'charge', 'cache', 'ledger']);
    const text = JSON.stringify(shown);
    for (const secret of ['secret-upstream', 'req_upstream1', 'list price', '0.7', 'ECONNREFUSED', '529', 'twice', 'yours']) expect(text).not.toContain(secret);
    expect(shown).toMatchObject({ waitedMs: 1_500, message: null, running: false });
  });

  test('is none for a refusal, which has the words that the client was told', async () => {
    w.end();
    const id = recordRefusal(w.api.db, { at: w.world.now + 1, code: 'insufficient_funds' });
    const shown = await detail(id);
    expect(shown).toMatchObject({ receipt: null, holdUsdMicros: null, running: false, request: { status: 'refused', errorCode: 'insufficient_funds', buyerChargeUsdMicros: 0 } });
    expect(shown.explanation.map(({ topic }) => topic)).toEqual(['asked', 'route', 'end', 'now']);
    expect(shown.explanation.find(({ topic }) => topic === 'end')?.text).toContain('that is yours to mend');
  });

  test('of a request that runs has what is held, and tells what it used so far', async () => {
    w.end();
    w.api.db.prepare('UPDATE accounts SET credits_posted = credits_posted + 90000000 WHERE id = 1').run();
    const requestId = createRequestIds(3 as InstanceId, () => w.world.now)();
    const generation = w.api.db.prepare('SELECT value FROM registry_generation').pluck().get() as number;
    const engine = createEngine(w.api.db, { instance: 3 as InstanceId, now: () => w.world.now });
    const ours = { buyerId: 1 as BuyerId, keyId: 1 as KeyId, routeId: 1 as RouteId, cardVersion: 1 as CardVersion };
    const hold = { requestId, ...ours, model: 'claude-haiku-4-5', generation, amount: micro(500n), worstCase: micro(500n), quoteBasis: 'bytes', outputTokensMax: 64, upstream: 'secret-upstream', startedAt: w.world.now } as const;
    expect(engine.apply([{ op: 'hold', hold }])[0]?.kind).toBe('created');
    w.world.now += 4_000;
    const shown = await detail(requestId);
    expect(shown).toMatchObject({ running: true, receipt: null, holdUsdMicros: 500, settledAt: null, request: { status: 'running', durationMs: 4_000, route: 'list' } });
    expect(shown.explanation.at(-1)?.text).toContain('It still runs');
    expect(JSON.stringify(shown)).not.toContain('secret-upstream');
  });

  test('is not there for an id that was never given, in words', async () => {
    const { status, json } = await w.api.call<Refusal>('GET', `/buyer/requests/${formatRequestId(createRequestIds(1 as InstanceId, () => START)())}`, { as: w.one });
    expect([status, json.error]).toEqual([404, { code: 'not_found', message: 'There is no such request.', details: {} }]);
    expect((await w.api.call('GET', '/buyer/requests/req_1', { as: w.one })).status).toBe(400);
  });
});
