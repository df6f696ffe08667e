/**
 * Invitations: one-time tokens `iv_…` that let someone set a password, kept as digests. A newer one replaces those
 * before it. With `reset` the password, the second factors and the sessions of a login are gone as soon as it is made.
 */
import type { Actor } from '../audit/actor.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Db } from '../db/open.ts';
import type { BuyerId } from '../ids.ts';
import { concerning, existingLogin, findLogin, insertLogin, loginOfBuyer, subjectOf } from './logins.ts';
import type { Login } from './logins.ts';
import { beginSession, endSilently } from './sessions.ts';
import type { BegunSession, SessionBegin } from './sessions.ts';
import { digestToken, hasTokenShape, newToken } from './token.ts';

/** Why nobody was invited, in words. */
export class InviteRefusal extends Error {
  readonly code: 'signed_up' | 'disabled';
  constructor(code: InviteRefusal['code'], message: string) {
    super(message);
    this.name = 'InviteRefusal';
    this.code = code;
  }
}

export interface InviteOptions {
  /** Also for a login that has a password: replaces it and the second factors. Its sessions end now. */
  readonly reset: boolean;
  readonly now: number;
  readonly inviteMs: number;
}

export interface NewInvite {
  readonly name: string;
  /** Exists only here. */
  readonly token: string;
  readonly expiresAt: number;
  /** False also where a reset was asked for and there was nothing to replace. */
  readonly reset: boolean;
}

/** The buyer must exist. Throws `InviteRefusal` when it has signed up and `reset` is false. */
export function inviteBuyer(db: Db, by: Actor, { buyerId, ...options }: InviteOptions & { readonly buyerId: BuyerId }): NewInvite {
  return db
    .transaction(() => invite(db, by, { login: loginOfBuyer(db, buyerId) ?? insertLogin(db, { kind: 'buyer', buyerId, name: null, now: options.now }), ...options }))
    .immediate();
}

/** `name` comes from `parseAdminName`. Throws `InviteRefusal` when the admin is disabled, or has signed up and `reset` is false. */
export function inviteAdmin(db: Db, by: Actor, { name, ...options }: InviteOptions & { readonly name: string }): NewInvite {
  return db
    .transaction(() => invite(db, by, { login: findLogin(db, 'admin', name) ?? insertLogin(db, { kind: 'admin', buyerId: null, name, now: options.now }), ...options }))
    .immediate();
}

function invite(db: Db, by: Actor, { login, reset: asked, now, inviteMs }: InviteOptions & { readonly login: Login }): NewInvite {
  if (login.disabledAt !== null) throw new InviteRefusal('disabled', `admin "${login.name}" is disabled; enable it first.`);
  const reset = asked && login.password !== null;
  if (login.password !== null && !asked)
    throw new InviteRefusal('signed_up', `"${login.name}" has signed up already. A reset replaces the password and the second factors, and ends all sessions.`);
  db.prepare('UPDATE invites SET revoked_at = ? WHERE login_id = ? AND used_at IS NULL AND revoked_at IS NULL').run(now, login.id);
  // At once, not when the link is used: whoever else knows the old password is out.
  const removed = reset ? removeCredentials(db, login, now) : {};
  const token = newToken('iv_');
  const expiresAt = now + inviteMs;
  db.prepare('INSERT INTO invites(login_id, digest, reset, created_at, expires_at) VALUES (?, ?, ?, ?, ?)').run(login.id, digestToken(token), reset ? 1 : 0, now, expiresAt);
  const after = { reset, expiresAt: new Date(expiresAt).toISOString(), ...removed };
  recordAudit(db, { at: now, by, action: 'invite.create', subject: subjectOf(login), ...concerning(login), after });
  return { name: login.name, token, expiresAt, reset };
}

export interface OpenInvite {
  readonly inviteId: number;
  readonly login: Login;
  readonly reset: boolean;
  readonly expiresAt: number;
}

/** Null: unknown, used, replaced, expired, or of a disabled admin; nobody is told which. */
export function openInvite(db: Db, { token, kind, now }: { readonly token: string; readonly kind: Login['kind']; readonly now: number }): OpenInvite | null {
  if (!hasTokenShape('iv_', token)) return null;
  const row = db
    .prepare('SELECT id, login_id AS loginId, reset, expires_at AS expiresAt FROM invites WHERE digest = ? AND used_at IS NULL AND revoked_at IS NULL AND expires_at > ?')
    .get(digestToken(token), now) as { id: number; loginId: number; reset: number; expiresAt: number } | undefined;
  if (row === undefined) return null;
  const login = existingLogin(db, row.loginId);
  if (login.kind !== kind || login.disabledAt !== null) return null;
  return { inviteId: row.id, login, reset: row.reset === 1, expiresAt: row.expiresAt };
}

export interface AcceptedInvite {
  readonly login: Login;
  readonly session: BegunSession;
}

/**
 * Sets the password (`hash`, from the hasher) and begins a session, once. Null: the invitation is not open any more.
 */
export function acceptInvite(
  db: Db,
  by: (login: Login) => Actor,
  { token, kind, hash, session }: { readonly token: string; readonly kind: Login['kind']; readonly hash: string; readonly session: Omit<SessionBegin, 'loginId' | 'method'> },
): AcceptedInvite | null {
  const { now } = session;
  const accept = db.transaction((): AcceptedInvite | null => {
    const open = openInvite(db, { token, kind, now });
    if (open === null) return null;
    const { login, reset } = open;
    db.prepare('UPDATE invites SET used_at = ? WHERE id = ?').run(now, open.inviteId);
    endSilently(db, { loginId: login.id, except: null, now });
    db.prepare('UPDATE logins SET password = ?, password_at = ? WHERE id = ?').run(hash, now, login.id);
    recordAudit(db, { at: now, by: by(login), action: 'invite.accept', subject: subjectOf(login), ...concerning(login), after: { reset } });
    return { login: existingLogin(db, login.id), session: beginSession(db, { ...session, loginId: login.id, method: 'invite' }) };
  });
  return accept.immediate();
}

/** The password, the second factors and the sessions. Returns what there was, for the audit log. */
function removeCredentials(db: Db, { id, totpConfirmedAt }: Login, now: number): Readonly<Record<string, unknown>> {
  const sessionsEnded = endSilently(db, { loginId: id, except: null, now });
  db.prepare('UPDATE logins SET password = NULL, password_at = NULL, totp_secret = NULL, totp_confirmed_at = NULL WHERE id = ?').run(id);
  db.prepare('DELETE FROM recovery_codes WHERE login_id = ?').run(id);
  const passkeysRemoved = db.prepare('DELETE FROM passkeys WHERE login_id = ?').run(id).changes;
  return { sessionsEnded, totpRemoved: totpConfirmedAt !== null, passkeysRemoved };
}
