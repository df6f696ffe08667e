import { readAudit } from '../../audit/read-audit.ts';
import { auditJson } from '../../documents/audit-json.ts';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import { ApiError } from '../api-error.ts';
import { parseStarted } from '../parse-window.ts';
import { serve, TAGS } from '../route-parts.ts';
import { auditEntry, auditQuery } from '../schemas/admin.ts';
import { list } from '../schemas/parts.ts';
import { adminRoute } from './admin-route.ts';
import { requireBuyer } from './find-subject.ts';

const auditRoute = adminRoute({
  method: 'get',
  path: '/admin/audit',
  tag: TAGS.operations,
  summary: 'Who changed what, newest first',
  description: '`action` is a whole word such as `key.rotate`, or its first part: `key`.',
  request: { query: auditQuery },
  answer: list(auditEntry),
  errors: ['not_found'],
});

export function registerAudit(app: ApiApp, deps: ApiDeps): void {
  serve(app, auditRoute, (c) => {
    const { cursor, limit, since: _since, until: _until, buyerId, ...words } = c.req.valid('query');
    const { since, until } = parseStarted(c.req.valid('query'), { now: deps.now(), timezone: deps.plan().timezone });
    const given = { ...words, since, until, beforeId: beforeOf(cursor), buyerId: buyerId === undefined ? undefined : requireBuyer(deps.db, buyerId).id };
    const filter = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const entries = readAudit(deps.db, { ...filter, limit: limit + 1 }).map(auditJson);
    const items = entries.slice(0, limit);
    return c.json({ items, nextCursor: entries.length > limit ? (items.at(-1)?.auditId ?? null) : null }, 200);
  });
}

function beforeOf(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  const digits = /^audit_([1-9]\d{0,14})$/.exec(cursor)?.[1];
  if (digits === undefined) throw new ApiError('invalid_request', 'cursor: this is no cursor; take nextCursor from the page before.', { details: { parameter: 'cursor' } });
  return Number(digits);
}
