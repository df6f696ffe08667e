/** Links that let a buyer set its password. */
import { inviteBuyer } from '../../auth/invites.ts';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import { change } from '../change.ts';
import { serve, TAGS } from '../route-parts.ts';
import { buyerParam, createdInvite, inviteBody } from '../schemas/admin.ts';
import { item } from '../schemas/parts.ts';
import { adminRoute, optionalBody } from './admin-route.ts';
import { requireBuyer } from './find-subject.ts';
import { invited } from './invited.ts';

const inviteRoute = adminRoute({
  method: 'post',
  path: '/admin/buyers/{buyerId}/invite',
  tag: TAGS.buyers,
  summary: "Make a one-time link that lets a buyer into the console",
  description: 'The link is in this answer only: a repeat with the same Idempotency-Key has null in its place. A newer link replaces those before it.',
  request: { params: buyerParam, ...optionalBody(inviteBody) },
  answer: item(createdInvite),
  status: 201,
  errors: ['not_found', 'conflict'],
});

export function registerInvitations(app: ApiApp, deps: ApiDeps): void {
  serve(app, inviteRoute, (c) => {
    const request = c.req.valid('json');
    const { consoleUrl, inviteMs } = deps.plan();
    return change(c, deps, request, (db, by) => {
      const { id } = requireBuyer(db, c.req.valid('param').buyerId);
      return invited(`${consoleUrl}/console/invite`, () => inviteBuyer(db, by, { buyerId: id, reset: request.reset, now: deps.now(), inviteMs }));
    });
  });
}
