/** Ink's idea of a key → the names that `reduce` knows. */
import type { Key } from 'ink';
import type { NamedKey } from './tui-event.ts';

const CONTROL: Readonly<Record<string, NamedKey>> = { c: 'ctrl-c', l: 'ctrl-l', u: 'ctrl-u', z: 'ctrl-z', h: 'backspace' };

const CHARACTERS: Readonly<Record<string, NamedKey>> = { '\r': 'enter', '\n': 'enter', '\t': 'tab', '\x03': 'ctrl-c', '\x0c': 'ctrl-l', '\x15': 'ctrl-u', '\x1a': 'ctrl-z' };

function namedKey(key: Key): NamedKey | null {
  if (key.upArrow) return 'up';
  if (key.downArrow) return 'down';
  if (key.leftArrow) return 'left';
  if (key.rightArrow) return 'right';
  if (key.pageUp) return 'pageUp';
  if (key.pageDown) return 'pageDown';
  if (key.home) return 'home';
  if (key.end) return 'end';
  if (key.return) return 'enter';
  if (key.escape) return 'escape';
  if (key.tab) return key.shift ? 'shiftTab' : 'tab';
  // Terminals differ in which of the two the key above Enter sends.
  return key.backspace || key.delete ? 'backspace' : null;
}

/** Several keys when they were typed faster than they were read; none for what means nothing here, such as F5 or Alt-x. */
export function keysOfInput(input: string, key: Key): readonly string[] {
  const named = namedKey(key);
  if (named !== null) return [named];
  if (key.ctrl) return CONTROL[input] === undefined ? [] : [CONTROL[input]];
  if (key.meta) return [];
  return Array.from(input).map((character) => CHARACTERS[character] ?? character);
}
