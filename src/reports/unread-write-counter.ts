/** Tells which cache writes nobody read, from what buyers did with the caches of models minute by minute. */
import type { BuyerId } from '../ids.ts';
import { micro, ZERO, type MicroUsdc } from '../money.ts';

/** Reads extend an entry's life, and a write that was read does not count, so the first life is the one that matters. */
export const LIVES = { short: 5, long: 60 } as const;
const REQUEST_MINUTES = 10;
/** How long after a write's minute a read of it may still end. */
export const shows = (life: number): number => 1 + life + REQUEST_MINUTES;

export interface UnreadWrites {
  readonly tokens: number;
  /** What those writes were charged. */
  readonly charge: MicroUsdc;
}

export interface UnreadWritesFound extends UnreadWrites {
  readonly byBuyer: ReadonlyMap<BuyerId, UnreadWrites>;
}

export type CacheRow = readonly [minute: bigint, buyer: bigint, model: string, read: bigint, short: bigint, shortCharge: bigint, long: bigint, longCharge: bigint];

interface Write {
  readonly minute: number;
  readonly life: number;
  readonly tokens: number;
  readonly charge: bigint;
}

/** What one buyer did with the caches of one model. */
interface Cache {
  readonly buyerId: BuyerId;
  lastRead: number;
  /** Written, and not read so far; oldest first within each life. */
  waiting: Write[];
}

/** Rows come in the order of their minutes. */
export class UnreadWriteCounter {
  readonly #caches = new Map<string, Cache>();
  readonly #byBuyer = new Map<BuyerId, { tokens: number; charge: MicroUsdc }>();

  add([at, buyer, model, read, short, shortCharge, long, longCharge]: CacheRow, { from, until }: { from: number; until: number }): void {
    const minute = Number(at);
    const key = `${buyer} ${model}`;
    const cache = this.#caches.get(key) ?? { buyerId: Number(buyer) as BuyerId, lastRead: -Infinity, waiting: [] };
    this.#caches.set(key, cache);
    if (read > 0n) {
      this.#expire(cache, minute);
      cache.waiting = [];
      cache.lastRead = minute;
    }
    if (minute < from || minute >= until || cache.lastRead >= minute - REQUEST_MINUTES) return;
    if (short > 0n) cache.waiting.push({ minute, life: LIVES.short, tokens: Number(short), charge: shortCharge });
    if (long > 0n) cache.waiting.push({ minute, life: LIVES.long, tokens: Number(long), charge: longCharge });
  }

  /** All minutes before `minute` have been added. */
  closed(minute: number): void {
    for (const [key, cache] of this.#caches) {
      this.#expire(cache, minute);
      if (cache.waiting.length === 0 && cache.lastRead < minute - REQUEST_MINUTES) this.#caches.delete(key);
    }
  }

  /** Counts the writes that nothing at or after `minute` can have read. */
  #expire(cache: Cache, minute: number): void {
    if (cache.waiting.length === 0) return;
    const waiting: Write[] = [];
    for (const write of cache.waiting) {
      if (write.minute + shows(write.life) >= minute) waiting.push(write);
      else this.#count(cache.buyerId, write);
    }
    cache.waiting = waiting;
  }

  #count(buyerId: BuyerId, { tokens, charge }: Write): void {
    const known = this.#byBuyer.get(buyerId) ?? { tokens: 0, charge: ZERO };
    this.#byBuyer.set(buyerId, { tokens: known.tokens + tokens, charge: micro(known.charge + charge) });
  }

  found(): UnreadWritesFound {
    let tokens = 0;
    let charge = 0n;
    for (const one of this.#byBuyer.values()) {
      tokens += one.tokens;
      charge += one.charge;
    }
    return { tokens, charge: micro(charge), byBuyer: new Map(this.#byBuyer) };
  }
}
