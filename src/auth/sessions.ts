/**
 * Sessions: opaque tokens `st_…`, new at every sign-in, kept as digests. A session ends by its age, by not being used,
 * by signing out, when it is revoked, by a change of the password, and when its admin is disabled.
 */
import type { Actor } from '../audit/actor.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Db } from '../db/open.ts';
import { prepared } from '../db/prepared.ts';
import { passingFailure } from '../db/passing-failure.ts';
import type { BuyerId } from '../ids.ts';
import { formatSessionId } from './auth-ids.ts';
import { concerning, existingLogin, subjectOf } from './logins.ts';
import type { LoginKind } from './logins.ts';
import { digestToken, hasTokenShape, newToken } from './token.ts';

export type Transport = 'cookie' | 'token';
export type SignInMethod = 'password' | 'totp' | 'recovery_code' | 'passkey' | 'invite';

/** A write costs an fsync that the ledger waits behind, so when a session was used is noted this often at most. */
const SEEN_EVERY_MS = 5 * 60_000;
/** Sessions that ended are kept this long. */
const KEPT_MS = 90 * 24 * 3_600_000;
/** More than these, and the oldest of the login end. */
const LIVE_MAX = 100;
const USER_AGENT_MAX = 300;

export interface SessionBegin {
  readonly loginId: number;
  readonly transport: Transport;
  readonly method: SignInMethod;
  readonly address: string | null;
  readonly userAgent: string | null;
  /** Unix milliseconds. */
  readonly now: number;
  /** The longest that it can last. */
  readonly maxMs: number;
}

export interface BegunSession {
  readonly sessionId: number;
  /** Exists only here. */
  readonly token: string;
  readonly expiresAt: number;
}

