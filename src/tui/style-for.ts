/** Which style a terminal can show, by what its environment says of it. */
import { createStyle } from './style.ts';
import type { ColourLevel, Style, StyleOptions } from './style.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** `FORCE_COLOR` beats `NO_COLOR`, which beats the terminal, as for every command. `ascii`: the operator asked for it. */
export function styleFor(env: Env, isTTY: boolean, options: { readonly ascii?: boolean } = {}): Style {
  const unicode = options.ascii !== true && hasUnicode(env);
  return createStyle({ colourLevel: colourLevelOf(env, isTTY), unicode, background: backgroundOf(env) });
}

function colourLevelOf(env: Env, isTTY: boolean): ColourLevel {
  const force = env['FORCE_COLOR'];
  if (force === '0' || force === 'false') return 0;
  if (force === '1' || force === '2' || force === '3') return Number(force) as ColourLevel;
  if (force !== undefined) return Math.max(1, terminalLevel(env)) as ColourLevel;
  // https://no-color.org: present and not empty, whatever its value.
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return 0;
  return isTTY ? terminalLevel(env) : 0;
}

function terminalLevel(env: Env): ColourLevel {
  const term = env['TERM'] ?? '';
  if (term === 'dumb') return 0;
  if (/^(truecolor|24bit)$/.test(env['COLORTERM'] ?? '')) return 3;
  return term.includes('256color') ? 2 : 1;
}

/** A locale that names no encoding, or none at all (as in services and on Windows), leaves it to the terminal: all of today know UTF-8. */
function hasUnicode(env: Env): boolean {
  if (env['TERM'] === 'linux' || env['TERM'] === 'dumb') return false;
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => value !== undefined && value !== '');
  if (locale === undefined) return true;
  if (locale === 'C' || locale === 'POSIX') return false;
  const encoding = /\.([^@]+)/.exec(locale)?.[1];
  return encoding === undefined || /^utf-?8$/i.test(encoding);
}

/** `COLORFGBG` is `foreground;background` in numbers of the 16 colours: 7 and 9 to 15 are light. */
function backgroundOf(env: Env): StyleOptions['background'] {
  const colour = /^\d+;(?:\w+;)?(\d+)$/.exec(env['COLORFGBG'] ?? '')?.[1];
  if (colour === undefined) return undefined;
  return colour === '7' || Number(colour) > 8 ? 'light' : 'dark';
}
