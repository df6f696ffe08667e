/**
 * Signing in, from what was typed to a session. Whoever is refused learns nothing of which accounts there are: a name
 * that does not exist, one without a password and a wrong password cost the same work and get the same answer.
 */
import type { Actor } from '../audit/actor.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Db } from '../db/open.ts';
import type { Log } from '../log.ts';
import type { Attempt, BackOff, Claim } from './back-off.ts';
import { concerning, existingLogin, findLogin, subjectOf } from './logins.ts';
import type { Login, LoginKind } from './logins.ts';
import { HasherBusy } from './password-hash.ts';
import type { PasswordHasher } from './password-hash.ts';
import { notePasskeyUse } from './passkeys.ts';
import type { UsedPasskey } from './passkeys.ts';
import { useRecoveryCode } from './recovery-codes.ts';
import { beginSession } from './sessions.ts';
import type { BegunSession, SessionBegin, SignInMethod } from './sessions.ts';
import { useTotpCode } from './totp.ts';

/** What signing in needs besides the database. */
export interface Door {
  readonly db: Db;
  readonly hasher: PasswordHasher;
  readonly backOff: BackOff;
  readonly log: Log;
}

export type Refusal =
  /** The name, the password or the passkey is not right; nobody is told which. */
  | { readonly kind: 'wrong' }
  | { readonly kind: 'locked'; readonly retryAfterSeconds: number }
  /** Too many passwords wait to be checked. */
  | { readonly kind: 'busy' }
  /** The password was right. */
  | { readonly kind: 'secondFactor' }
  | { readonly kind: 'wrongCode' };

export type SignedIn = { readonly kind: 'signedIn'; readonly login: Login; readonly session: BegunSession };

/** How the session is to be; the address is where the attempt came from. */
export type SessionWish = Omit<SessionBegin, 'loginId' | 'method' | 'address'> & { readonly address: string };

export interface PasswordAttempt {
  readonly kind: LoginKind;
  readonly name: string;
  readonly password: string;
  readonly code: string | null;
  readonly session: SessionWish;
}

export async function signInByPassword(door: Door, { kind, name, password, code, session }: PasswordAttempt): Promise<SignedIn | Refusal> {
  const claim: Claim = { kind, name, address: session.address, now: session.now };
  const login = findLogin(door.db, kind, name);
  return guarded(door, claim, async (attempt) => {
    const stored = login === null || login.disabledAt !== null ? null : login.password;
    const { ok, renewed } = await door.hasher.verify(password, stored);
    if (!ok || login === null) return { kind: 'wrong' };
    return withPassword(door, { login, code, renewed, session, attempt });
  });
}

interface RightPassword {
  readonly login: Login;
  readonly code: string | null;
  readonly renewed: string | null;
  readonly session: SessionWish;
  readonly attempt: Attempt;
}

function withPassword({ db }: Door, { login: before, code, renewed, session, attempt }: RightPassword): SignedIn | Refusal {
  const { now } = session;
  const enter = db.transaction((): SignedIn | Refusal => {
    const login = existingLogin(db, before.id);
    // What changed while the hash was made: another password, or the admin was disabled.
    if (login.password !== before.password || login.disabledAt !== null) return { kind: 'wrong' };
    const method = secondFactor(db, { login, code, now });
    if (method === 'missing') return { kind: 'secondFactor' };
    if (method === 'wrong') return { kind: 'wrongCode' };
    if (renewed !== null) db.prepare('UPDATE logins SET password = ? WHERE id = ?').run(renewed, login.id);
    return begin(db, { login, method, session });
  });
  const outcome = enter.immediate();
  // Were this a success, whoever knows the password could guess codes without end.
  if (outcome.kind === 'secondFactor') attempt.withdrawn();
  return outcome;
}

function secondFactor(db: Db, { login, code, now }: { readonly login: Login; readonly code: string | null; readonly now: number }): SignInMethod | 'missing' | 'wrong' {
  if (login.totpConfirmedAt === null) return 'password';
  if (code === null) return 'missing';
  if (useTotpCode(db, { login, code, now })) return 'totp';
  return useRecoveryCode(db, { loginId: login.id, code, now }) ? 'recovery_code' : 'wrong';
}

