import { formatAdminId } from '../auth/auth-ids.ts';
import type { AdminEntry } from '../auth/admins.ts';
import { isoTime } from './iso-time.ts';

/** An operator's login as every document shows it. */
export function adminAccountJson({ loginId, name, status, totp, passkeys, createdAt, lastSignInAt }: AdminEntry) {
  return { adminId: formatAdminId(loginId), name, status, totp, passkeys, createdAt: isoTime(createdAt), lastSignInAt: lastSignInAt === null ? null : isoTime(lastSignInAt) };
}
