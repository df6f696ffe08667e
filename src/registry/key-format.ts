/**
 * The shape of a buyer's key: `rk_` and 36 base62 digits, 214 random bits. A fixed length, so that secret scanners
 * recognise it and nothing else is ever looked up in the database.
 */
import * as crypto from 'node:crypto';

const KEY_PREFIX = 'rk_';
const SECRET_DIGITS = 36;
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** The largest multiple of 62 in a byte: bytes from here on are drawn again, or some digits would come more often. */
const UNBIASED_BELOW = 248;

export const KEY_SHAPE = /^rk_[0-9A-Za-z]{36}$/;

/** A new secret from the system's random source. */
export function generateKey(): string {
  let digits = '';
  while (digits.length < SECRET_DIGITS) {
    for (const byte of crypto.randomBytes(SECRET_DIGITS)) {
      if (byte < UNBIASED_BELOW && digits.length < SECRET_DIGITS) digits += BASE62[byte % 62];
    }
  }
  return KEY_PREFIX + digits;
}

/** SHA-256 of the whole key as lower-case hex: all that is kept of it, besides what `keyHints` gives. */
export function digestKey(key: string): string {
  return crypto.hash('sha256', key, 'hex');
}

/** What people may see to tell keys apart. Eight digits: 166 random bits stay secret. */
export function keyHints(key: string): { prefix: string; last4: string } {
  return { prefix: key.slice(0, KEY_PREFIX.length + 4), last4: key.slice(-4) };
}

/** How a key is shown once its secret is gone: `rk_8fK2…9f3a`. */
export function maskKey(hints: { readonly prefix: string; readonly last4: string }): string {
  return `${hints.prefix}…${hints.last4}`;
}
