import { createRoute, z } from '@hono/zod-openapi';
import { formatRequestId, parseKeyId, parseRequestId, type RequestId } from '../../ids.ts';
import { explainToBuyer } from '../../reports/explain-to-buyer.ts';
import { prunedBefore } from '../../reports/pruned.ts';
import { readRequestPage } from '../../reports/request-page.ts';
import type { RequestFilter } from '../../reports/requests.ts';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import { ApiError } from '../api-error.ts';
import { parseStarted } from '../parse-window.ts';
import { answer, BUYER_SECURITY, refusals, serve, TAGS } from '../route-parts.ts';
import { item, requestId, requestList } from '../schemas/parts.ts';
import { requestDetail, requestQuery, requestSummary } from '../schemas/usage.ts';
import { archivedRefusal } from '../archived-refusal.ts';
import { callingBuyer, notThere } from './calling-buyer.ts';
import { requestDetailOf, requestSummaryOf } from './request-document.ts';

const listRoute = createRoute({
  method: 'get',
  path: '/buyer/requests',
  tags: [TAGS.usage],
  summary: 'Requests that have ended, newest first',
  description:
    '`since` and `until` are by start. A page may have fewer rows than `limit`, or none, while `nextCursor` is not null: where few rows fit the filters, each page looks through a bounded number of them.',
  security: BUYER_SECURITY,
  request: { query: requestQuery },
  responses: { 200: answer(requestList(requestSummary), 'One page.'), ...refusals() },
});

const oneRoute = createRoute({
  method: 'get',
  path: '/buyer/requests/{requestId}',
  tags: [TAGS.usage],
  summary: 'One request: its receipt and its story in words',
  description: 'Also while it runs: then `request` has what it has used so far, and `receipt` is null. `receipt` has all that is needed to compute the charge anew.',
  security: BUYER_SECURITY,
  request: { params: z.object({ requestId }) },
  responses: { 200: answer(item(requestDetail), 'The request.'), ...refusals('not_found', 'gone') },
});

export function registerRequests(app: ApiApp, deps: ApiDeps): void {
  serve(app, listRoute, (c) => {
    const { buyerId } = callingBuyer(c);
    const query = c.req.valid('query');
    const { since, until } = parseStarted(query, { now: deps.now(), timezone: deps.plan().timezone });
    const given = { since, until, route: query.route, model: query.model, status: query.status, keyId: query.keyId === undefined ? undefined : parseKeyId(query.keyId), beforeId: beforeIdOf(query.cursor) };
    const filter = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<RequestFilter>;
    const { entries, next } = readRequestPage(deps.db, { ...filter, buyerId, limit: query.limit });
    return c.json({ items: entries.map(requestSummaryOf), nextCursor: next === null ? null : formatRequestId(next), prunedBefore: prunedBefore(deps.db) });
  });

  serve(app, oneRoute, (c) => {
    const { buyerId } = callingBuyer(c);
    const id = parseRequestId(c.req.valid('param').requestId);
    const told = id === null ? null : explainToBuyer(deps.db, { requestId: id, buyerId, now: deps.now() });
    if (told === null) throw archivedRefusal(deps.db, { id, buyerId }) ?? notThere('request');
    return c.json({ item: requestDetailOf(told, deps.now()) });
  });
}

/** A cursor is the last id of the page before. */
export function beforeIdOf(cursor: string | undefined): RequestId | undefined {
  if (cursor === undefined) return undefined;
  const id = parseRequestId(cursor);
  if (id === null) throw new ApiError('invalid_request', 'cursor: this is no cursor; take nextCursor from the page before.', { details: { parameter: 'cursor' } });
  return id;
}
