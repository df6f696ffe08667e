/**
 * Codes of an authenticator app, by RFC 6238: SHA-1, six digits, 30 seconds; the step before and after count too, and
 * each step once.
 */
import { Secret, TOTP } from 'otpauth';
import type { Actor } from '../audit/actor.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Db } from '../db/open.ts';
import { concerning, existingLogin, subjectOf } from './logins.ts';
import type { Login } from './logins.ts';
import { replaceRecoveryCodes } from './recovery-codes.ts';

const PERIOD_SECONDS = 30;
const SECRET_BYTES = 20;
const ISSUER = 'ainogap';

export interface TotpSecret {
  /** Base32, for typing. */
  readonly secret: string;
  /** `otpauth://totp/…`, for a QR code. */
  readonly uri: string;
}

/**
 * A new secret that waits for its first code; one that waited before is replaced. Null: an authenticator is in use. Not
 * recorded: nothing asks for it until it is confirmed.
 */
export function beginTotp(db: Db, loginId: number): TotpSecret | null {
  const begin = db.transaction((): TotpSecret | null => {
    const login = existingLogin(db, loginId);
    if (login.totpConfirmedAt !== null) return null;
    const secret = new Secret({ size: SECRET_BYTES });
    db.prepare('UPDATE logins SET totp_secret = ?, totp_step = 0 WHERE id = ?').run(Buffer.from(secret.bytes), loginId);
    return { secret: secret.base32, uri: totpOf(secret, login.name).toString() };
  });
  return begin.immediate();
}

export type TotpConfirmation = { readonly kind: 'confirmed'; readonly recoveryCodes: readonly string[] } | { readonly kind: 'wrong' } | { readonly kind: 'notBegun' } | { readonly kind: 'inUse' };

/** From here on signing in by password asks for a code. The recovery codes exist only here. */
export function confirmTotp(db: Db, by: Actor, { loginId, code, now }: { readonly loginId: number; readonly code: string; readonly now: number }): TotpConfirmation {
  const confirm = db.transaction((): TotpConfirmation => {
    const login = existingLogin(db, loginId);
    if (login.totpConfirmedAt !== null) return { kind: 'inUse' };
    if (login.totpSecret === null) return { kind: 'notBegun' };
    if (!useTotpCode(db, { login, code, now })) return { kind: 'wrong' };
    db.prepare('UPDATE logins SET totp_confirmed_at = ? WHERE id = ?').run(now, loginId);
    recordAudit(db, { at: now, by, action: 'totp.add', subject: subjectOf(login), ...concerning(login) });
    return { kind: 'confirmed', recoveryCodes: replaceRecoveryCodes(db, loginId) };
  });
  return confirm.immediate();
}

/** Takes the authenticator and the recovery codes away. False: there is none. */
export function removeTotp(db: Db, by: Actor, { loginId, now }: { readonly loginId: number; readonly now: number }): boolean {
  const remove = db.transaction((): boolean => {
    const login = existingLogin(db, loginId);
    db.prepare('UPDATE logins SET totp_secret = NULL, totp_confirmed_at = NULL WHERE id = ?').run(loginId);
    if (login.totpConfirmedAt === null) return false;
    db.prepare('DELETE FROM recovery_codes WHERE login_id = ?').run(loginId);
    recordAudit(db, { at: now, by, action: 'totp.remove', subject: subjectOf(login), ...concerning(login) });
    return true;
  });
  return remove.immediate();
}

/** New recovery codes in place of the old ones. Null: without an authenticator there are none. */
export function renewRecoveryCodes(db: Db, by: Actor, { loginId, now }: { readonly loginId: number; readonly now: number }): readonly string[] | null {
  const renew = db.transaction((): readonly string[] | null => {
    const login = existingLogin(db, loginId);
    if (login.totpConfirmedAt === null) return null;
    recordAudit(db, { at: now, by, action: 'recovery_codes.renew', subject: subjectOf(login), ...concerning(login) });
    return replaceRecoveryCodes(db, loginId);
  });
  return renew.immediate();
}

/** Uses the code's step up, inside the caller's transaction. False: it is wrong, too old, or was used. */
export function useTotpCode(db: Db, { login, code, now }: { readonly login: Login; readonly code: string; readonly now: number }): boolean {
  const token = code.replace(/\s/g, '');
  if (login.totpSecret === null || !/^\d{6}$/.test(token)) return false;
  const secret = new Secret({ buffer: new Uint8Array(login.totpSecret).buffer });
  const delta = totpOf(secret, login.name).validate({ token, timestamp: now, window: 1 });
  if (delta === null) return false;
  const step = Math.floor(now / 1000 / PERIOD_SECONDS) + delta;
  return db.prepare('UPDATE logins SET totp_step = ? WHERE id = ? AND totp_step < ?').run(step, login.id, step).changes === 1;
}

function totpOf(secret: Secret, label: string): TOTP {
  return new TOTP({ issuer: ISSUER, label, algorithm: 'SHA1', digits: 6, period: PERIOD_SECONDS, secret });
}
