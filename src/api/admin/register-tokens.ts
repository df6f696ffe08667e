/** `/admin/tokens`: for programs that act as an operator. */
import { z } from '@hono/zod-openapi';
import { adminTokenById, adminTokenStatus, createAdminToken, listAdminTokens, maskAdminToken, parseTokenLabel, revokeAdminToken, type AdminTokenEntry } from '../../auth/admin-tokens.ts';
import { formatTokenId, parseTokenId } from '../../auth/auth-ids.ts';
import { findLogin } from '../../auth/logins.ts';
import type { Db } from '../../db/open.ts';
import { isoTime } from '../../documents/iso-time.ts';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import { ApiError } from '../api-error.ts';
import { change } from '../change.ts';
import { serve, TAGS } from '../route-parts.ts';
import { adminToken, createdToken, createTokenBody, type AdminToken } from '../schemas/admin.ts';
import { item, list } from '../schemas/parts.ts';
import { adminRoute, body } from './admin-route.ts';

const tag = TAGS.admins;
const DAY_MS = 86_400_000;
const tokenParam = z.object({ tokenId: z.string().regex(/^token_[1-9]\d{0,14}$/).openapi({ example: 'token_2' }) });

const listRoute = adminRoute({ method: 'get', path: '/admin/tokens', tag, summary: 'Admin tokens, those that ended too', request: {}, answer: list(adminToken) });
const createRoute = adminRoute({
  method: 'post',
  path: '/admin/tokens',
  tag,
  summary: 'Make an admin token for a program',
  description: 'The token is in this answer only: a repeat with the same Idempotency-Key has null in its place.',
  request: body(createTokenBody),
  answer: item(createdToken),
  status: 201,
  errors: ['conflict'],
});
const revokeRoute = adminRoute({ method: 'delete', path: '/admin/tokens/{tokenId}', tag, summary: 'Refuse a token from the next request on', request: { params: tokenParam }, answer: item(adminToken), errors: ['not_found'] });

export function registerTokens(app: ApiApp, deps: ApiDeps): void {
  serve(app, listRoute, (c) => c.json({ items: listAdminTokens(deps.db).map((token) => tokenDocument(token, deps.now())), nextCursor: null }, 200));
  serve(app, createRoute, (c) => {
    const request = c.req.valid('json');
    const parsed = parseTokenLabel(request.label);
    if (!parsed.ok) throw new ApiError('invalid_request', `label: ${parsed.reason}.`, { details: { parameter: 'label' } });
    return change(c, deps, request, (db, by) => {
      const now = deps.now();
      // In the audit log it would pass for that admin.
      if (findLogin(db, 'admin', parsed.label) !== null) throw new ApiError('conflict', `label: "${parsed.label}" is an admin's name; call the token by what it is for.`);
      const expiresAt = request.expiresInDays === null ? null : now + request.expiresInDays * DAY_MS;
      const { token, secret } = createAdminToken(db, by, { label: parsed.label, expiresAt, now });
      const made = { tokenId: formatTokenId(token.tokenId), label: token.label, expiresAt: isoOrNull(expiresAt) };
      return { status: 201, body: { item: { ...made, adminToken: secret } }, replay: { item: { ...made, adminToken: null } } };
    });
  });
  serve(app, revokeRoute, (c) =>
    change(c, deps, null, (db, by) => {
      const { tokenId } = requireToken(db, c.req.valid('param').tokenId);
      revokeAdminToken(db, by, { tokenId, now: deps.now() });
      return { status: 200, body: { item: tokenDocument(requireToken(db, formatTokenId(tokenId)), deps.now()) } };
    }),
  );
}

const isoOrNull = (ms: number | null): string | null => (ms === null ? null : isoTime(ms));

function requireToken(db: Db, text: string): AdminTokenEntry {
  const id = parseTokenId(text);
  const token = id === null ? null : adminTokenById(db, id);
  if (token === null) throw new ApiError('not_found', `There is no admin token "${text}".`);
  return token;
}

function tokenDocument(token: AdminTokenEntry, now: number): AdminToken {
  const { tokenId, label, madeBy, createdAt, expiresAt, lastUsedAt } = token;
  return {
    tokenId: formatTokenId(tokenId),
    label,
    token: maskAdminToken(token),
    madeBy,
    createdAt: isoTime(createdAt),
    expiresAt: isoOrNull(expiresAt),
    lastUsedAt: isoOrNull(lastUsedAt),
    status: adminTokenStatus(token, now),
  };
}
