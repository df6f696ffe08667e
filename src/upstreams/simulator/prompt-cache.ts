/**
 * Prompt caching by prefix, by the rules of the Messages API ("Prompt caching" in its documentation): an entry is
 * written at each breakpoint, is found again from a breakpoint up to 20 blocks further on, lives for its TTL and is
 * refreshed by each read. One cache is one upstream account's.
 */
import * as crypto from 'node:crypto';
import type { CacheTtl, PromptBlock } from './prompt-blocks.ts';

/** Input tokens by how they are billed; they add up to the whole prompt. */
export interface CacheUse {
  readonly input: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  readonly cacheRead: number;
}

interface Entry {
  readonly ttl: CacheTtl;
  expiresAt: number;
}

export interface PromptCacheOptions {
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Shorter prefixes are not cached, silently. */
  readonly tokensMin: number;
}

const TTL_MS: Readonly<Record<CacheTtl, number>> = { '5m': 5 * 60_000, '1h': 60 * 60_000 };
const LOOKBACK_BLOCKS = 20;
const ENTRIES_MAX = 20_000;

/** The prefix that ends with some block. */
interface Prefix {
  readonly key: string;
  readonly tokens: number;
  readonly breakpoint: CacheTtl | null;
}

export class PromptCache {
  readonly #options: PromptCacheOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: PromptCacheOptions) {
    this.#options = options;
  }

  /** Looks the prompt up, records what it writes, and tells how its tokens are billed. */
  use(model: string, blocks: readonly PromptBlock[]): CacheUse {
    const total = blocks.reduce((sum, block) => sum + block.tokens, 0);
    if (!blocks.some((block) => block.breakpoint)) return { input: total, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0 };
    const prefixes = prefixesOf(model, blocks);
    const marks = prefixes.flatMap((prefix, index) => (prefix.breakpoint && prefix.tokens >= this.#options.tokensMin ? index : []));
    const hit = this.#longestHit(prefixes, marks);
    const cacheRead = hit === -1 ? 0 : (prefixes[hit]?.tokens ?? 0);
    this.#refresh(prefixes.slice(0, hit + 1));
    const end1h = this.#write(prefixes, marks, hit, '1h') ?? cacheRead;
    const end5m = this.#write(prefixes, marks, hit, '5m') ?? end1h;
    return { input: total - end5m, cacheWrite5m: end5m - end1h, cacheWrite1h: end1h - cacheRead, cacheRead };
  }

  /** Index of the longest known prefix that a breakpoint can see, or -1. */
  #longestHit(prefixes: readonly Prefix[], marks: readonly number[]): number {
    for (const mark of marks.toReversed()) {
      for (let index = mark; index >= 0 && index > mark - LOOKBACK_BLOCKS; index--) {
        const prefix = prefixes[index];
        if (prefix && this.#live(prefix.key)) return index;
      }
    }
    return -1;
  }

  #live(key: string): Entry | null {
    const entry = this.#entries.get(key);
    if (!entry) return null;
    if (entry.expiresAt > this.#options.now()) return entry;
    this.#entries.delete(key);
    return null;
  }

  #refresh(prefixes: readonly Prefix[]): void {
    for (const { key } of prefixes) {
      const entry = this.#live(key);
      if (entry) entry.expiresAt = this.#options.now() + TTL_MS[entry.ttl];
    }
  }

  /** Writes an entry at each breakpoint of this TTL beyond the hit; returns the tokens up to the last one. */
  #write(prefixes: readonly Prefix[], marks: readonly number[], hit: number, ttl: CacheTtl): number | null {
    let end: number | null = null;
    for (const mark of marks) {
      const prefix = prefixes[mark];
      if (mark <= hit || !prefix || prefix.breakpoint !== ttl) continue;
      this.#entries.delete(prefix.key);
      this.#entries.set(prefix.key, { ttl, expiresAt: this.#options.now() + TTL_MS[ttl] });
      end = prefix.tokens;
    }
    this.#forgetOldest();
    return end;
  }

  #forgetOldest(): void {
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= ENTRIES_MAX) return;
      this.#entries.delete(key);
    }
  }
}

function prefixesOf(model: string, blocks: readonly PromptBlock[]): Prefix[] {
  let key = model;
  let tokens = 0;
  return blocks.map((block) => {
    key = crypto.hash('sha256', `${key}\n${block.identity}`);
    tokens += block.tokens;
    return { key, tokens, breakpoint: block.breakpoint };
  });
}
