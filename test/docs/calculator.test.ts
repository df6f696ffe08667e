/** The calculator's figures are the server's: the same charge, exactly, for any counts, models and geo. */
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { calculate, COUNT_MAX, parseCount, type Used } from '../../src/docs/calculate.ts';
import { chargeFor, costsOf } from '../../src/metering/price.ts';
import { COST_UNIT } from '../../src/metering/cost.ts';
import type { PricedModel } from '../../src/metering/price-card.ts';
import { TOKEN_CLASSES, type TokenCounts } from '../../src/tokens.ts';
import { cardAt } from '../metering/cards.ts';
import { openDocs, type DocsApp } from './docs-app.ts';

const count = fc.oneof(fc.nat(5), fc.nat(2_000_000), fc.nat(COUNT_MAX));
const counts = fc.record(Object.fromEntries(TOKEN_CLASSES.map((tokenClass) => [tokenClass, count]))) as unknown as fc.Arbitrary<TokenCounts>;
const used: fc.Arbitrary<Used> = fc.record({ tokens: counts, webSearches: fc.nat(1000), us: fc.boolean() });
const multiplier = fc.constantFrom('1', '0.8', '1.37', '0.000001', '3.141592');

function inputsOf(card: ReturnType<typeof cardAt>, model: PricedModel, { tokens, webSearches, us }: Used): Parameters<typeof chargeFor>[0] {
  const usage = { parts: [{ model: model.id, tokens }], webSearchRequests: webSearches, inferenceGeo: us ? 'us' : null, serviceTier: 'standard' };
  return { usage, card, requestedModel: model };
}

const decimal = (text: string): bigint => {
  const [whole = '0', fraction = ''] = text.replaceAll(',', '').split('.');
  return BigInt(whole) * 100_000_000n + BigInt(fraction.padEnd(8, '0'));
};

describe('the calculator', () => {
  test('charges what the server charges, and shows each product exactly', () => {
    fc.assert(
      fc.property(multiplier, fc.nat(3), used, (factor, i, using) => {
        const card = cardAt(factor);
        const model = card.models[i] as PricedModel;
        const inputs = inputsOf(card, model, using);
        const { total, sum, products } = calculate({ prices: model.prices, webSearchPerMillion: card.webSearchPerMillion, geoPremium: model.geoPremium }, using);
        expect(total).toBe(chargeFor(inputs).total);
        expect(products.map(({ exact }) => decimal(exact) * COST_UNIT)).toEqual(costsOf(inputs).map((cost) => cost * 100_000_000n));
        expect(products.reduce((all, { exact }) => all + decimal(exact), 0n)).toBe(decimal(sum));
      }),
    );
  });

  test("gives 4,200 micro-USDC for the example of the product's documentation", () => {
    const card = cardAt('0.8');
    const model = card.byName.get('claude-opus-4-6') as PricedModel;
    const tokens = { input: 50, output: 120, cacheWrite5m: 200, cacheWrite1h: 0, cacheRead: 1500 };
    const { total, products } = calculate({ prices: model.prices, webSearchPerMillion: card.webSearchPerMillion, geoPremium: true }, { tokens, webSearches: 0, us: false });
    expect(total).toBe(4200n);
    expect(products.map(({ exact }) => exact)).toEqual(['200', '2,400', '1,000', '0', '600', '0']);
  });

  test('takes counts as people type them, and refuses what is none', () => {
    expect(['', '0', '1500', '1,500', '1 500', "1'500", '1_500', '1000000000'].map(parseCount)).toEqual([0, 0, 1500, 1500, 1500, 1500, 1500, COUNT_MAX]);
    expect(['-1', '1.5', '1e3', 'many', '1000000001', '99999999999', '٣'].map(parseCount)).toEqual([null, null, null, null, null, null, null]);
  });
});

describe('the calculator without a script', () => {
  let docs: DocsApp;
  beforeEach(() => {
    docs = openDocs();
    docs.route('claude-fast', { multiplier: '0.8' });
  });
  afterEach(() => docs.close());

  const totalOf = async (query: string): Promise<string | undefined> => /<output data-total>([\d,]+)<\/output>/.exec((await docs.page(`/docs/token-classes${query}`)).text)?.[1];

  test('answers the form that was sent, for the model that was chosen', async () => {
    const counts = 'input=50&output=120&cacheWrite5m=200&cacheWrite1h=0&cacheRead=1500&webSearch=0';
    expect(await totalOf(`?model=claude-opus-4-6&${counts}`)).toBe('4,200');
    expect(await totalOf(`?model=claude-opus-4-6&${counts}&us=on`)).toBe('4,620');
    expect(await totalOf(`?model=claude-haiku-4-5&${counts}`)).toBe('840');
    expect(await totalOf(`?model=claude-haiku-4-5&${counts.replace('webSearch=0', 'webSearch=3')}`)).toBe('30,840');
  });

  test('shows an example before anything was sent, and takes nonsense for nothing', async () => {
    expect(await totalOf('')).toBe('840');
    expect(await totalOf('?model=nobody&input=%22%3E%3Cscript%3E&output=1')).toBe('4');
    const { text } = await docs.page('/docs/token-classes?model=x&input=%22%3E%3Cscript%3E');
    expect(text).not.toContain('<script>');
  });

  test('names the route where several are open', async () => {
    docs.route('claude-list');
    expect(await totalOf('?model=claude-list%20%2F%20claude-haiku-4-5&output=1000')).toBe('5,000');
  });
});
