/** What may come into a line that is typed: no control characters, no line ends, no invisible marks. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** The visible part of a pasted text, as one line. */
export const visibleText = (text: string): string => text.trim().replace(INVISIBLE, '');

/** What a key adds to a line: its character, or nothing when it is a named key. */
export const typed = (key: string): string => (Array.from(key).length === 1 ? key.replace(INVISIBLE, '') : '');

/** Without its last character, an emoji or an accented letter being one. */
export function eraseLast(text: string): string {
  const characters = [...new Intl.Segmenter().segment(text)];
  return characters
    .slice(0, -1)
    .map(({ segment }) => segment)
    .join('');
}
