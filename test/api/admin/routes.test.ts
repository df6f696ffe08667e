import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AdminRoute, ChangedRoute, PriceBook, PriceCard } from '../../../src/api/schemas/admin.ts';
import { createPriceBook } from '../../../src/metering/price-book.ts';
import { AdminWorld, type Item } from './admin-world.ts';

let w: AdminWorld;
beforeEach(() => void (w = new AdminWorld()));
afterEach(() => w.close());

const haiku = { input: 1_000_000, output: 5_000_000, cacheWrite5m: 1_250_000, cacheWrite1h: 2_000_000, cacheRead: 100_000 };
const create = (body: unknown) => w.call<Item<AdminRoute>>('POST', '/admin/routes', { body });
const change = (body: unknown, alias = 'list') => w.call<Item<ChangedRoute>>('PATCH', `/admin/routes/${alias}`, { body });
const pricesOf = (route: AdminRoute, model: string) => route.card.models.find((one) => one.model === model)?.pricesPerMillionUsdMicros;

/** All that a change could touch. */
const registry = (): unknown => ['routes', 'price_cards', 'route_buyers', 'audit', 'registry_generation'].map((table) => w.api.db.prepare(`SELECT * FROM ${table}`).all());

describe('routes', () => {
  test('come by alias with the card against the list of now, the margin, and what they were used for', async () => {
    w.end({ route: 1 });
    const [cheap, list] = await w.items<AdminRoute>('/admin/routes');
    expect([cheap?.alias, list?.alias]).toEqual(['cheap', 'list']);
    expect(cheap).toMatchObject({ upstream: 'u', upstreamConfigured: true, buyers: null, card: { priceCard: 'pc_2', inForce: true, origin: { kind: 'multiplier', multiplier: '0.7' } } });
    expect(cheap?.card.models[0]).toMatchObject({ model: 'claude-haiku-4-5', pricesPerMillionUsdMicros: { input: 700_000 }, listPerMillionUsdMicros: haiku, margin: { input: -0.428571, cacheRead: -0.428571 } });
    expect([cheap?.today.chargeUsdMicros, cheap?.lastHour.requests, list?.today.requests]).toEqual([1_400, 1, 0]);
    expect(list?.card.models[0]?.margin).toEqual({ input: 0, output: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0 });
    expect(await w.item('/admin/routes/cheap')).toEqual(cheap);
    expect(await w.refused('GET', '/admin/routes/chaep')).toEqual([404, 'not_found', 'There is no route "chaep". Did you mean "cheap"?']);
  });

  test('lead to upstreams that the configuration has, or say that it has them no more', async () => {
    w.api.plan({ upstreams: [] });
    expect((await w.item<AdminRoute>('/admin/routes/list')).upstreamConfigured).toBe(false);
  });

  test('are created from a multiplier and models, for chosen buyers, with a hold of their own', async () => {
    const { status, json } = await create({ alias: 'fast', upstream: 'spare', multiplier: '1.5', models: ['claude-haiku-4-5-20251001'], buyers: ['buyer_2', 'buyer_2'], holdOutputTokens: 4_000 });
    expect(status).toBe(201);
    expect(json.item).toMatchObject({ alias: 'fast', upstream: 'spare', buyers: [{ buyerId: 'buyer_2', name: 'buyer 2' }], holdOutputTokens: 4_000 });
    expect(json.item.card.models.map(({ model, pricesPerMillionUsdMicros, margin }) => [model, pricesPerMillionUsdMicros.input, margin?.input])).toEqual([['claude-haiku-4-5', 1_500_000, 0.333333]]);
  });

  test('are created from explicit prices, whose margin is null where nothing is charged', async () => {
    const prices = { ...haiku, input: 2_000_000, cacheRead: 0 };
    const { item } = (await create({ alias: 'own', upstream: 'u', prices: [{ model: 'claude-haiku-4-5', pricesPerMillionUsdMicros: prices }], webSearchPerMillionUsdMicros: 7 })).json;
    expect(item.card).toMatchObject({ origin: { kind: 'file', file: 'explicit prices' }, webSearchPerMillionUsdMicros: 7 });
    expect(item.card.models).toMatchObject([{ pricesPerMillionUsdMicros: prices, margin: { input: 0.5, output: 0, cacheRead: null } }]);
  });

  test.each([
    [{ alias: 'admin' }, 'reserved'],
    [{ alias: 'No' }, 'not a route alias'],
    [{ upstream: 'spre' }, 'upstream: "spre" is not in the configuration (it has u, spare). Did you mean "spare"?'],
    [{ multiplier: '0' }, 'multiplier: "0" is not a multiplier'],
    [{ models: ['claude-haiku-4-6'] }, 'models: model "claude-haiku-4-6" is not in the price book. Did you mean "claude-haiku-4-5"?'],
    [{ buyers: ['buyer_9'] }, 'buyers: there is no buyer "buyer_9".'],
    [{ buyers: [] }, 'buyers'],
    [{ webSearchPerMillionUsdMicros: 1 }, 'webSearchPerMillionUsdMicros: it belongs to explicit `prices`'],
    [{ multiplier: '2', prices: [{ model: 'claude-haiku-4-5', pricesPerMillionUsdMicros: haiku }] }, 'multiplier: `prices` are explicit'],
    [{ models: ['claude-haiku-4-5'], prices: [{ model: 'claude-haiku-4-5', pricesPerMillionUsdMicros: haiku }] }, 'models: `prices` name their models themselves'],
    [{ prices: [0, 1].map(() => ({ model: 'claude-haiku-4-5', pricesPerMillionUsdMicros: haiku })) }, 'has prices twice'],
    [{ prices: [{ model: 'claude-haiku-4-5', pricesPerMillionUsdMicros: { ...haiku, output: 1_000_000_000_001 } }] }, 'prices[0].pricesPerMillionUsdMicros.output: 1000000000001 is above the largest price'],
    [{ prices: [{ model: 'claude-haiku-4-5', pricesPerMillionUsdMicros: { ...haiku, output: -1 } }] }, 'output'],
    [{ unknown: 1 }, 'unknown'],
  ])('with a mistake are refused in words: %j', async (wrong, words) => {
    const before = registry();
    const [status, code, message] = await w.refused('POST', '/admin/routes', { alias: 'new', upstream: 'u', ...wrong });
    expect([status, code, message.includes(words) ? words : message]).toEqual([400, 'invalid_request', words]);
    expect(registry()).toEqual(before);
  });

  test('have an alias that nobody else has', async () => {
    expect(await w.refused('POST', '/admin/routes', { alias: 'list', upstream: 'u' })).toEqual([409, 'conflict', 'There is a route "list" already.']);
  });

  test('that are deleted are gone, and their alias is free again', async () => {
    expect((await w.call<Item<AdminRoute>>('DELETE', '/admin/routes/list')).json.item.alias).toBe('list');
    expect((await w.refused('GET', '/admin/routes/list'))[0]).toBe(404);
    expect((await w.refused('DELETE', '/admin/routes/list'))[0]).toBe(404);
    expect((await create({ alias: 'list', upstream: 'u' })).status).toBe(201);
    expect(w.auditRows().map(({ action }) => action)).toEqual(['route.delete', 'route.create']);
  });
});

