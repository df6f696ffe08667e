/** Control, format, surrogate and line-separating characters: they steer terminals, hide, or look like nothing. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

export type VisibleTextParse = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string };

/** Text for people to see: composed, trimmed, 1 to `max` characters, none of them invisible. */
export function parseVisibleText(given: string, max: number): VisibleTextParse {
  const text = given.normalize('NFC').trim();
  const length = Array.from(text).length;
  if (length === 0) return { ok: false, reason: `it needs 1 to ${max} characters` };
  if (length > max) return { ok: false, reason: `it may have at most ${max} characters, this has ${length}` };
  if (INVISIBLE.test(text)) return { ok: false, reason: 'it may have no control or invisible characters' };
  return { ok: true, text };
}
