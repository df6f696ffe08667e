/** How deep a YAML text goes, told before anything that recurses reads it. */
import { Parser, type CST } from 'yaml';

interface Open {
  readonly token: CST.Token;
  /** Groups and lists around it. */
  readonly depth: number;
}

/** The offset of the first group or list that has more than `most` others around it; null when none has. */
export function firstTooDeep(text: string, most: number): number | null {
  let first: number | null = null;
  for (const document of new Parser().parse(text)) {
    const open: Open[] = [{ token: document, depth: 0 }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { token, depth } = next;
      if (token.type === 'document' && token.value) open.push({ token: token.value, depth });
      if (!('items' in token)) continue;
      if (depth > most) first = Math.min(first ?? Infinity, token.offset);
      else for (const { key, value } of token.items) for (const inner of [key, value]) if (inner) open.push({ token: inner, depth: depth + 1 });
    }
  }
  return first;
}
