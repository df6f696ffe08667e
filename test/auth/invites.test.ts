import { beforeEach, describe, expect, it } from 'vitest';
import { disableAdmin } from '../../src/auth/admins.ts';
import { acceptInvite, inviteAdmin, inviteBuyer, InviteRefusal, openInvite, type AcceptedInvite } from '../../src/auth/invites.ts';
import { parseAdminName, type LoginKind } from '../../src/auth/logins.ts';
import { readBuyerSignIns } from '../../src/auth/login-state.ts';
import { resumeSession } from '../../src/auth/sessions.ts';
import { beginTotp, confirmTotp } from '../../src/auth/totp.ts';
import { audited, CLI, everything, HOUR, loginNow, NOW, openAuthDatabase, signUp, wish, type AuthDatabase } from './auth-database.ts';
import { codeAt } from './code-at.ts';

let auth: AuthDatabase;
beforeEach(() => {
  auth = openAuthDatabase();
});

const invite = (changes: { reset?: boolean; now?: number } = {}) => inviteBuyer(auth.db, CLI, { buyerId: auth.acme, reset: false, now: NOW, inviteMs: HOUR, ...changes });
const isOpen = (token: string, now = NOW, kind: LoginKind = 'buyer'): boolean => openInvite(auth.db, { token, kind, now }) !== null;
const accept = (token: string, now = NOW, kind: LoginKind = 'buyer'): AcceptedInvite | null =>
  acceptInvite(auth.db, () => CLI, { token, kind, hash: 'scrypt$1$1$1$AA$AA', session: wish({ now }) });

describe('an invitation', () => {
  it('is a token of 256 random bits that is kept as a digest only', () => {
    const { token, name, expiresAt, reset } = invite();
    expect(token).toMatch(/^iv_[\w-]{43}$/);
    expect({ name, expiresAt, reset }).toEqual({ name: 'acme', expiresAt: NOW + HOUR, reset: false });
    expect(everything(auth.db)).not.toContain(token.slice(3, 20));
    expect(audited(auth.db)).toEqual(['invite.create']);
  });

  it('is accepted once', () => {
    const { token } = invite();
    const accepted = accept(token);
    expect(resumeSession(auth.db, { token: accepted?.session.token ?? '', now: NOW, idleMs: HOUR })).toMatchObject({ name: 'acme' });
    expect(accept(token)).toBeNull();
    expect(isOpen(token)).toBe(false);
    expect(audited(auth.db)).toEqual(['invite.create', 'invite.accept']);
  });

  it('expires', () => {
    const { token, expiresAt } = invite();
    expect(isOpen(token, expiresAt - 1)).toBe(true);
    expect(isOpen(token, expiresAt)).toBe(false);
    expect(accept(token, expiresAt)).toBeNull();
    expect(loginNow(auth).password).toBeNull();
  });

  it('is replaced by a newer one', () => {
    const older = invite();
    const newer = invite();
    expect(accept(older.token)).toBeNull();
    expect(accept(newer.token)).not.toBeNull();
  });

  it('of a buyer does not open the door of the admins', () => {
    const { token } = invite();
    expect(isOpen(token, NOW, 'admin')).toBe(false);
    expect(accept(token, NOW, 'admin')).toBeNull();
    expect(isOpen(token)).toBe(true);
  });

  it('for someone who has signed up is refused unless it resets', async () => {
    await signUp(auth);
    expect(() => invite()).toThrow(InviteRefusal);
    expect(() => invite()).toThrow('has signed up already');
    expect(invite({ reset: true })).toMatchObject({ reset: true });
  });

  it('resets nothing where there is nothing to reset', () => {
    expect(invite({ reset: true }).reset).toBe(false);
  });

  it('that resets takes the password, second factors and passkeys away at once, and sets a new password when it is accepted', async () => {
    const { login } = await signUp(auth);
    const { secret } = beginTotp(auth.db, login.id) ?? { secret: '' };
    expect(confirmTotp(auth.db, CLI, { loginId: login.id, code: codeAt(secret, NOW), now: NOW }).kind).toBe('confirmed');
    auth.db.prepare(`INSERT INTO passkeys(login_id, credential_id, public_key, counter, transports, label, created_at) VALUES (?, 'c', x'00', 0, '[]', 'key', 0)`).run(login.id);
    const { token } = invite({ reset: true });
    expect(loginNow(auth)).toMatchObject({ password: null, totpSecret: null, totpConfirmedAt: null });
    const left = ['passkeys', 'recovery_codes'].map((table) => auth.db.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
    expect(left).toEqual([0, 0]);
    accept(token);
    expect(loginNow(auth).password).toBe('scrypt$1$1$1$AA$AA');
  });

  it('of a disabled admin opens nothing, and it gets no new one', () => {
    const options = { name: 'eva', reset: false, now: NOW, inviteMs: HOUR };
    const { token } = inviteAdmin(auth.db, CLI, options);
    disableAdmin(auth.db, CLI, { loginId: loginNow(auth, 'admin').id, now: NOW });
    expect(accept(token, NOW, 'admin')).toBeNull();
    expect(() => inviteAdmin(auth.db, CLI, options)).toThrow('is disabled');
  });

  it('goes to the same admin whatever the case of the name', () => {
    for (const name of ['Éva', 'éva', 'E\u0301VA']) inviteAdmin(auth.db, CLI, { name, reset: false, now: NOW, inviteMs: HOUR });
    expect(auth.db.prepare('SELECT name FROM logins').pluck().all()).toEqual(['Éva']);
  });

  it('leaves nothing behind when its record cannot be written', () => {
    auth.db.exec(`CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END`);
    expect(() => invite()).toThrow('no room');
    expect(auth.db.prepare('SELECT count(*) FROM logins').pluck().get()).toBe(0);
  });
});

it('tells lists of buyers who has signed up', async () => {
  expect(readBuyerSignIns(auth.db)(auth.acme)).toEqual({ state: 'none', lastSignInAt: null });
  invite();
  expect(readBuyerSignIns(auth.db)(auth.acme)).toEqual({ state: 'invited', lastSignInAt: null });
  await signUp(auth);
  expect(readBuyerSignIns(auth.db)(auth.acme)).toEqual({ state: 'active', lastSignInAt: NOW });
});

it.each(['', ' ', '-x', 'admin_3', 'a\u202eb', 'x'.repeat(65)])('refuses %j as an admin\'s name', (name) => {
  expect(parseAdminName(name).ok).toBe(false);
});
