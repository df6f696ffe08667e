/** `/admin/admins`: who operates this gateway. */
import { z } from '@hono/zod-openapi';
import { disableAdmin, enableAdmin, listAdminEntries, type AdminEntry } from '../../auth/admins.ts';
import { formatAdminId, parseAdminId } from '../../auth/auth-ids.ts';
import { inviteAdmin } from '../../auth/invites.ts';
import { parseAdminName } from '../../auth/logins.ts';
import type { Db } from '../../db/open.ts';
import { isoTime } from '../../documents/iso-time.ts';
import type { ApiApp, ApiDeps, Caller } from '../api-app.ts';
import { ApiError } from '../api-error.ts';
import { change } from '../change.ts';
import { serve, TAGS } from '../route-parts.ts';
import { adminAccount, createdInvite, inviteAdminBody, type AdminAccount } from '../schemas/admin.ts';
import { item, list } from '../schemas/parts.ts';
import { adminRoute, body } from './admin-route.ts';
import { invited } from './invited.ts';

const tag = TAGS.admins;
const adminParam = z.object({ adminId: z.string().regex(/^admin_[1-9]\d{0,14}$/).openapi({ example: 'admin_1' }) });

const listRoute = adminRoute({ method: 'get', path: '/admin/admins', tag, summary: 'All admins', request: {}, answer: list(adminAccount) });
const inviteRoute = adminRoute({
  method: 'post',
  path: '/admin/admins',
  tag,
  summary: 'Invite an admin by a one-time link',
  description: 'The link is in this answer only. `reset` replaces a lost password and the second factors of one who has signed up, and ends all their sessions.',
  request: body(inviteAdminBody),
  answer: item(createdInvite),
  status: 201,
  errors: ['conflict'],
});
const disableRoute = adminRoute({
  method: 'post',
  path: '/admin/admins/{adminId}/disable',
  tag,
  summary: 'Shut an admin out: its sessions end at once',
  description: 'Nobody can disable themselves, or the last one who can sign in. Tokens belong to programs: those that the admin made go on until they are revoked.',
  request: { params: adminParam },
  answer: item(adminAccount),
  errors: ['not_found', 'refused'],
});
const enableRoute = adminRoute({ method: 'post', path: '/admin/admins/{adminId}/enable', tag, summary: 'Let a disabled admin in again', request: { params: adminParam }, answer: item(adminAccount), errors: ['not_found'] });

export function registerAdmins(app: ApiApp, deps: ApiDeps): void {
  serve(app, listRoute, (c) => c.json({ items: listAdminEntries(deps.db).map(adminDocument), nextCursor: null }, 200));
  serve(app, inviteRoute, (c) => {
    const request = c.req.valid('json');
    const parsed = parseAdminName(request.name);
    if (!parsed.ok) throw new ApiError('invalid_request', `name: ${parsed.reason}.`, { details: { parameter: 'name' } });
    const { consoleUrl, inviteMs } = deps.plan();
    return change(c, deps, request, (db, by) =>
      invited(`${consoleUrl}/console/admin/invite`, () => inviteAdmin(db, by, { name: parsed.name, reset: request.reset, now: deps.now(), inviteMs })),
    );
  });
  serve(app, disableRoute, (c) =>
    change(c, deps, null, (db, by) => {
      const admin = requireAdmin(db, c.req.valid('param').adminId);
      refuseLockOut(db, c.get('caller'), admin);
      disableAdmin(db, by, { loginId: admin.loginId, now: deps.now() });
      return { status: 200, body: { item: adminDocument(requireAdmin(db, formatAdminId(admin.loginId))) } };
    }),
  );
  serve(app, enableRoute, (c) =>
    change(c, deps, null, (db, by) => {
      const { loginId } = requireAdmin(db, c.req.valid('param').adminId);
      enableAdmin(db, by, { loginId, now: deps.now() });
      return { status: 200, body: { item: adminDocument(requireAdmin(db, formatAdminId(loginId))) } };
    }),
  );
}

function requireAdmin(db: Db, text: string): AdminEntry {
  const id = parseAdminId(text);
  const admin = listAdminEntries(db).find(({ loginId }) => loginId === id);
  if (admin === undefined) throw new ApiError('not_found', `There is no admin "${text}".`);
  return admin;
}

function refuseLockOut(db: Db, caller: Caller, { loginId, status }: AdminEntry): void {
  if (caller.kind === 'admin' && caller.loginId === loginId) throw new ApiError('refused', 'You cannot disable yourself; another admin can.');
  const others = listAdminEntries(db).filter((admin) => admin.status === 'active' && admin.loginId !== loginId);
  if (status === 'active' && others.length === 0) throw new ApiError('refused', 'This is the last admin who can sign in; invite another one first.');
}

function adminDocument({ loginId, name, status, totp, passkeys, createdAt, lastSignInAt }: AdminEntry): AdminAccount {
  return { adminId: formatAdminId(loginId), name, status, totp, passkeys, createdAt: isoTime(createdAt), lastSignInAt: lastSignInAt === null ? null : isoTime(lastSignInAt) };
}
