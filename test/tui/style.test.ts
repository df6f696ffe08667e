import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { asciiOf } from '../../src/tui/ascii.ts';
import { cellWidth, endFrom, shortened, shortenedAtWord, startOf, tagged, wrapped } from '../../src/tui/cell-width.ts';
import { sparkCells, sparkLine } from '../../src/tui/spark-line.ts';
import { stackedBar } from '../../src/tui/stacked-bar.ts';
import { lineText, lineWidth } from '../../src/tui/line.ts';
import { createStyle } from '../../src/tui/style.ts';
import { styleFor } from '../../src/tui/style-for.ts';
import { micro } from '../../src/money.ts';
import { HOSTILE_NAMES } from '../support/extreme-snapshot.ts';

const UTF8 = { TERM: 'xterm-256color', LANG: 'en_US.UTF-8' };
const MONO = createStyle({ colourLevel: 0, unicode: true });
const ASCII = createStyle({ colourLevel: 0, unicode: false });

describe('which colours a terminal gets', () => {
  test('by what it says it can', () => {
    expect(styleFor({ ...UTF8, COLORTERM: 'truecolor' }, true).colourLevel).toBe(3);
    expect(styleFor(UTF8, true).colourLevel).toBe(2);
    expect(styleFor({ TERM: 'xterm', LANG: 'C.UTF-8' }, true).colourLevel).toBe(1);
    expect(styleFor({ TERM: 'dumb' }, true).colourLevel).toBe(0);
    expect(styleFor(UTF8, false).colourLevel).toBe(0);
  });
  test('FORCE_COLOR beats NO_COLOR, which beats the terminal; an empty NO_COLOR says nothing', () => {
    expect(styleFor({ ...UTF8, NO_COLOR: '1' }, true).colourLevel).toBe(0);
    expect(styleFor({ ...UTF8, NO_COLOR: '' }, true).colourLevel).toBe(2);
    expect(styleFor({ NO_COLOR: '1', FORCE_COLOR: '1' }, false).colourLevel).toBe(1);
    expect(styleFor({ ...UTF8, FORCE_COLOR: '0' }, true).colourLevel).toBe(0);
    expect(styleFor({ FORCE_COLOR: '3' }, false).colourLevel).toBe(3);
    expect(styleFor({ FORCE_COLOR: '', TERM: 'dumb' }, false).colourLevel).toBe(1);
  });
  test('each class has its own of the 16, and a palette only where the background is known', () => {
    const codes = (options: Parameters<typeof createStyle>[0]): string[] => (['input', 'output', 'cacheWrite5m', 'cacheWrite1h', 'cacheRead'] as const).map((ink) => createStyle(options).paint('x', ink));
    expect(codes({ colourLevel: 1, unicode: true })).toEqual(['36', '33', '35', '94', '32'].map((code) => `\u001b[${code}mx\u001b[0m`));
    expect(codes({ colourLevel: 3, unicode: true })).toEqual(codes({ colourLevel: 1, unicode: true }));
    expect(codes({ colourLevel: 3, unicode: true, background: 'dark' })[0]).toBe('\u001b[38;2;111;184;250mx\u001b[0m');
    expect(styleFor({ FORCE_COLOR: '3', COLORFGBG: '0;15' }, true).paint('x', 'input')).toContain('79;148;222');
    expect(styleFor({ FORCE_COLOR: '3', COLORFGBG: '15;0' }, true).paint('x', 'input')).toContain('111;184;250');
  });
});

describe('whether a terminal has Unicode', () => {
  test.each([
    [{ TERM: 'xterm', LANG: 'en_US.UTF-8' }, true],
    [{ TERM: 'xterm', LANG: 'de_DE.utf8' }, true],
    [{ TERM: 'xterm' }, true],
    [{ TERM: 'linux', LANG: 'en_US.UTF-8' }, false],
    [{ TERM: 'dumb', LANG: 'en_US.UTF-8' }, false],
    [{ TERM: 'xterm', LANG: 'en_US.ISO-8859-1' }, false],
    [{ TERM: 'xterm', LANG: 'en_US.UTF-8', LC_ALL: 'C' }, false],
    [{ TERM: 'xterm', LANG: 'C', LC_CTYPE: 'en_US.UTF-8', LC_ALL: '' }, true],
    [{ TERM: 'xterm', LANG: 'POSIX' }, false],
  ])('%o: %s', (env, expected) => {
    expect(styleFor(env, true).unicode).toBe(expected);
  });
  test('--ascii beats it', () => {
    expect(styleFor(UTF8, true, { ascii: true }).unicode).toBe(false);
  });
});

