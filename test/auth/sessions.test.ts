import { beforeEach, describe, expect, it } from 'vitest';
import { disableAdmin, enableAdmin, listAdminEntries } from '../../src/auth/admins.ts';
import { changePassword } from '../../src/auth/change-password.ts';
import { inviteBuyer } from '../../src/auth/invites.ts';
import { beginSession, endSession, endSessions, listSessions, resumeSession, sessionStands, type BegunSession } from '../../src/auth/sessions.ts';
import { audited, CLI, everything, HOUR, loginNow, NOW, openAuthDatabase, signUp, wish, type AuthDatabase } from './auth-database.ts';

const IDLE = 12 * HOUR;
let auth: AuthDatabase;
beforeEach(() => {
  auth = openAuthDatabase();
});

function begin(now = NOW, loginId = loginNow(auth).id): BegunSession {
  return auth.db.transaction(() => beginSession(auth.db, { ...wish({ now }), loginId, method: 'password' }))();
}
const resume = (token: string, now = NOW, idleMs = IDLE) => resumeSession(auth.db, { token, now, idleMs });
const lastSeen = (sessionId: number): unknown => auth.db.prepare('SELECT last_seen_at FROM sessions WHERE id = ?').pluck().get(sessionId);

describe('a session', () => {
  it('is found by its token and says whose it is', async () => {
    const { login } = await signUp(auth);
    const { sessionId, token } = begin();
    expect(token).toMatch(/^st_[\w-]{43}$/);
    expect(resume(token)).toEqual({ kind: 'buyer', loginId: login.id, sessionId, buyerId: auth.acme, name: 'acme', transport: 'cookie' });
  });

  it('is kept as a digest only', async () => {
    await signUp(auth);
    const { token } = begin();
    expect(everything(auth.db)).not.toContain(token.slice(3, 20));
  });

  it.each(['', 'st_', `st_${'A'.repeat(43)}`, `iv_${'A'.repeat(43)}`, `st_${'A'.repeat(42)}'`, `rk_${'A'.repeat(36)}`])('is not found by %j', async (token) => {
    await signUp(auth);
    expect(resume(token)).toBeNull();
  });

  it('ends at its greatest age, however much it is used', async () => {
    await signUp(auth);
    const { token, expiresAt } = begin();
    expect(expiresAt).toBe(NOW + 168 * HOUR);
    for (let at = NOW; at < expiresAt; at += HOUR) expect(resume(token, at)).not.toBeNull();
    expect(resume(token, expiresAt)).toBeNull();
  });

  it('ends when it is not used for the idle time, and use puts that off', async () => {
    await signUp(auth);
    const idle = begin();
    const used = begin();
    expect(resume(used.token, NOW + IDLE - 1)).not.toBeNull();
    expect(resume(idle.token, NOW + IDLE)).toBeNull();
    expect(resume(used.token, NOW + IDLE)).not.toBeNull();
  });

  it('writes at most every five minutes that it is used', async () => {
    await signUp(auth);
    const { sessionId, token } = begin();
    resume(token, NOW + 5 * 60_000 - 1);
    expect(lastSeen(sessionId)).toBe(NOW);
    resume(token, NOW + 5 * 60_000);
    resume(token, NOW + 6 * 60_000);
    expect(lastSeen(sessionId)).toBe(NOW + 5 * 60_000);
    expect(sessionStands(auth.db, { sessionId, now: NOW + HOUR, idleMs: IDLE })).toBe(true);
    expect(lastSeen(sessionId)).toBe(NOW + 5 * 60_000);
    expect(sessionStands(auth.db, { sessionId, now: NOW + 13 * HOUR, idleMs: IDLE })).toBe(false);
  });

  it('of a disabled buyer goes on: it may still look', async () => {
    await signUp(auth);
    auth.db.prepare('UPDATE buyers SET disabled_at = 1').run();
    expect(resume(begin().token)).not.toBeNull();
  });

  it('of a login beyond 100 ends the oldest', async () => {
    const { token } = await signUp(auth);
    const first = begin();
    for (let i = 0; i < 99; i++) begin();
    expect(resume(token)).toBeNull();
    expect(resume(first.token)).not.toBeNull();
  });

  it('cannot begin outside a transaction that records it', async () => {
    const { login } = await signUp(auth);
    expect(() => beginSession(auth.db, { ...wish(), loginId: login.id, method: 'password' })).toThrow('outside');
  });
});