describe('a change of a route', () => {
  test('makes a new card for other prices, leaves what is absent, and names what is sold below list', async () => {
    const { item } = (await change({ multiplier: '0.9', holdOutputTokens: 100 })).json;
    expect([item.changed, item.before.card.priceCard, item.after.card.priceCard, item.after.upstream, item.after.holdOutputTokens]).toEqual([true, 'pc_1', 'pc_3', 'u', 100]);
    expect(pricesOf(item.after, 'claude-haiku-4-5')?.output).toBe(4_500_000);
    expect(item.belowList).toEqual(createPriceBook([]).models.map(({ id }) => id));
    expect(w.auditRows().map(({ action, subject }) => [action, subject])).toEqual([['route.change', 'route:list']]);
    expect((await change({ buyers: ['buyer_3'] })).json.item.after).toMatchObject({ buyers: [{ buyerId: 'buyer_3' }], holdOutputTokens: 100, card: { priceCard: 'pc_3' } });
    expect((await change({ buyers: null, holdOutputTokens: null })).json.item.after).toMatchObject({ buyers: null, holdOutputTokens: null });
  });

  test('that changes nothing makes neither a card nor a record', async () => {
    const before = registry();
    const { item } = (await change({ upstream: 'u', multiplier: '1', buyers: null })).json;
    expect([item.changed, item.after]).toEqual([false, item.before]);
    expect(registry()).toEqual(before);
  });

  test('as a preview shows the very outcome and changes nothing, not even where it is repeated', async () => {
    const before = registry();
    const wish = { multiplier: '1.2', upstream: 'spare', buyers: ['buyer_1'] };
    const shown = (await w.call<Item<ChangedRoute>>('PATCH', '/admin/routes/list', { body: { ...wish, preview: true }, headers: { 'idempotency-key': 'k' } })).json.item;
    expect(registry()).toEqual(before);
    expect(w.api.db.prepare('SELECT count(*) FROM idempotency').pluck().get()).toBe(0);
    expect((await change(wish)).json.item).toEqual(shown);
    expect(shown.after.card.priceCard).toBe('pc_3');
    expect((await w.refused('PATCH', '/admin/routes/list', { models: ['x'], preview: true }))[0]).toBe(400);
  });

  test('adds the models that are new in the book at the multiplier of the card', async () => {
    const added = { id: 'claude-next', aliases: [], prices: { input: 10n, output: 20n, cacheWrite5m: 30n, cacheWrite1h: 40n, cacheRead: 50n }, contextWindow: 1000, maxOutput: 100, geoPremium: false };
    w.api.plan({ models: [added] });
    const { item } = (await change({ sync: true }, 'cheap')).json;
    expect(pricesOf(item.after, 'claude-next')).toEqual({ input: 7, output: 14, cacheWrite5m: 21, cacheWrite1h: 28, cacheRead: 35 });
    expect(pricesOf(item.after, 'claude-haiku-4-5')).toEqual(pricesOf(item.before, 'claude-haiku-4-5'));
    expect((await w.item<PriceBook>('/admin/price-book')).models.map(({ model }) => model)).toContain('claude-next');
    await change({ prices: [{ model: 'claude-haiku-4-5', pricesPerMillionUsdMicros: haiku }] }, 'cheap');
    expect(await w.refused('PATCH', '/admin/routes/cheap', { sync: true })).toMatchObject([400, 'invalid_request', expect.stringContaining('made from explicit prices, so there is no multiplier')]);
  });

  test('keeps all versions of the card, the newest first', async () => {
    await change({ multiplier: '2' });
    await change({ multiplier: '3' });
    const cards = await w.items<PriceCard>('/admin/routes/list/price-cards');
    expect(cards.map(({ priceCard, inForce, origin }) => [priceCard, inForce, origin.kind === 'multiplier' && origin.multiplier])).toEqual([
      ['pc_4', true, '3'],
      ['pc_3', false, '2'],
      ['pc_1', false, '1'],
    ]);
  });
});