describe('text of others', () => {
  test('is cut by cells, never through a character', () => {
    for (const name of HOSTILE_NAMES)
      for (let width = 1; width < 20; width++) {
        expect(stringWidth(shortened(name.replaceAll(/\p{C}/gu, ''), width))).toBeLessThanOrEqual(width);
        expect(cellWidth(startOf(name, width))).toBeLessThanOrEqual(width);
      }
    expect(shortened('漢字漢字', 4)).toBe('漢…');
    expect(shortened('acme', 4)).toBe('acme');
    expect(endFrom('漢字ab', 1)).toBe(' 字ab');
  });
  test('becomes ASCII in as many cells', () => {
    expect(asciiOf('naïve café → 1 … 漢')).toBe('naive cafe > 1 ~ ??');
    for (const name of HOSTILE_NAMES) expect(asciiOf(name.replaceAll(/\p{C}/gu, ''))).toHaveLength(cellWidth(name.replaceAll(/\p{C}/gu, '')));
  });
  test('keeps its tag when it is cut', () => {
    expect(tagged('lumen', 'disabled', 0)).toBe('lumen (disabled)');
    expect(tagged('a very long name', 'disabled', 20)).toBe('a very l… (disabled)');
    expect(tagged('a very long name', 'disabled', 9)).toBe('a very… ×');
  });
  test('of several words breaks and ends between them', () => {
    expect(wrapped('  one two three', 9)).toEqual(['  one two', '  three']);
    expect(shortenedAtWord('hold 0.034480 held', 13)).toBe('hold …');
    expect(shortenedAtWord('0.034480', 5)).toBe('…');
  });
});

describe('a sparkline', () => {
  test('goes from little to most, and shows nothing as nothing', () => {
    expect(sparkLine([0, 1, 4, 8], { cells: 4, slot: 3 }, MONO)).toBe('·▁▄█');
    expect(sparkLine([0, 1, 4, 8], { cells: 4, slot: 3 }, ASCII)).toBe(' _:#');
    expect(sparkLine([0, 0], { cells: 2, slot: 1 }, MONO)).toBe('··');
  });
  test('has as many cells as it says, each for as many values', () => {
    for (let room = 0; room < 200; room++) expect(cellWidth(sparkLine(Array.from({ length: 60 }, (_, index) => index), { cells: room, slot: 7 }, MONO))).toBe(sparkCells(room, 60));
    expect([59, 60, 121, 20, 5].map((room) => sparkCells(room, 60))).toEqual([30, 60, 120, 20, 5]);
  });
  test('keeps its bars as time goes on', () => {
    const values = Array.from({ length: 62 }, (_, index) => (index * 7919) % 100);
    const at = (first: number): string => sparkLine(values.slice(first, first + 60), { cells: 30, slot: first + 59 }, MONO);
    expect(at(2).slice(0, -1)).toBe(at(0).slice(1));
  });
});

describe('the stacked bar', () => {
  const charges = { input: micro(10), output: micro(0), cacheWrite5m: micro(1_000_000), cacheWrite1h: micro(1), cacheRead: micro(500_000) };
  test('is full, in the order of the classes, with a cell for whatever costs anything', () => {
    const text = lineText(stackedBar(charges, 20, MONO), MONO);
    expect(text).toMatch(/^█▒+░▄+$/);
    expect(text).toHaveLength(20);
    expect(lineText(stackedBar(charges, 20, ASCII), ASCII)).toMatch(/^i5+hr+$/);
    for (let width = 0; width < 60; width++) expect(lineWidth(stackedBar(charges, width, MONO))).toBe(width);
  });
});
