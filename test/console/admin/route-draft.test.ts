import { describe, expect, test } from 'vitest';
import type { AdminRoute } from '../../../src/api/schemas/admin.ts';
import { changeRouteBody, draftOf, NEW_ROUTE, newRouteBody, typedPrices } from '../../../src/console/admin/routes/route-draft.ts';

const five = (value: number) => ({ input: value, output: value, cacheWrite5m: value, cacheWrite1h: value, cacheRead: value });
const usage = {} as AdminRoute['today'];
const route: AdminRoute = {
  alias: 'claude-fast',
  routeId: 'route_1',
  upstream: 'anthropic',
  upstreamConfigured: true,
  buyers: [{ buyerId: 'buyer_2', name: 'b' }, { buyerId: 'buyer_1', name: 'a' }],
  holdOutputTokens: 8192,
  createdAt: '2026-11-01T00:00:00.000Z',
  card: {
    priceCard: 'pc_1',
    createdAt: '2026-11-01T00:00:00.000Z',
    inForce: true,
    origin: { kind: 'multiplier', multiplier: '1.25', bookDate: '2026-11-01' },
    webSearchPerMillionUsdMicros: 1,
    listWebSearchPerMillionUsdMicros: 1,
    models: [{ model: 'sonnet', aliases: [], contextWindow: 1, maxOutput: 1, geoPremium: false, pricesPerMillionUsdMicros: five(3_750_000), listPerMillionUsdMicros: five(3_000_000), margin: null }],
  },
  lastHour: usage,
  today: usage,
};

describe('a new route', () => {
  test('by a multiplier on all models sends no list of models', () => {
    expect(newRouteBody({ ...NEW_ROUTE, alias: ' claude-fast ', upstream: 'anthropic', multiplier: '1.2' })).toEqual({
      ok: true,
      body: { alias: 'claude-fast', upstream: 'anthropic', multiplier: '1.2', buyers: null, holdOutputTokens: null },
    });
  });

  test('explicit prices become whole micro-USDC, without floating point', () => {
    const prices = { sonnet: { ...typedPrices(five(0)), input: '3.3', output: '0.000001' } };
    const made = newRouteBody({ ...NEW_ROUTE, alias: 'x', upstream: 'u', pricing: 'explicit', models: ['sonnet'], prices });
    expect(made).toMatchObject({ ok: true, body: { prices: [{ model: 'sonnet', pricesPerMillionUsdMicros: { input: 3_300_000, output: 1, cacheRead: 0 } }] } });
  });

  test.each([
    ['no alias', { alias: '' }, /alias/],
    ['no upstream', { upstream: '' }, /upstream/],
    ['a multiplier that is no number', { multiplier: '1,25' }, /multiplier/],
    ['a multiplier of zero', { multiplier: '0.0' }, /multiplier/],
    ['nobody who may use it', { open: false }, /buyer/],
    ['a hold that is no number', { holdOutputTokens: '-1' }, /hold/],
    ['a model without its prices', { pricing: 'explicit' as const, models: ['sonnet'] }, /sonnet, input/],
  ])('with %s is refused in words', (_, wrong, words) => {
    const made = newRouteBody({ ...NEW_ROUTE, alias: 'x', upstream: 'u', ...wrong });
    expect(made.ok ? 'accepted' : made.reason).toMatch(words);
  });
});

describe('a change of a route', () => {
  test('sends only what differs', () => {
    expect(changeRouteBody(route, { ...draftOf(route), upstream: 'bedrock' })).toEqual({ ok: true, body: { upstream: 'bedrock' } });
    expect(changeRouteBody(route, { ...draftOf(route), open: true, holdOutputTokens: '' })).toEqual({ ok: true, body: { buyers: null, holdOutputTokens: null } });
  });

  test('that changes nothing says so, also when buyers stand in another order', () => {
    const draft = draftOf(route);
    expect(changeRouteBody(route, { ...draft, buyers: [...draft.buyers].reverse() })).toEqual({ ok: false, reason: 'Nothing is changed yet.' });
  });

  test('of the multiplier keeps the models of the card', () => {
    expect(changeRouteBody(route, { ...draftOf(route), pricing: 'multiplier', multiplier: '1.3' })).toEqual({ ok: true, body: { multiplier: '1.3', models: ['sonnet'] } });
  });

  test('begins with the prices of the card as one would type them', () => {
    expect(draftOf(route).prices.sonnet?.input).toBe('3.75');
    expect(typedPrices(five(10_000_000)).input).toBe('10');
  });
});
