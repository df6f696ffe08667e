/** Figures with their words, packed into lines: none is ever split or cut. */
import type { Line, Span } from './line.ts';
import { lineWidth, span } from './line.ts';

const GAP = 3;

/** A word and its figure: `held 5.42`. */
export const figure = (word: string, value: string | Span): Line => [span(`${word} `, 'faint'), typeof value === 'string' ? span(value) : value];

/** As many lines as it takes, each indented by two. What is wider than a whole line is left out. */
export function flowLines(figures: readonly Line[], width: number): Line[] {
  const lines: Span[][] = [];
  let current: Span[] | null = null;
  for (const each of figures) {
    const own = lineWidth(each);
    if (own + 2 > width) continue;
    if (current !== null && lineWidth(current) + GAP + own <= width) current.push(span(' '.repeat(GAP)), ...each);
    else {
      current = [span('  '), ...each];
      lines.push(current);
    }
  }
  return lines;
}
