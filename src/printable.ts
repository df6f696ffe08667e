/** Control, format (bidirectional marks too) and line-separating characters, and halves of surrogate pairs. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Text that others chose (buyers' names, models, upstreams' messages, what a file holds), for a terminal: what could
 * steer it, hide, or forge a line or a column is shown as JSON escapes it, `\u001b`, so that JSON stays the same document.
 */
export function printable(text: string): string {
  return text.replace(INVISIBLE, (character) => character.split('').map(escaped).join(''));
}

/** The same for a text of ours of several lines, whose line feeds stay. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
