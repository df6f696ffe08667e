import { adminTokenStatus, maskAdminToken } from '../auth/admin-tokens.ts';
import type { AdminTokenEntry } from '../auth/admin-tokens.ts';
import { formatTokenId } from '../auth/auth-ids.ts';
import { isoTime } from './iso-time.ts';

/** An admin token as every document shows it. Its secret is not here: it is not kept. `now` in Unix milliseconds. */
export function adminTokenJson(entry: AdminTokenEntry, now: number) {
  return {
    tokenId: formatTokenId(entry.tokenId),
    label: entry.label,
    token: maskAdminToken(entry),
    madeBy: entry.madeBy,
    createdAt: isoTime(entry.createdAt),
    expiresAt: entry.expiresAt === null ? null : isoTime(entry.expiresAt),
    lastUsedAt: entry.lastUsedAt === null ? null : isoTime(entry.lastUsedAt),
    status: adminTokenStatus(entry, now),
  };
}
