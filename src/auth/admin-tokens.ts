/** Tokens for programs that act as an operator: `ainogap_admin_…`, kept as digests. */
import type { Actor } from '../audit/actor.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Db } from '../db/open.ts';
import { prepared } from '../db/prepared.ts';
import { passingFailure } from '../db/passing-failure.ts';
import { parseVisibleText } from '../registry/visible-text.ts';
import { formatTokenId } from './auth-ids.ts';
import { digestToken, hasTokenShape, newToken } from './token.ts';

/** When a token was used is noted this often at most; see sessions. */
const USED_EVERY_MS = 5 * 60_000;
const LABEL_LENGTH_MAX = 64;

export interface AdminTokenEntry {
  readonly tokenId: number;
  readonly label: string;
  readonly last4: string;
  readonly madeBy: string;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
  readonly revokedAt: number | null;
}

const SELECT = `SELECT id AS tokenId, label, last4, made_by AS madeBy, created_at AS createdAt, expires_at AS expiresAt, last_used_at AS lastUsedAt, revoked_at AS revokedAt FROM admin_tokens`;

export function listAdminTokens(db: Db): AdminTokenEntry[] {
  return prepared(db, `${SELECT} ORDER BY id`).all() as AdminTokenEntry[];
}

export function adminTokenById(db: Db, tokenId: number): AdminTokenEntry | null {
  return (prepared(db, `${SELECT} WHERE id = ?`).get(tokenId) as AdminTokenEntry | undefined) ?? null;
}

export function adminTokenStatus({ revokedAt, expiresAt }: Pick<AdminTokenEntry, 'revokedAt' | 'expiresAt'>, now: number): 'live' | 'expired' | 'revoked' {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'live';
}

/** How a token is shown once its secret is gone. */
export function maskAdminToken({ last4 }: Pick<AdminTokenEntry, 'last4'>): string {
  return `ainogap_admin_…${last4}`;
}

export type TokenLabelParse = { readonly ok: true; readonly label: string } | { readonly ok: false; readonly reason: string };

export function parseTokenLabel(given: string): TokenLabelParse {
  const parsed = parseVisibleText(given, LABEL_LENGTH_MAX);
  return parsed.ok ? { ok: true, label: parsed.text } : { ok: false, reason: `not a label: ${parsed.reason}` };
}

/** `label` comes from `parseTokenLabel`. `secret` exists only here. */
export function createAdminToken(db: Db, by: Actor, { label, expiresAt, now }: { readonly label: string; readonly expiresAt: number | null; readonly now: number }): { readonly token: AdminTokenEntry; readonly secret: string } {
  const secret = newToken('ainogap_admin_');
  const create = db.transaction((): AdminTokenEntry => {
    const { lastInsertRowid } = db
      .prepare('INSERT INTO admin_tokens(label, digest, last4, made_by, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)')
      .run(label, digestToken(secret), secret.slice(-4), by.name, now, expiresAt);
    const tokenId = Number(lastInsertRowid);
    const after = { label, expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString() };
    recordAudit(db, { at: now, by, action: 'token.create', subject: formatTokenId(tokenId), after });
    const token = adminTokenById(db, tokenId);
    if (token === null) throw new Error('a token that was just made is not there');
    return token;
  });
  return { token: create.immediate(), secret };
}

/** False: it was revoked before, or there is no such token. */
export function revokeAdminToken(db: Db, by: Actor, { tokenId, now }: { readonly tokenId: number; readonly now: number }): boolean {
  const revoke = db.transaction((): boolean => {
    const { changes } = db.prepare('UPDATE admin_tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL').run(now, tokenId);
    if (changes === 0) return false;
    recordAudit(db, { at: now, by, action: 'token.revoke', subject: formatTokenId(tokenId), before: { label: adminTokenById(db, tokenId)?.label } });
    return true;
  });
  return revoke.immediate();
}

/** Null: no such token, or it is revoked or expired. */
export function resumeAdminToken(db: Db, { token, now }: { readonly token: string; readonly now: number }): { readonly tokenId: number; readonly label: string } | null {
  if (!hasTokenShape('ainogap_admin_', token)) return null;
  const row = prepared(db, 'SELECT id AS tokenId, label, last_used_at AS lastUsedAt FROM admin_tokens WHERE digest = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)').get(digestToken(token), now) as { tokenId: number; label: string; lastUsedAt: number | null } | undefined;
  if (row === undefined) return null;
  if (now - (row.lastUsedAt ?? -Infinity) >= USED_EVERY_MS) noteUsed(db, row.tokenId, now);
  return { tokenId: row.tokenId, label: row.label };
}

/** Who reads must not fail because another process writes, or the disk is full. */
function noteUsed(db: Db, tokenId: number, now: number): void {
  try {
    db.prepare('UPDATE admin_tokens SET last_used_at = ? WHERE id = ?').run(now, tokenId);
  } catch (error) {
    if (passingFailure(error) === null) throw error;
  }
}
