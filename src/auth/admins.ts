/** The operators' logins: what becomes of them after they were invited. */
import type { Actor } from '../audit/actor.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Db } from '../db/open.ts';
import { existingLogin, listAdmins } from './logins.ts';
import type { Login } from './logins.ts';
import { endSilently } from './sessions.ts';

export interface AdminEntry {
  readonly loginId: number;
  readonly name: string;
  /** `invited`: no password yet. */
  readonly status: 'invited' | 'active' | 'disabled';
  readonly totp: boolean;
  readonly passkeys: number;
  readonly createdAt: number;
  readonly lastSignInAt: number | null;
}

export function listAdminEntries(db: Db): AdminEntry[] {
  const passkeys = db.prepare('SELECT count(*) FROM passkeys WHERE login_id = ?').pluck();
  return listAdmins(db).map((login) => ({
    loginId: login.id,
    name: login.name,
    status: statusOf(login),
    totp: login.totpConfirmedAt !== null,
    passkeys: Number(passkeys.get(login.id)),
    createdAt: login.createdAt,
    lastSignInAt: lastSignInAt(db, login.id),
  }));
}

function statusOf({ disabledAt, password }: Login): AdminEntry['status'] {
  if (disabledAt !== null) return 'disabled';
  return password === null ? 'invited' : 'active';
}

/** When the login's newest session began; null when it never had one. */
export function lastSignInAt(db: Db, loginId: number): number | null {
  return db.prepare('SELECT max(created_at) FROM sessions WHERE login_id = ?').pluck().get(loginId) as number | null;
}

/** Ends its sessions and its open invitations too. False: it was so already. The login must exist and be an admin's. */
export function disableAdmin(db: Db, by: Actor, { loginId, now }: { readonly loginId: number; readonly now: number }): boolean {
  const disable = db.transaction((): boolean => {
    if (db.prepare(`UPDATE logins SET disabled_at = ? WHERE id = ? AND kind = 'admin' AND disabled_at IS NULL`).run(now, loginId).changes === 0) return false;
    const sessionsEnded = endSilently(db, { loginId, except: null, now });
    db.prepare('UPDATE invites SET revoked_at = ? WHERE login_id = ? AND used_at IS NULL AND revoked_at IS NULL').run(now, loginId);
    recordAudit(db, { at: now, by, action: 'admin.disable', subject: `admin:${existingLogin(db, loginId).name}`, after: { sessionsEnded } });
    return true;
  });
  return disable.immediate();
}

/** False: it was so already. */
export function enableAdmin(db: Db, by: Actor, { loginId, now }: { readonly loginId: number; readonly now: number }): boolean {
  const enable = db.transaction((): boolean => {
    if (db.prepare(`UPDATE logins SET disabled_at = NULL WHERE id = ? AND kind = 'admin' AND disabled_at IS NOT NULL`).run(loginId).changes === 0) return false;
    recordAudit(db, { at: now, by, action: 'admin.enable', subject: `admin:${existingLogin(db, loginId).name}` });
    return true;
  });
  return enable.immediate();
}
