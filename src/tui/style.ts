/**
 * How the view looks on a given terminal: explicit ANSI codes, one colour per token class (checked under simulated colour
 * blindness), and glyphs with a stand-in of the same width where Unicode is missing. Marks and bars are coloured, numbers
 * are not; red is for errors alone.
 */
import type { TokenClass } from '../tokens.ts';
import { asciiOf } from './ascii.ts';

export type ColourLevel = 0 | 1 | 2 | 3;

/** What a stretch of text is, for its look. */
export type Ink = 'plain' | 'strong' | 'faint' | 'warning' | 'problem' | 'sorted' | 'letter' | 'sortedLetter' | TokenClass;

export interface StyleOptions {
  /** 0: no escape codes at all; 1: 16 colours; 2: 256; 3: 24 bits. */
  readonly colourLevel: ColourLevel;
  readonly unicode: boolean;
  /** Where it is known, terminals of 24 bits get the palette that was made for it, others the 16 colours of their theme. */
  readonly background?: 'dark' | 'light' | undefined;
}

export interface Style {
  readonly colourLevel: ColourLevel;
  readonly unicode: boolean;
  paint(text: string, ink: Ink): string;
  /** The text as this terminal can show it, in as many cells. */
  shown(text: string): string;
  /** What a class is filled with in a stacked bar: told apart by colour, or by glyph where there is none. */
  bar(tokenClass: TokenClass): string;
  /** What stands for nothing at all, then eight steps from little to most. */
  readonly sparks: readonly string[];
}

export const CLASS_MARKS: Readonly<Record<TokenClass, string>> = { input: 'I', output: 'O', cacheWrite5m: '5', cacheWrite1h: 'H', cacheRead: 'R' };
export const CLASS_NAMES: Readonly<Record<TokenClass, string>> = { input: 'input', output: 'output', cacheWrite5m: 'write 5m', cacheWrite1h: 'write 1h', cacheRead: 'read' };

const ANSI: Readonly<Record<Ink, string>> = {
  plain: '',
  strong: '1',
  faint: '2',
  warning: '1',
  problem: '31',
  sorted: '7',
  letter: '4;1',
  sortedLetter: '7;4',
  input: '36',
  output: '33',
  cacheWrite5m: '35',
  cacheWrite1h: '94',
  cacheRead: '32',
};

/** Contrast of at least 4.9 on #0e1116, of at least 3.2 on white. */
const PALETTES: Readonly<Record<'dark' | 'light', Readonly<Partial<Record<Ink, string>>>>> = {
  dark: { input: '38;2;111;184;250', output: '38;2;242;166;54', cacheWrite5m: '38;2;199;92;156', cacheWrite1h: '38;2;138;107;255', cacheRead: '38;2;188;245;211' },
  light: { input: '38;2;79;148;222', output: '38;2;185;130;15', cacheWrite5m: '38;2;168;32;127', cacheWrite1h: '38;2;106;61;224', cacheRead: '38;2;6;64;31' },
};

const MONO_BARS: Readonly<Record<TokenClass, string>> = { input: '█', output: '▓', cacheWrite5m: '▒', cacheWrite1h: '░', cacheRead: '▄' };
const ASCII_BARS: Readonly<Record<TokenClass, string>> = { input: 'i', output: 'o', cacheWrite5m: '5', cacheWrite1h: 'h', cacheRead: 'r' };

export function createStyle(options: StyleOptions): Style {
  const { colourLevel, unicode, background } = options;
  const codes = { ...ANSI, ...(colourLevel === 3 && background !== undefined ? PALETTES[background] : {}) };
  return {
    colourLevel,
    unicode,
    paint: (text, ink) => (colourLevel === 0 || codes[ink] === '' || text === '' ? text : `\u001b[${codes[ink]}m${text}\u001b[0m`),
    shown: (text) => (unicode ? text : asciiOf(text)),
    bar: (tokenClass) => (unicode ? (colourLevel > 0 ? '█' : MONO_BARS[tokenClass]) : ASCII_BARS[tokenClass]),
    sparks: Array.from(unicode ? '·▁▂▃▄▅▆▇█' : ' _.-:=+*#'),
  };
}
