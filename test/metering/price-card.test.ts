import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CardVersion } from '../../src/ids.ts';
import { createPriceBook, PRICE_BOOK_DATE } from '../../src/metering/price-book.ts';
import { CardError, formatMultiplier, makeCardModels, multiplyPrice, parseCard, parseCardPrices, parseMultiplier, serializeCard, type PricedModel } from '../../src/metering/price-card.ts';
import { TOKEN_CLASSES } from '../../src/tokens.ts';
import { cardAt, modelOf } from './cards.ts';

describe('the price book', () => {
  test.each([
    ['claude-haiku-4-5', [1, 5, 1.25, 2, 0.1], 200_000, 64_000, false],
    ['claude-haiku-4-5-20251001', [1, 5, 1.25, 2, 0.1], 200_000, 64_000, false],
    ['claude-sonnet-4-6', [3, 15, 3.75, 6, 0.3], 1_000_000, 128_000, true],
    ['claude-opus-4-6', [5, 25, 6.25, 10, 0.5], 1_000_000, 128_000, true],
    ['claude-opus-4-7', [5, 25, 6.25, 10, 0.5], 1_000_000, 128_000, true],
  ] as const)('%s costs input, output, write 5m, write 1h and read %j USD per million', (name, usd, contextWindow, maxOutput, geoPremium) => {
    const model = createPriceBook([]).byName.get(name) as PricedModel;
    expect(TOKEN_CLASSES.map((tokenClass) => model.prices[tokenClass])).toEqual(usd.map((price) => BigInt(Math.round(price * 1_000_000))));
    expect(model).toMatchObject({ contextWindow, maxOutput, geoPremium });
  });

  test('is dated, and knows the fee of 10 USD per 1,000 web searches', () => {
    const book = createPriceBook([]);
    expect(book.date).toBe(PRICE_BOOK_DATE);
    expect(PRICE_BOOK_DATE).toMatch(/^\d{4}-\d{2}$/);
    expect(book.webSearchPerMillion).toBe(10_000_000_000n);
    expect(book.models).toHaveLength(4);
  });

  test('takes further models, one of which may replace a built-in one, and refuses two of the same name', () => {
    const haiku = createPriceBook([]).byName.get('claude-haiku-4-5') as PricedModel;
    const mine = { ...haiku, id: 'claude-opus-5-5', aliases: ['opus'] };
    const book = createPriceBook([mine, { ...haiku, maxOutput: 1 }]);
    expect(book.byName.get('opus')).toBe(mine);
    expect(book.byName.get('claude-haiku-4-5')?.maxOutput).toBe(1);
    expect(book.models).toHaveLength(5);
    expect(() => createPriceBook([mine, { ...haiku, id: 'opus', aliases: [] }])).toThrow('two models are named "opus"');
  });
});

describe('multipliers', () => {
  test.each([['0.8', '0.8'], ['1', '1'], ['1.250', '1.25'], ['0.000001', '0.000001'], ['1000', '1000'], [' 2.5 ', '2.5']])('%s is read exactly', (text, formatted) => {
    const parsed = parseMultiplier(text);
    expect(parsed.ok && formatMultiplier(parsed.multiplier)).toBe(formatted);
  });

  test.each(['', '0', '0.000000', '-1', '+1', '1e3', '.5', '1.', '0.1234567', '1000.000001', 'abc', '1,5', 'NaN', '0x1'])('"%s" is refused in words', (text) => {
    const parsed = parseMultiplier(text);
    expect(parsed.ok ? null : parsed.reason).toContain('multiplier');
  });

  test('prices round up to a micro per million, and 0.8 of Opus is exact', () => {
    const third = parseMultiplier('0.333333');
    if (!third.ok) throw new Error(third.reason);
    expect(multiplyPrice(1n, third.multiplier)).toBe(1n);
    expect(multiplyPrice(3_000_000n, third.multiplier)).toBe(999_999n);
    expect(multiplyPrice(0n, third.multiplier)).toBe(0n);
    expect(modelOf(cardAt('0.8'), 'claude-opus-4-6').prices).toEqual({ input: 4_000_000n, output: 20_000_000n, cacheWrite5m: 5_000_000n, cacheWrite1h: 8_000_000n, cacheRead: 400_000n });
    expect(cardAt('0.8').webSearchPerMillion).toBe(8_000_000_000n);
    expect(makeCardModels([], third.multiplier)).toEqual([]);
  });

  test('never lose money by rounding', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n }), fc.integer({ min: 1, max: 999_999_999 }), (price, numerator) => {
        const product = price * BigInt(numerator);
        const rounded = multiplyPrice(price, { numerator: BigInt(numerator) }) * 1_000_000n;
        expect(rounded >= product && rounded - product < 1_000_000n).toBe(true);
      }),
    );
  });
});

describe('a card as JSON', () => {
  const version = 7 as CardVersion;

  test('comes back as it was', () => {
    const card = cardAt('0.8');
    const back = parseCard(version, serializeCard(card));
    expect(back).toMatchObject({ version, models: card.models, webSearchPerMillion: card.webSearchPerMillion });
    expect(back.byName.get('claude-haiku-4-5-20251001')?.id).toBe('claude-haiku-4-5');
    expect(serializeCard(back)).toBe(serializeCard(card));
  });

  type Loose = { models: Record<string, unknown>[]; [key: string]: unknown };
  const damaged: readonly [string, (card: Loose) => void, string][] = [
    ['no models', (c) => (c.models = []), 'models must be'],
    ['no fee', (c) => delete c['webSearchPerMillion'], 'webSearchPerMillion must be'],
    ['an unknown field', (c) => (c['discount'] = 1), 'discount is unknown'],
    ['an unknown field of a model', (c) => ((c.models[0] as Record<string, unknown>)['colour'] = 1), 'models[0].colour is unknown'],
    ['a price with a point', (c) => ((c.models[1] as { prices: Record<string, unknown> }).prices['input'] = '1.5'), 'models[1].prices.input must be'],
    ['a negative price', (c) => ((c.models[1] as { prices: Record<string, unknown> }).prices['output'] = '-1'), 'models[1].prices.output must be'],
    ['a missing price', (c) => delete (c.models[2] as { prices: Record<string, unknown> }).prices['cacheRead'], 'models[2].prices.cacheRead must be'],
    ['a price beyond all sense', (c) => ((c.models[0] as { prices: Record<string, unknown> }).prices['input'] = '9999999999999'), 'above the largest price'],
    ['no name', (c) => ((c.models[0] as Record<string, unknown>)['id'] = ''), 'models[0].id must be'],
    ['a window of 0', (c) => ((c.models[0] as Record<string, unknown>)['contextWindow'] = 0), 'models[0].contextWindow must be'],
    ['two models of one name', (c) => ((c.models[0] as Record<string, unknown>)['id'] = c.models[1]?.['id']), 'two models are named'],
  ];
  test.each(damaged)('with %s is refused, saying where', (_, damage, words) => {
    const card = JSON.parse(serializeCard(cardAt('1'))) as Loose;
    damage(card);
    expect(() => parseCard(version, JSON.stringify(card))).toThrow(CardError);
    expect(() => parseCardPrices(JSON.stringify(card))).toThrow(words);
  });

  test('that is no JSON, or none of ours, is refused', () => {
    for (const text of ['', '{', 'null', '[]', '1']) expect(() => parseCardPrices(text)).toThrow('price card:');
  });
});
