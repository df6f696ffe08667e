/** Ten codes for whoever lost the authenticator: 80 random bits each, used once, kept as digests. */
import * as crypto from 'node:crypto';
import type { Db } from '../db/open.ts';
import { prepared } from '../db/prepared.ts';

const CODES = 10;
/** Letters and digits that are not taken for each other. */
const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';
const SHAPE = /^[0-9a-hjkmnp-tv-z]{16}$/;

/** Replaces those before them, inside the caller's transaction. The codes exist only here. */
export function replaceRecoveryCodes(db: Db, loginId: number): string[] {
  const codes = Array.from({ length: CODES }, newCode);
  db.prepare('DELETE FROM recovery_codes WHERE login_id = ?').run(loginId);
  const insert = prepared(db, 'INSERT INTO recovery_codes(login_id, digest) VALUES (?, ?)');
  for (const code of codes) insert.run(loginId, digestOf(loginId, plain(code)));
  return codes;
}

/** Uses a code up, inside the caller's transaction. False: it is none of the login's, or it was used. */
export function useRecoveryCode(db: Db, { loginId, code, now }: { readonly loginId: number; readonly code: string; readonly now: number }): boolean {
  const typed = plain(code);
  if (!SHAPE.test(typed)) return false;
  return db.prepare('UPDATE recovery_codes SET used_at = ? WHERE login_id = ? AND digest = ? AND used_at IS NULL').run(now, loginId, digestOf(loginId, typed)).changes === 1;
}

export function recoveryCodesLeft(db: Db, loginId: number): number {
  return Number(prepared(db, 'SELECT count(*) FROM recovery_codes WHERE login_id = ? AND used_at IS NULL', 'pluck').get(loginId));
}

/** `k3v9-0m2p-xw7d-4r8t` */
function newCode(): string {
  const digits = Array.from(crypto.randomBytes(16), (byte) => DIGITS[byte & 31]).join('');
  return (digits.match(/.{4}/g) as string[]).join('-');
}

/** As it may be typed: with or without dashes, in any case, with the letters that look like digits. */
const plain = (code: string): string => code.toLowerCase().replace(/[\s-]/g, '').replace(/o/g, '0').replace(/[il]/g, '1');

function digestOf(loginId: number, code: string): Buffer {
  return crypto.createHash('sha256').update(`${loginId}:${code}`).digest();
}
