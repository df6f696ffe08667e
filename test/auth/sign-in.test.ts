import { beforeEach, describe, expect, it } from 'vitest';
import { disableAdmin } from '../../src/auth/admins.ts';
import { resumeSession } from '../../src/auth/sessions.ts';
import { confirmPassword, signInByPassword, type PasswordAttempt } from '../../src/auth/sign-in.ts';
import { beginTotp, confirmTotp } from '../../src/auth/totp.ts';
import { audited, CLI, everything, HOUR, loginNow, NOW, openAuthDatabase, PASSWORD, signUp, wish, type AuthDatabase } from './auth-database.ts';
import { codeAt } from './code-at.ts';

const STEP = 30_000;
let auth: AuthDatabase;
beforeEach(async () => {
  auth = openAuthDatabase();
  await signUp(auth);
});

const attempt = (changes: Partial<PasswordAttempt> = {}) => signInByPassword(auth, { kind: 'buyer', name: 'acme', password: PASSWORD, code: null, session: wish(), ...changes });

/** Five failures, each at a moment when it is let through. */
async function failFiveTimes(changes: Partial<PasswordAttempt> = {}): Promise<void> {
  for (let i = 0; i < 5; i++) expect((await attempt({ password: 'wrong password', ...changes })).kind).toBe('wrong');
}

async function addTotp(): Promise<{ readonly secret: string; readonly recoveryCodes: readonly string[] }> {
  const { id: loginId } = loginNow(auth);
  const secret = beginTotp(auth.db, loginId)?.secret ?? '';
  const outcome = confirmTotp(auth.db, CLI, { loginId, code: codeAt(secret, NOW - 10 * STEP), now: NOW - 10 * STEP });
  if (outcome.kind !== 'confirmed') throw new Error(outcome.kind);
  return { secret, recoveryCodes: outcome.recoveryCodes };
}

describe('signing in by password', () => {
  it('begins a session, new each time', async () => {
    const outcomes = [await attempt(), await attempt({ name: ' ACME ' })];
    const tokens = outcomes.map((outcome) => (outcome.kind === 'signedIn' ? outcome.session.token : outcome.kind));
    expect(new Set(tokens).size).toBe(2);
    for (const token of tokens) expect(resumeSession(auth.db, { token, now: NOW, idleMs: HOUR })).toMatchObject({ name: 'acme' });
    expect(audited(auth.db).slice(2)).toEqual(['signin.success', 'signin.success']);
  });

  it('refuses alike, with the same work, a wrong password, a name that is not there, one without a password, and a disabled admin', async () => {
    await signUp(auth, 'admin');
    disableAdmin(auth.db, CLI, { loginId: loginNow(auth, 'admin').id, now: NOW });
    auth.db.prepare(`INSERT INTO logins(kind, name, webauthn_user, created_at) VALUES ('admin', 'invited', x'01', 0)`).run();
    const doors: Partial<PasswordAttempt>[] = [{ password: 'wrong password' }, { name: 'nobody' }, { kind: 'admin', name: 'invited' }, { kind: 'admin', name: 'eva' }, { kind: 'admin', name: 'acme' }];
    for (const door of doors) {
      const before = auth.hashes();
      expect(await attempt(door)).toEqual({ kind: 'wrong' });
      expect(auth.hashes() - before).toBe(1);
    }
  });

  it('makes no hash while the account is locked, and refuses the right password alike', async () => {
    await failFiveTimes();
    const before = auth.hashes();
    expect(await attempt()).toEqual({ kind: 'locked', retryAfterSeconds: 2 });
    expect(await attempt({ password: 'wrong password' })).toEqual({ kind: 'locked', retryAfterSeconds: 2 });
    expect(auth.hashes()).toBe(before);
    expect((await attempt({ session: wish({ now: NOW + 2000 }) })).kind).toBe('signedIn');
  });

  it('locks a name that is not there in the same way', async () => {
    await failFiveTimes({ name: 'nobody' });
    expect(await attempt({ name: 'nobody' })).toEqual({ kind: 'locked', retryAfterSeconds: 2 });
  });

  it('records the lock of an account that there is, and never what was typed', async () => {
    await failFiveTimes();
    await failFiveTimes({ name: 'my secret passphrase', session: wish({ address: '192.0.2.9' }) });
    const rows = auth.db.prepare(`SELECT subject, actor, address, after FROM audit WHERE action = 'signin.locked'`).all();
    expect(rows).toEqual([{ subject: `buyer_${auth.acme}`, actor: 'sign-in', address: '192.0.2.1', after: '{"seconds":2}' }]);
    const told = auth.lines.join('') + everything(auth.db);
    for (const secret of ['wrong password', 'my secret passphrase', PASSWORD]) expect(told).not.toContain(secret);
    expect(auth.lines.filter((line) => line.includes('signin_failed'))).toHaveLength(10);
  });

  it('counts a wrong password that is asked again of someone signed in', async () => {
    const ask = (password: string) => confirmPassword(auth, { login: loginNow(auth), password, address: '192.0.2.1', now: NOW });
    expect(await ask(PASSWORD)).toBeNull();
    for (let i = 0; i < 5; i++) expect(await ask('wrong password')).toEqual({ kind: 'wrong' });
    expect(await ask(PASSWORD)).toEqual({ kind: 'locked', retryAfterSeconds: 2 });
  });

  it('refuses a password that was changed while its hash was made', async () => {
    const other = await auth.hasher.hash('another otter climbs 43');
    const pending = attempt();
    auth.db.prepare('UPDATE logins SET password = ?').run(other);
    expect(await pending).toEqual({ kind: 'wrong' });
  });
});

