/** Finds sections of the guide by the words of a query: all must occur; title, heading and text count in that order. */

export interface SearchEntry {
  /** Where it is, with its `#`. */
  readonly path: string;
  readonly page: string;
  /** Empty for the part above the first heading. */
  readonly heading: string;
  readonly text: string;
}

export interface SearchHit {
  readonly path: string;
  readonly page: string;
  readonly heading: string;
  /** Around the first word that was found in the text. */
  readonly excerpt: string;
}

const HITS_MAX = 20;
const EXCERPT_BEFORE = 40;
const EXCERPT_LENGTH = 180;

export function wordsOf(query: string): string[] {
  return [...new Set(query.toLowerCase().split(/[^\p{L}\p{N}_-]+/u).filter((word) => word !== ''))].slice(0, 8);
}

export function searchGuide(entries: readonly SearchEntry[], query: string): SearchHit[] {
  const words = wordsOf(query);
  if (words.length === 0) return [];
  const scored = entries.map((entry) => ({ entry, score: scoreOf(entry, words) })).filter(({ score }) => score > 0);
  return scored
    .toSorted((a, b) => b.score - a.score)
    .slice(0, HITS_MAX)
    .map(({ entry: { path, page, heading, text } }) => ({ path, page, heading, excerpt: excerptOf(text, words) }));
}

/** 0: some word occurs nowhere. */
function scoreOf({ page, heading, text }: SearchEntry, words: readonly string[]): number {
  const [inPage, inHeading, inText] = [page.toLowerCase(), heading.toLowerCase(), text.toLowerCase()];
  let score = 0;
  for (const word of words) {
    const times = Math.min(inText.split(word).length - 1, 5);
    const found = (inHeading.includes(word) ? 20 : 0) + (inPage.includes(word) ? 10 : 0) + times;
    if (found === 0) return 0;
    score += found;
  }
  return score;
}

function excerptOf(text: string, words: readonly string[]): string {
  const lower = text.toLowerCase();
  const places = words.map((word) => lower.indexOf(word)).filter((at) => at >= 0);
  const at = places.length === 0 ? 0 : Math.min(...places);
  const space = text.lastIndexOf(' ', Math.max(0, at - EXCERPT_BEFORE));
  const start = at <= EXCERPT_BEFORE ? 0 : space + 1;
  const end = start + EXCERPT_LENGTH >= text.length ? text.length : text.lastIndexOf(' ', start + EXCERPT_LENGTH);
  return `${start > 0 ? '… ' : ''}${text.slice(start, end).trim()}${end < text.length ? ' …' : ''}`;
}
