import { beforeEach, describe, expect, it } from 'vitest';
import { recoveryCodesLeft, replaceRecoveryCodes, useRecoveryCode } from '../../src/auth/recovery-codes.ts';
import { beginTotp, confirmTotp, removeTotp, renewRecoveryCodes, useTotpCode } from '../../src/auth/totp.ts';
import { audited, CLI, everything, loginNow, NOW, openAuthDatabase, signUp, type AuthDatabase } from './auth-database.ts';
import { codeAt } from './code-at.ts';

const STEP = 30_000;
let auth: AuthDatabase;
let loginId: number;
beforeEach(async () => {
  auth = openAuthDatabase();
  loginId = (await signUp(auth)).login.id;
});

function begun(): string {
  const totp = beginTotp(auth.db, loginId);
  if (totp === null) throw new Error('an authenticator is in use');
  return totp.secret;
}
const confirm = (code: string, now = NOW) => confirmTotp(auth.db, CLI, { loginId, code, now });
const uses = (code: string, now: number): boolean => useTotpCode(auth.db, { login: loginNow(auth), code, now });

/** RFC 6238, appendix B, the last six digits of SHA-1's. */
it.each([
  [59_000, '287082'],
  [1_111_111_109_000, '081804'],
  [1_234_567_890_000, '005924'],
  [20_000_000_000_000, '353130'],
])('knows the code of RFC 6238 at %i', (now, code) => {
  begun();
  auth.db.prepare('UPDATE logins SET totp_secret = ?').run(Buffer.from('12345678901234567890'));
  expect(uses(code, now)).toBe(true);
});

describe('an authenticator', () => {
  it('is in use only after its first code', () => {
    const secret = begun();
    expect(confirm('000000').kind).toBe('wrong');
    expect(loginNow(auth).totpConfirmedAt).toBeNull();
    const outcome = confirm(codeAt(secret, NOW));
    expect(outcome.kind === 'confirmed' && outcome.recoveryCodes).toHaveLength(10);
    expect(loginNow(auth).totpConfirmedAt).toBe(NOW);
    expect(confirm(codeAt(secret, NOW + STEP), NOW + STEP).kind).toBe('inUse');
    expect(beginTotp(auth.db, loginId)).toBeNull();
    expect(audited(auth.db).slice(2)).toEqual(['totp.add']);
  });

  it('is given its secret in words and for a camera', () => {
    const totp = beginTotp(auth.db, loginId);
    expect(totp?.secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(totp?.uri).toBe(`otpauth://totp/ainogap:acme?issuer=ainogap&secret=${totp?.secret}&algorithm=SHA1&digits=6&period=30`);
  });

  it('whose secret was replaced before it was confirmed is worth nothing', () => {
    const older = begun();
    begun();
    expect(confirm(codeAt(older, NOW)).kind).toBe('wrong');
  });

  it('takes the codes of the step before and after, and no others', () => {
    const secret = begun();
    confirm(codeAt(secret, NOW));
    const later = NOW + 100 * STEP;
    expect(uses(codeAt(secret, later - 2 * STEP), later)).toBe(false);
    expect(uses(codeAt(secret, later + 2 * STEP), later)).toBe(false);
    expect(uses(codeAt(secret, later - STEP), later)).toBe(true);
    expect(uses(codeAt(secret, later), later)).toBe(true);
    expect(uses(codeAt(secret, later + STEP), later)).toBe(true);
  });

  it('takes each step once, and none before one that was used', () => {
    const secret = begun();
    confirm(codeAt(secret, NOW));
    expect(uses(codeAt(secret, NOW), NOW)).toBe(false);
    expect(uses(codeAt(secret, NOW + STEP), NOW)).toBe(true);
    expect(uses(codeAt(secret, NOW + STEP), NOW + STEP)).toBe(false);
    expect(uses(codeAt(secret, NOW), NOW + STEP)).toBe(false);
  });

  it.each(['', '12345', '1234567', 'abcdef', '12 34', '１２３４５６'])('does not take %j', (code) => {
    begun();
    expect(uses(code, NOW)).toBe(false);
  });

  it('is removed with its recovery codes, once', () => {
    confirm(codeAt(begun(), NOW));
    expect(removeTotp(auth.db, CLI, { loginId, now: NOW })).toBe(true);
    expect(removeTotp(auth.db, CLI, { loginId, now: NOW })).toBe(false);
    expect(recoveryCodesLeft(auth.db, loginId)).toBe(0);
    expect(audited(auth.db).filter((action) => action === 'totp.remove')).toHaveLength(1);
    expect(renewRecoveryCodes(auth.db, CLI, { loginId, now: NOW })).toBeNull();
  });
});

describe('recovery codes', () => {
  const use = (code: string): boolean => useRecoveryCode(auth.db, { loginId, code, now: NOW });

  it('are ten, each good once, however they are typed', () => {
    const codes = replaceRecoveryCodes(auth.db, loginId);
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){3}$/);
    expect(use((codes[0] as string).toUpperCase().replaceAll('-', ' '))).toBe(true);
    expect(use(codes[0] as string)).toBe(false);
    expect(recoveryCodesLeft(auth.db, loginId)).toBe(9);
    expect(use('0000-0000-0000-0000')).toBe(false);
  });

  it('are kept as digests only', () => {
    const kept = () => everything(auth.db);
    for (const code of replaceRecoveryCodes(auth.db, loginId)) expect(kept()).not.toContain(code.replaceAll('-', ''));
  });

  it('of another login are worth nothing', async () => {
    const [code] = replaceRecoveryCodes(auth.db, loginId) as [string];
    const { login } = await signUp(auth, 'admin');
    expect(useRecoveryCode(auth.db, { loginId: login.id, code, now: NOW })).toBe(false);
  });

  it('are replaced all at once', () => {
    confirm(codeAt(begun(), NOW));
    const [older] = renewRecoveryCodes(auth.db, CLI, { loginId, now: NOW }) as [string];
    const [newer] = renewRecoveryCodes(auth.db, CLI, { loginId, now: NOW }) as [string];
    expect([use(older), use(newer)]).toEqual([false, true]);
  });
});