/** `check` verifies the document against its challenge; null when it does not answer it. */
export function signInByPasskey(door: Door, { kind, session, check }: { readonly kind: LoginKind; readonly session: SessionWish; readonly check: () => Promise<UsedPasskey | null> }): Promise<SignedIn | Refusal> {
  const { db } = door;
  // No name is known before, and a stranger's failures at a name must not keep the owner of its passkey out.
  const claim: Claim = { kind, name: null, address: session.address, now: session.now };
  return guarded(door, claim, async () => {
    const used = await check();
    if (used === null) return { kind: 'wrong' };
    const enter = db.transaction((): SignedIn | Refusal => {
      const login = existingLogin(db, used.login.id);
      if (login.disabledAt !== null || !notePasskeyUse(db, used, session.now)) return { kind: 'wrong' };
      return begin(db, { login, method: 'passkey', session });
    });
    return enter.immediate();
  });
}

function begin(db: Db, { login, method, session }: { readonly login: Login; readonly method: SignInMethod; readonly session: SessionWish }): SignedIn {
  const begun = beginSession(db, { ...session, loginId: login.id, method });
  recordAudit(db, { at: session.now, by: actorOf(login, session), action: 'signin.success', subject: subjectOf(login), ...concerning(login), after: { method } });
  return { kind: 'signedIn', login, session: begun };
}

export function actorOf({ kind, name }: Pick<Login, 'kind' | 'name'>, { transport, address }: Pick<SessionBegin, 'transport' | 'address'>): Actor {
  return { kind, name, via: transport === 'cookie' ? 'console' : 'token', address };
}

/** Asks the password again of someone who is signed in. Null: it is right. */
export async function confirmPassword(door: Door, { login, password, address, now }: { readonly login: Login; readonly password: string; readonly address: string; readonly now: number }): Promise<Refusal | null> {
  const claim: Claim = { kind: login.kind, name: login.name, address, now };
  const outcome = await guarded(door, claim, async () => ({ kind: (await door.hasher.verify(password, login.password)).ok ? 'right' : 'wrong' }) as { readonly kind: 'right' } | Refusal);
  return outcome.kind === 'right' ? null : outcome;
}

/** Lets an attempt through or not, and counts how it ended. Before it is let through no hash is made. */
export async function guarded<T extends { readonly kind: string }>(door: Door, claim: Claim, attemptIt: (attempt: Attempt) => Promise<T | Refusal>): Promise<T | Refusal> {
  const admittance = door.backOff.begin(claim);
  if (!admittance.ok) return { kind: 'locked', retryAfterSeconds: admittance.retryAfterSeconds };
  const { attempt } = admittance;
  let outcome: T | Refusal;
  try {
    outcome = await attemptIt(attempt);
  } catch (error) {
    attempt.withdrawn();
    if (error instanceof HasherBusy) return { kind: 'busy' };
    throw error;
  }
  if (outcome.kind === 'wrong' || outcome.kind === 'wrongCode') noteFailure(door, claim, attempt);
  else if (outcome.kind !== 'secondFactor') attempt.succeeded();
  return outcome;
}

/** The log does not name the account: people type passwords where the name belongs. */
function noteFailure({ db, log }: Door, claim: Claim, attempt: Attempt): void {
  const { kind, address, name, now } = claim;
  log.warn('signin_failed', { kind, address });
  const lock = attempt.failed();
  if (lock === null) return;
  log.warn('signin_locked', { kind, address, seconds: lock.seconds, account: lock.account });
  const login = lock.account && name !== null ? findLogin(db, kind, name) : null;
  if (login === null) return;
  const by: Actor = { kind: 'system', name: 'sign-in', via: 'serve', address };
  db.transaction(() => recordAudit(db, { at: now, by, action: 'signin.locked', subject: subjectOf(login), ...concerning(login), after: { seconds: lock.seconds } })).immediate();
}
