import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { didYouMean, editDistance, nearest } from '../src/nearest.ts';

describe('the edit distance', () => {
  it.each([
    ['', '', 0],
    ['abc', '', 3],
    ['acm', 'acme', 1],
    ['acem', 'acme', 1],
    ['kitten', 'sitting', 3],
    ['😀a', 'a😀', 1],
  ])('from %j to %j is %i', (a, b, distance) => expect(editDistance(a, b)).toBe(distance));

  it('is symmetric, zero only for equal words, and at most the longer length', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        const distance = editDistance(a, b);
        expect(distance).toBe(editDistance(b, a));
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(Math.max(Array.from(a).length, Array.from(b).length));
      }),
    );
  });
});

describe('a suggestion', () => {
  it('is the nearest word in any case, and nothing for what is far from all', () => {
    expect(nearest('ACM', ['globex', 'acme', 'acne'])).toBe('acme');
    expect(nearest('zzz', ['acme'])).toBeNull();
    expect(nearest('anything', [])).toBeNull();
    expect(didYouMean('acm', ['acme'])).toBe(' Did you mean "acme"?');
    expect(didYouMean('zzz', ['acme'])).toBe('');
  });
});
