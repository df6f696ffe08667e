/** `/admin/requests`: the meter's record of all buyers, and one request with all that is known of it. */
import { formatRequestId, parseKeyId, parseRequestId } from '../../ids.ts';
import { z } from '@hono/zod-openapi';
import { prunedBefore } from '../../reports/pruned.ts';
import { readRequestPage } from '../../reports/request-page.ts';
import type { RequestFilter } from '../../reports/requests.ts';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import { ApiError } from '../api-error.ts';
import { archivedRefusal } from '../archived-refusal.ts';
import { beforeIdOf } from '../buyer/requests.ts';
import { parseStarted } from '../parse-window.ts';
import { serve, TAGS } from '../route-parts.ts';
import { adminRequest, adminRequestDetail, adminRequestQuery } from '../schemas/admin.ts';
import { item, requestId, requestList } from '../schemas/parts.ts';
import { adminRoute } from './admin-route.ts';
import { requireBuyer } from './find-subject.ts';
import { adminRequestOf, requestDetailDocument } from './request-documents.ts';

const listRoute = adminRoute({
  method: 'get',
  path: '/admin/requests',
  tag: TAGS.operations,
  summary: 'Requests that have ended, newest first',
  description: '`since` and `until` are by start. A page may have fewer rows than `limit`, or none, while `nextCursor` is not null.',
  request: { query: adminRequestQuery },
  answer: requestList(adminRequest),
  errors: ['not_found'],
});
const oneRoute = adminRoute({
  method: 'get',
  path: '/admin/requests/{requestId}',
  tag: TAGS.operations,
  summary: 'One request: receipt, tries, transfers, and its story in words',
  request: { params: z.object({ requestId }) },
  answer: item(adminRequestDetail),
  errors: ['not_found', 'gone'],
});

export function registerRequests(app: ApiApp, deps: ApiDeps): void {
  serve(app, listRoute, (c) => {
    const query = c.req.valid('query');
    const given = {
      ...parseStarted(query, { now: deps.now(), timezone: deps.plan().timezone }),
      buyerId: query.buyerId === undefined ? undefined : requireBuyer(deps.db, query.buyerId).id,
      keyId: query.keyId === undefined ? undefined : parseKeyId(query.keyId),
      route: query.route,
      model: query.model,
      status: query.status,
      upstream: query.upstream,
      beforeId: beforeIdOf(query.cursor),
    };
    const filter = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<RequestFilter>;
    const { entries, next } = readRequestPage(deps.db, { ...filter, limit: query.limit });
    return c.json({ items: entries.map(adminRequestOf), nextCursor: next === null ? null : formatRequestId(next), prunedBefore: prunedBefore(deps.db) }, 200);
  });
  serve(app, oneRoute, (c) => {
    const text = c.req.valid('param').requestId;
    const id = parseRequestId(text);
    const document = id === null ? null : requestDetailDocument(deps.db, id, deps.now());
    if (document === null) throw archivedRefusal(deps.db, { id }) ?? new ApiError('not_found', `There is no request "${text}": there is no record of it, and it does not run.`);
    return c.json({ item: document }, 200);
  });
}
