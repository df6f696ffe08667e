import type { Actor } from '../audit/actor.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Db } from '../db/open.ts';
import { concerning, existingLogin, subjectOf } from './logins.ts';
import type { Login } from './logins.ts';
import { beginSession, endSilently } from './sessions.ts';
import type { BegunSession, SessionBegin } from './sessions.ts';

export interface PasswordChange {
  /** As it was when its password was confirmed. */
  readonly login: Login;
  /** Of the new password, from the hasher. */
  readonly hash: string;
  readonly session: Omit<SessionBegin, 'loginId' | 'method'>;
}

/** Ends all sessions of the login, and begins one for whoever changed it. Null: the password changed meanwhile. */
export function changePassword(db: Db, by: Actor, { login, hash, session }: PasswordChange): BegunSession | null {
  const { now } = session;
  const change = db.transaction((): BegunSession | null => {
    if (existingLogin(db, login.id).password !== login.password) return null;
    const sessionsEnded = endSilently(db, { loginId: login.id, except: null, now });
    db.prepare('UPDATE logins SET password = ?, password_at = ? WHERE id = ?').run(hash, now, login.id);
    recordAudit(db, { at: now, by, action: 'password.change', subject: subjectOf(login), ...concerning(login), after: { sessionsEnded } });
    return beginSession(db, { ...session, loginId: login.id, method: 'password' });
  });
  return change.immediate();
}
