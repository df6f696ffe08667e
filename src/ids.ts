/**
 * Branded ids, made only here. Inside, ids are integers (text ids cost 8 µs more per hold and settle, see
 * ARCHITECTURE.md); outside they are text with a prefix: `buyer_3`, `key_7`, `route_2`, `pc_12`, `req_01jd…`.
 */

declare const brand: unique symbol;
type Brand<T, B> = T & { readonly [brand]: B };

export type BuyerId = Brand<number, 'BuyerId'>;
export type KeyId = Brand<number, 'KeyId'>;
export type RouteId = Brand<number, 'RouteId'>;
export type CardVersion = Brand<number, 'CardVersion'>;
/** A serving process, numbered by the database. */
export type InstanceId = Brand<number, 'InstanceId'>;
export type RouteAlias = Brand<string, 'RouteAlias'>;
/**
 * 63 bits: 41 of milliseconds since 2025, 10 of the instance, 10 of a sequence, 2 for the transfers that belong to
 * the request (0 hold and post or void, 1 excess, 2 shortfall). Ordered by time, so rows are appended.
 */
export type RequestId = Brand<bigint, 'RequestId'>;
export type TransferId = Brand<bigint, 'TransferId'>;

const PREFIX = { buyer: 'buyer_', key: 'key_', route: 'route_', card: 'pc_' } as const;

const formatNumber = (prefix: string) => (id: number) => `${prefix}${id}`;
export const formatBuyerId = formatNumber(PREFIX.buyer) as (id: BuyerId) => string;
export const formatKeyId = formatNumber(PREFIX.key) as (id: KeyId) => string;
export const formatRouteId = formatNumber(PREFIX.route) as (id: RouteId) => string;
export const formatCardVersion = formatNumber(PREFIX.card) as (id: CardVersion) => string;

function parseNumber(prefix: string, text: string): number | null {
  if (!text.startsWith(prefix)) return null;
  const digits = text.slice(prefix.length);
  return /^[1-9]\d{0,14}$/.test(digits) ? Number(digits) : null;
}
export const parseBuyerId = (text: string): BuyerId | null => parseNumber(PREFIX.buyer, text) as BuyerId | null;
export const parseKeyId = (text: string): KeyId | null => parseNumber(PREFIX.key, text) as KeyId | null;
export const parseRouteId = (text: string): RouteId | null => parseNumber(PREFIX.route, text) as RouteId | null;
export const parseCardVersion = (text: string): CardVersion | null => parseNumber(PREFIX.card, text) as CardVersion | null;

const RESERVED_ALIASES = new Set(
  'buyer admin docs api assets login connect console openapi v1 oauth managed healthz readyz metrics'.split(' '),
);
const ALIAS = /^[a-z0-9][a-z0-9-]{0,63}$/;

export type AliasParse = { ok: true; alias: RouteAlias } | { ok: false; reason: string };
export function parseRouteAlias(text: string): AliasParse {
  if (!ALIAS.test(text))
    return { ok: false, reason: `"${text}" is not a route alias: 1 to 64 of a-z, 0-9 and -, not starting with -` };
  if (RESERVED_ALIASES.has(text)) return { ok: false, reason: `"${text}" is reserved for the gateway's own pages` };
  return { ok: true, alias: text as RouteAlias };
}

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';
const REQUEST_DIGITS = 13; // 65 bits hold 63

export function formatRequestId(id: RequestId): string {
  // In two halves of numbers: a shift of a bigint per digit costs eight times as much.
  let low = Number(id & 0x3fffffffn);
  let high = Number(id >> 30n);
  let text = '';
  for (let i = 0; i < 6; i++, low >>>= 5) text = (CROCKFORD[low & 31] as string) + text;
  for (let i = 6; i < REQUEST_DIGITS; i++, high = Math.floor(high / 32)) text = (CROCKFORD[high % 32] as string) + text;
  return `req_${text}`;
}

export function parseRequestId(text: string): RequestId | null {
  const match = /^req_([0-9a-hjkmnp-tv-z]{13})$/.exec(text);
  if (!match) return null;
  let id = 0n;
  for (const digit of match[1] as string) id = (id << 5n) | BigInt(CROCKFORD.indexOf(digit));
  return id < 1n << 63n && (id & 3n) === 0n ? (id as RequestId) : null;
}

export const ID_EPOCH_MS = Date.UTC(2025, 0, 1);
const SLOTS = 1024;

/** The last millisecond that fits an id's 41 bits, in 2094; no later one is asked for but by mistake. */
const ID_MS_MAX = 2 ** 41 - 1;

/** The first id that a request started at `ms` can have: for range reads by time. */
export function firstRequestIdAt(ms: number): RequestId {
  return (BigInt(Math.min(ID_MS_MAX, Math.max(0, Math.floor(ms) - ID_EPOCH_MS))) << 22n) as RequestId;
}

/** Wall-clock milliseconds at which an id was made (the maker's clock, never running backwards). */
export function requestIdTime(id: RequestId): number {
  return Number(id >> 22n) + ID_EPOCH_MS;
}

/**
 * Makes ids that never repeat within an instance, however the clock jumps: time only moves forward, and a full
 * sequence borrows the next millisecond.
 */
export function createRequestIds(instance: InstanceId, now: () => number = Date.now): () => RequestId {
  const slot = BigInt(instance % SLOTS) << 12n;
  let lastMs = 0;
  let sequence = 0;
  return () => {
    const ms = now() - ID_EPOCH_MS;
    if (ms > lastMs) {
      lastMs = ms;
      sequence = 0;
    } else if (++sequence === 1024) {
      lastMs++;
      sequence = 0;
    }
    return ((BigInt(lastMs) << 22n) | slot | BigInt(sequence << 2)) as RequestId;
  };
}

export const excessIdOf = (id: RequestId): TransferId => (id | 1n) as bigint as TransferId;
export const shortfallIdOf = (id: RequestId): TransferId => (id | 2n) as bigint as TransferId;