describe('ending sessions', () => {
  it('ends one of the login, once, and never another login\'s', async () => {
    const { login } = await signUp(auth);
    const eva = await signUp(auth, 'admin');
    const { sessionId, token } = begin();
    expect(endSession(auth.db, CLI, { loginId: eva.login.id, sessionId, now: NOW })).toBe(false);
    expect(resume(token)).not.toBeNull();
    expect(endSession(auth.db, CLI, { loginId: login.id, sessionId, now: NOW })).toBe(true);
    expect(endSession(auth.db, CLI, { loginId: login.id, sessionId, now: NOW })).toBe(false);
    expect(resume(token)).toBeNull();
    expect(audited(auth.db).filter((action) => action === 'session.end')).toHaveLength(1);
  });

  it('ends all but one', async () => {
    const { login, token } = await signUp(auth);
    const eva = await signUp(auth, 'admin');
    const mine = begin();
    expect(endSessions(auth.db, CLI, { loginId: login.id, except: mine.sessionId, now: NOW })).toBe(1);
    expect([resume(token), resume(mine.token), resume(eva.token)].map((session) => session !== null)).toEqual([false, true, true]);
    expect(listSessions(auth.db, { loginId: login.id, now: NOW, idleMs: IDLE }).map(({ sessionId }) => sessionId)).toEqual([mine.sessionId]);
  });

  it('a change of the password ends all, and begins one for whoever changed it', async () => {
    const { login, token } = await signUp(auth);
    const other = begin();
    const hash = await auth.hasher.hash('another otter climbs 43');
    const session = changePassword(auth.db, CLI, { login, hash, session: wish() });
    expect([resume(token), resume(other.token)]).toEqual([null, null]);
    expect(resume(session?.token ?? '')).not.toBeNull();
    expect(changePassword(auth.db, CLI, { login, hash, session: wish() })).toBeNull();
    expect(audited(auth.db).filter((action) => action === 'password.change')).toHaveLength(1);
  });

  it('a reset ends them when it is issued', async () => {
    const { token } = await signUp(auth);
    inviteBuyer(auth.db, CLI, { buyerId: auth.acme, reset: true, now: NOW, inviteMs: HOUR });
    expect(resume(token)).toBeNull();
  });

  it('disabling an admin ends its sessions and its invitations; enabling it brings none back', async () => {
    const { login, token } = await signUp(auth, 'admin');
    expect(disableAdmin(auth.db, CLI, { loginId: login.id, now: NOW })).toBe(true);
    expect(disableAdmin(auth.db, CLI, { loginId: login.id, now: NOW })).toBe(false);
    expect(resume(token)).toBeNull();
    expect(listAdminEntries(auth.db)).toMatchObject([{ name: 'eva', status: 'disabled' }]);
    expect(enableAdmin(auth.db, CLI, { loginId: login.id, now: NOW })).toBe(true);
    expect(enableAdmin(auth.db, CLI, { loginId: login.id, now: NOW })).toBe(false);
    expect(resume(token)).toBeNull();
    expect(audited(auth.db).slice(-2)).toEqual(['admin.disable', 'admin.enable']);
  });

  it('never disables a buyer in an admin\'s place', async () => {
    const { login, token } = await signUp(auth);
    expect(disableAdmin(auth.db, CLI, { loginId: login.id, now: NOW })).toBe(false);
    expect(resume(token)).not.toBeNull();
  });

  it('an admin whose row alone says disabled is out as well', async () => {
    const { login, token } = await signUp(auth, 'admin');
    auth.db.prepare('UPDATE logins SET disabled_at = 1 WHERE id = ?').run(login.id);
    expect(resume(token)).toBeNull();
  });
});
