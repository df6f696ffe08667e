/** How many terminal cells a text takes, and texts cut or padded to a number of cells. */
import stringWidth from 'string-width';

/** Our own glyphs and ASCII: one cell each, so that most texts need no segmenting. */
const ALL_NARROW = /^[\x20-\x7e…—·●○×→↑↓▲▼⏎✓“”’─│┌┐└┘├┤▁▂▃▄▅▆▇█▓▒░]*$/;
const graphemes = new Intl.Segmenter('en');

export function cellWidth(text: string): number {
  return ALL_NARROW.test(text) ? text.length : stringWidth(text);
}

/** The characters as people count them, each with the cells it takes. */
export function cellsOf(text: string): { readonly text: string; readonly width: number }[] {
  return Array.from(graphemes.segment(text), ({ segment }) => ({ text: segment, width: cellWidth(segment) }));
}

/** The longest beginning that fits into `width` cells. */
export function startOf(text: string, width: number): string {
  if (ALL_NARROW.test(text)) return text.slice(0, Math.max(0, width));
  let taken = 0;
  let kept = '';
  for (const cell of cellsOf(text)) {
    if (taken + cell.width > width) break;
    taken += cell.width;
    kept += cell.text;
  }
  return kept;
}

/** What is left without the first `width` cells; a character that lies across the cut leaves a space behind. */
export function endFrom(text: string, width: number): string {
  if (ALL_NARROW.test(text)) return text.slice(Math.max(0, width));
  let skipped = 0;
  let kept = '';
  for (const cell of cellsOf(text)) {
    if (skipped >= width) kept += cell.text;
    else {
      skipped += cell.width;
      kept += ' '.repeat(Math.max(0, skipped - width));
    }
  }
  return kept;
}

/** Words in at most `width` cells: what does not fit ends with `…`. Not for numbers. */
export function shortened(text: string, width: number): string {
  if (cellWidth(text) <= width) return text;
  return width <= 0 ? '' : `${startOf(text, width - 1)}…`;
}

/** A name with what must be known of it, which stays when the name is cut; in little room a sign stands for it. */
export function tagged(name: string, tag: string, width: number): string {
  const full = `${name} (${tag})`;
  if (width === 0 || cellWidth(full) <= width) return full;
  const end = width >= tag.length + 10 ? ` (${tag})` : ' ×';
  return shortened(name, width - cellWidth(end)) + end;
}

/** Cut after a word where possible, so that no number is cut; a single long word is cut anywhere. */
export function shortenedAtWord(text: string, width: number): string {
  if (cellWidth(text) <= width) return text;
  const start = startOf(text, width - 1);
  const atWord = endFrom(text, cellWidth(start)).startsWith(' ') ? start : start.slice(0, start.lastIndexOf(' ') + 1);
  const kept = atWord.trimEnd();
  if (kept !== '') return startOf(`${kept} …`, width);
  return /\d/.test(start.trim()) ? startOf('…', width) : shortened(text, width);
}

export const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - cellWidth(text)));
export const paddedLeft = (text: string, width: number): string => ' '.repeat(Math.max(0, width - cellWidth(text))) + text;

/** Lines of at most `width` cells, broken between words; the indent of the text is kept. A longer word is cut. */
export function wrapped(text: string, width: number): string[] {
  const indent = startOf(/^ */.exec(text)?.[0] ?? '', Math.floor(width / 2));
  const lines: string[] = [];
  let line = '';
  for (const word of text.trim().split(/ +/)) {
    const longer = line === '' ? indent + word : `${line} ${word}`;
    if (line !== '' && cellWidth(longer) > width) {
      lines.push(line);
      line = indent + word;
    } else line = longer;
  }
  lines.push(line);
  return lines.map((each) => shortenedAtWord(each, width));
}