/** Inside the caller's transaction, which records how it came about. */
export function beginSession(db: Db, { loginId, transport, method, address, userAgent, now, maxMs }: SessionBegin): BegunSession {
  if (!db.inTransaction) throw new Error('a session begins outside the transaction that records it');
  const token = newToken('st_');
  const expiresAt = now + maxMs;
  const { lastInsertRowid } = db
    .prepare(
      `INSERT INTO sessions(login_id, digest, transport, method, address, user_agent, created_at, last_seen_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(loginId, digestToken(token), transport, method, address, userAgent?.slice(0, USER_AGENT_MAX) ?? null, now, now, expiresAt);
  db.prepare('DELETE FROM sessions WHERE login_id = ? AND coalesce(ended_at, expires_at) < ?').run(loginId, now - KEPT_MS);
  db.prepare(
    `UPDATE sessions SET ended_at = ? WHERE ended_at IS NULL AND login_id = ? AND id NOT IN
     (SELECT id FROM sessions WHERE login_id = ? AND ended_at IS NULL ORDER BY id DESC LIMIT ${LIVE_MAX})`,
  ).run(now, loginId, loginId);
  return { sessionId: Number(lastInsertRowid), token, expiresAt };
}

export interface ResumedSession {
  readonly kind: LoginKind;
  readonly loginId: number;
  readonly sessionId: number;
  readonly buyerId: BuyerId | null;
  readonly name: string;
  readonly transport: Transport;
}

const RESUME = `SELECT l.kind, s.login_id AS loginId, s.id AS sessionId, l.buyer_id AS buyerId, coalesce(b.name, l.name) AS name, s.transport, s.last_seen_at AS lastSeenAt
  FROM sessions s JOIN logins l ON l.id = s.login_id LEFT JOIN buyers b ON b.id = l.buyer_id`;
/** Times: now, now less the idle time. */
const STANDS = 's.ended_at IS NULL AND s.expires_at > ? AND s.last_seen_at > ? AND l.disabled_at IS NULL';

/** Null: no such session, or it has ended in any way, or its admin is disabled. */
export function resumeSession(db: Db, { token, now, idleMs }: { readonly token: string; readonly now: number; readonly idleMs: number }): ResumedSession | null {
  if (!hasTokenShape('st_', token)) return null;
  const row = prepared(db, `${RESUME} WHERE s.digest = ? AND ${STANDS}`).get(digestToken(token), now, now - idleMs) as (ResumedSession & { readonly lastSeenAt: number }) | undefined;
  if (row === undefined) return null;
  const { lastSeenAt, ...session } = row;
  if (now - lastSeenAt >= Math.min(SEEN_EVERY_MS, idleMs / 4)) noteSeen(db, session.sessionId, now);
  return session;
}

/** Who reads must not fail because another process writes, or the disk is full: then a later request notes it. */
function noteSeen(db: Db, sessionId: number, now: number): void {
  try {
    db.prepare('UPDATE sessions SET last_seen_at = max(last_seen_at, ?) WHERE id = ?').run(now, sessionId);
  } catch (error) {
    if (passingFailure(error) === null) throw error;
  }
}

/** For streams that stay open: whether the session they began with still stands. Writes nothing. */
export function sessionStands(db: Db, { sessionId, now, idleMs }: { readonly sessionId: number; readonly now: number; readonly idleMs: number }): boolean {
  return prepared(db, `SELECT 1 FROM sessions s JOIN logins l ON l.id = s.login_id WHERE s.id = ? AND ${STANDS}`).get(sessionId, now, now - idleMs) !== undefined;
}

export interface SessionEntry {
  readonly sessionId: number;
  readonly transport: Transport;
  readonly method: string;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly expiresAt: number;
}

/** Those that stand, the newest first. */
export function listSessions(db: Db, { loginId, now, idleMs }: { readonly loginId: number; readonly now: number; readonly idleMs: number }): SessionEntry[] {
  const rows = prepared(
    db,
    `SELECT s.id AS sessionId, s.transport, s.method, s.address, s.user_agent AS userAgent, s.created_at AS createdAt, s.last_seen_at AS lastSeenAt, s.expires_at AS expiresAt
     FROM sessions s JOIN logins l ON l.id = s.login_id WHERE s.login_id = ? AND ${STANDS} ORDER BY s.id DESC`,
  );
  return rows.all(loginId, now, now - idleMs) as SessionEntry[];
}

/** Ends one session of this login. False: there is none such, or it had ended. */
export function endSession(db: Db, by: Actor, { loginId, sessionId, now }: { readonly loginId: number; readonly sessionId: number; readonly now: number }): boolean {
  const end = db.transaction((): boolean => {
    const { changes } = db.prepare('UPDATE sessions SET ended_at = ? WHERE id = ? AND login_id = ? AND ended_at IS NULL').run(now, sessionId, loginId);
    if (changes === 0) return false;
    const login = existingLogin(db, loginId);
    recordAudit(db, { at: now, by, action: 'session.end', subject: subjectOf(login), ...concerning(login), before: { session: formatSessionId(sessionId) } });
    return true;
  });
  return end.immediate();
}

/** Ends all sessions of a login, or all but one; returns how many. Recorded where there were any. */
export function endSessions(db: Db, by: Actor, { loginId, except = null, now }: { readonly loginId: number; readonly except?: number | null; readonly now: number }): number {
  const end = db.transaction((): number => {
    const changes = endSilently(db, { loginId, except, now });
    if (changes === 0) return 0;
    const login = existingLogin(db, loginId);
    recordAudit(db, { at: now, by, action: 'sessions.end', subject: subjectOf(login), ...concerning(login), before: { sessions: changes } });
    return changes;
  });
  return end.immediate();
}

/** Inside a change whose own record says that the sessions ended. */
export function endSilently(db: Db, { loginId, except, now }: { readonly loginId: number; readonly except: number | null; readonly now: number }): number {
  return db.prepare('UPDATE sessions SET ended_at = ? WHERE login_id = ? AND ended_at IS NULL AND id IS NOT ?').run(now, loginId, except).changes;
}
