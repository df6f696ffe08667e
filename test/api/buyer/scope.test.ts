/** What a buyer must never see: other buyers, and what the operator's prices are made of. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BuyerRoute } from '../../../src/api/schemas/buyer.ts';
import { formatRequestId, type RequestId } from '../../../src/ids.ts';
import { openBuyerWorld, type BuyerWorld, type List } from './buyer-world.ts';

let w: BuyerWorld;
beforeEach(() => {
  w = openBuyerWorld();
  for (let i = 0; i < 24; i++) w.end({ key: i % 4, route: 1, model: i % 2, searches: i % 3, fate: (['completed', 'failed', 'estimated', 'refused', 'shortfall'] as const)[i % 5]! });
});
afterEach(() => w.close());

const idsOf = (buyer: number): string[] => (w.api.db.prepare('SELECT id FROM requests WHERE buyer_id = ? ORDER BY id').pluck().safeIntegers().all(buyer) as RequestId[]).map(formatRequestId);

describe('another buyer’s ids', () => {
  // Each pair: a target with an id of buyer 2's, and the same with an id that nobody has.
  const pairs = (): [method: string, theirs: string, nobodys: string, body?: [unknown, unknown]][] => [
    ['GET', `/buyer/requests/${idsOf(2)[0]}`, '/buyer/requests/req_0000000000001'.replace(/1$/, '0')],
    ['DELETE', '/buyer/keys/key_3', '/buyer/keys/key_999'],
    ['POST', '/buyer/rotate-api-key', '/buyer/rotate-api-key', [{ keyId: 'key_3' }, { keyId: 'key_999' }]],
    ['POST', '/buyer/try', '/buyer/try', [{ route: 'theirs', model: 'claude-haiku-4-5', prompt: 'hi' }, { route: 'nobodys', model: 'claude-haiku-4-5', prompt: 'hi' }]],
  ];

  test('are answered exactly as those that do not exist, and nothing of theirs changes', async () => {
    w.api.db.prepare("UPDATE routes SET alias = 'theirs', open_to_all = 0 WHERE alias = 'cheap'").run();
    w.api.db.prepare('INSERT INTO route_buyers(route_id, buyer_id) VALUES (2, 2)').run();
    const before = w.api.db.prepare('SELECT * FROM keys').all();
    for (const [method, theirs, nobodys, bodies] of pairs()) {
      const [a, b] = [await w.api.call(method, theirs, { as: w.one, ...(bodies ? { body: bodies[0] } : {}) }), await w.api.call(method, nobodys, { as: w.one, ...(bodies ? { body: bodies[1] } : {}) })];
      expect([a.status, a.text], `${method} ${theirs}`).toEqual([404, b.text]);
      expect(b.status).toBe(404);
    }
    expect(w.api.db.prepare('SELECT * FROM keys').all()).toEqual(before);
    expect(w.api.db.prepare('SELECT count(*) FROM audit').pluck().get()).toBe(0);
  });

  test('as filters and cursors find nothing', async () => {
    expect((await w.api.call('GET', '/buyer/requests?keyId=key_3', { as: w.one })).json).toEqual({ items: [], nextCursor: null, prunedBefore: null });
    const { items } = (await w.api.call<List<{ requestId: string }>>('GET', `/buyer/requests?limit=200&cursor=${idsOf(2).at(-1)}`, { as: w.one })).json;
    expect(items.every(({ requestId }) => idsOf(1).includes(requestId))).toBe(true);
  });
});

test('the routes are those that this buyer can call, at its own prices', async () => {
  w.api.db.prepare('UPDATE routes SET open_to_all = 0 WHERE id = 1').run();
  w.api.db.prepare('INSERT INTO route_buyers(route_id, buyer_id) VALUES (1, 2)').run();
  const { items } = (await w.api.call<List<BuyerRoute>>('GET', '/buyer/routes', { as: w.one })).json;
  expect(items.map(({ alias, url, priceCard }) => [alias, url, priceCard])).toEqual([['cheap', 'http://127.0.0.1:8787/cheap', 'pc_2']]);
  expect(items[0]?.models.find(({ model }) => model === 'claude-haiku-4-5')).toMatchObject({ pricesPerMillionUsdMicros: { input: 700_000, output: 3_500_000, cacheRead: 70_000 }, maxOutput: 64_000 });
});

test('no answer tells of list prices, margins, upstreams, tries, or another buyer', async () => {
  w.api.db.prepare('UPDATE routes SET upstream = ?').run('secret-upstream');
  const targets = ['/me', ...['key', 'route', 'model', 'day', 'hour'].map((by) => `/usage?by=${by}`), '/requests?limit=200', '/statements', '/statements/2026-11', '/statements/2026-11?format=csv', '/keys', '/routes', ...idsOf(1).map((id) => `/requests/${id}`)];
  for (const target of targets) {
    const { status, text } = await w.api.call('GET', `/buyer${target}`, { as: w.one });
    expect([target, status]).toEqual([target, 200]);
    expect(text.toLowerCase(), target).not.toMatch(/listcost|listprice|"list[a-z]*usd|margin|multiplier|list price|upstreamrequestid|"upstream"|secret-upstream|"tries"|attempts|buyer 2|buyer_2|buyer 3|buyer_3/);
  }
});

test('only a buyer’s own session opens anything here', async () => {
  const admin = w.api.signInAdmin();
  const targets = ['/me', '/usage', '/requests', `/requests/${idsOf(1)[0]}`, '/statements', '/statements/2026-11', '/keys', '/routes', '/events'];
  for (const target of targets) {
    expect((await w.api.call('GET', `/buyer${target}`)).status, target).toBe(401);
    expect((await w.api.call('GET', `/buyer${target}`, { as: admin })).status, target).toBe(403);
    expect((await w.api.call('GET', `/buyer${target}`, { as: w.api.adminToken() })).status, target).toBe(403);
    expect((await w.api.call('GET', `/buyer${target}`, { as: `rk_${'a'.repeat(36)}` })).status, target).toBe(401);
  }
});
