/** Random tokens, and the digest under which each is kept. Nothing else of a token is on disk. */
import * as crypto from 'node:crypto';

/** A session, an invitation, an admin's token for programs. */
export type TokenPrefix = 'st_' | 'iv_' | 'ainogap_admin_';

/** 32 random bytes as base64url. */
const SECRET_LENGTH = 43;

export function newToken(prefix: TokenPrefix): string {
  return prefix + crypto.randomBytes(32).toString('base64url');
}

/** Whether it can be such a token at all: what has another shape is never looked up. */
export function hasTokenShape(prefix: TokenPrefix, text: string): boolean {
  return text.length === prefix.length + SECRET_LENGTH && text.startsWith(prefix) && /^[\w-]+$/.test(text);
}

/** SHA-256. A token has 256 random bits, so nothing slower is needed, and it is found by its whole digest. */
export function digestToken(token: string): Buffer {
  return crypto.createHash('sha256').update(token).digest();
}