describe('a second factor', () => {
  it('is asked for only once the password is right', async () => {
    await addTotp();
    expect(await attempt()).toEqual({ kind: 'secondFactor' });
    expect(await attempt({ password: 'wrong password' })).toEqual({ kind: 'wrong' });
  });

  it('is a code of the authenticator, each once', async () => {
    const { secret } = await addTotp();
    expect((await attempt({ code: codeAt(secret, NOW) })).kind).toBe('signedIn');
    expect(await attempt({ code: codeAt(secret, NOW) })).toEqual({ kind: 'wrongCode' });
    expect((await attempt({ code: codeAt(secret, NOW + STEP), session: wish({ now: NOW + STEP }) })).kind).toBe('signedIn');
  });

  it('is a recovery code, each once', async () => {
    const { recoveryCodes } = await addTotp();
    const [code] = recoveryCodes as [string];
    expect((await attempt({ code })).kind).toBe('signedIn');
    expect(await attempt({ code })).toEqual({ kind: 'wrongCode' });
    expect(auth.db.prepare('SELECT method FROM sessions ORDER BY id DESC LIMIT 1').pluck().get()).toBe('recovery_code');
  });

  it('cannot be guessed at by whoever knows the password', async () => {
    await addTotp();
    for (let i = 0; i < 5; i++) {
      expect(await attempt({ code: '000000' })).toEqual({ kind: 'wrongCode' });
      if (i < 4) expect(await attempt()).toEqual({ kind: 'secondFactor' });
    }
    expect(await attempt({ code: '000000' })).toEqual({ kind: 'locked', retryAfterSeconds: 2 });
    expect(await attempt()).toEqual({ kind: 'locked', retryAfterSeconds: 2 });
  });

  it('leaves its code unused when the session cannot be recorded', async () => {
    const { secret } = await addTotp();
    auth.db.exec(`CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END`);
    await expect(attempt({ code: codeAt(secret, NOW) })).rejects.toThrow('no room');
    auth.db.exec('DROP TRIGGER full');
    expect((await attempt({ code: codeAt(secret, NOW) })).kind).toBe('signedIn');
  });
});
