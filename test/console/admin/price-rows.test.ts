import { describe, expect, test } from 'vitest';
import { cardChange, type CardModel, marginRange, marginWords, priceRows } from '../../../src/console/admin/routes/price-rows.ts';

const five = (value: number): CardModel['pricesPerMillionUsdMicros'] => ({ input: value, output: value, cacheWrite5m: value, cacheWrite1h: value, cacheRead: value });
const model = (name: string, card: number, list: number | null): CardModel => ({
  model: name,
  aliases: [],
  contextWindow: 200_000,
  maxOutput: 64_000,
  geoPremium: false,
  pricesPerMillionUsdMicros: five(card),
  listPerMillionUsdMicros: list === null ? null : five(list),
  margin: null,
});

describe('a card beside the list', () => {
  test('each class has its difference and margin, in the one order of the classes', () => {
    const rows = priceRows(model('sonnet', 3_750_000, 3_000_000));
    expect(rows.map(({ tokenClass }) => tokenClass)).toEqual(['input', 'output', 'cacheWrite5m', 'cacheWrite1h', 'cacheRead']);
    expect(rows[0]).toEqual({ tokenClass: 'input', list: 3_000_000, card: 3_750_000, difference: 750_000, margin: 0.2, belowList: false, before: null });
  });

  test('a price below list is marked, and its margin is negative', () => {
    expect(priceRows(model('sonnet', 2_400_000, 3_000_000))[1]).toMatchObject({ difference: -600_000, margin: -0.25, belowList: true });
  });

  test('without a list price or with a price of zero there is no margin', () => {
    expect(priceRows(model('own', 5, null))[0]).toMatchObject({ difference: null, margin: null, belowList: false });
    expect(priceRows(model('free', 0, 3))[0]).toMatchObject({ margin: null, belowList: true });
    expect(marginRange([model('own', 5, null)])).toBeNull();
  });

  test('a margin that is the same everywhere is told once', () => {
    expect(marginWords({ least: 0.2, most: 0.2000000001 })).toBe('20.0%');
    expect(marginWords({ least: 0.1667, most: 0.2 })).toBe('16.7% to 20.0%');
  });

  test('the range of margins spans all models', () => {
    expect(marginRange([model('a', 4, 3), model('b', 2, 1)])).toEqual({ least: 0.25, most: 0.5 });
  });
});

describe('two versions of a card', () => {
  test('tell which models come, which go, and which have another price', () => {
    const change = cardChange([model('a', 10, 8), model('b', 10, 8), model('gone', 1, 1)], [model('a', 12, 8), model('b', 10, 8), model('new', 1, 1)]);
    expect(change.added).toEqual(['new']);
    expect(change.removed).toEqual(['gone']);
    expect(change.repriced.map((entry) => entry.model)).toEqual(['a']);
    expect(change.repriced[0]?.rows[0]).toMatchObject({ before: 10, card: 12 });
  });
});
