import { describe, expect, it } from 'vitest';
import { readYaml } from '../../src/config/read-yaml.ts';

const DEEP = 100_000;
const mistakesOf = (text: string): readonly unknown[] => readYaml(text).mistakes;

describe('a YAML text that is nested deeply', () => {
  it.each([
    ['lists', `a: 1\nb: ${'['.repeat(DEEP)}`, 2],
    ['closed lists', `a: 1\n\nb: ${'['.repeat(DEEP)}${']'.repeat(DEEP)}`, 3],
    ['groups', `a: ${'{a: '.repeat(DEEP)}`, 1],
    ['lists by dashes', '- '.repeat(DEEP), 1],
    ['keys of keys', '? '.repeat(DEEP), 1],
    ['groups by indentation', Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'), 32],
    ['a second place', `a: ${'{a: '.repeat(20)}1${'}'.repeat(20)}\nb:\n  c: ${'['.repeat(DEEP)}`, 3],
  ])('as %s is refused in words, with its line', (_, text, line) => {
    expect(mistakesOf(text)).toEqual([{ line, path: [], message: 'nested too deeply: more than 30 groups or lists within each other' }]);
  });

  it('is read as long as no configuration could need more', () => {
    expect(mistakesOf(`a: ${'['.repeat(25)}${']'.repeat(25)}`)).toEqual([]);
    expect(mistakesOf(Array.from({ length: 1000 }, (_, index) => `a${index}: [[[1]]]`).join('\n'))).toEqual([]);
  });
});
