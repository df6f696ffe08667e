/** `/admin/buyers`: list, create, show, disable, enable. */
import { createBuyer } from '../../actions/create-buyer.ts';
import { setBuyerDisabled } from '../../actions/set-buyer-disabled.ts';
import { formatBuyerId, parseBuyerId } from '../../ids.ts';
import { parseBuyerName } from '../../registry/buyers.ts';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import { ApiError } from '../api-error.ts';
import { change } from '../change.ts';
import { serve, TAGS } from '../route-parts.ts';
import { adminBuyer, buyerParam, createBuyerBody } from '../schemas/admin.ts';
import { item, list, page } from '../schemas/parts.ts';
import { z } from '@hono/zod-openapi';
import { adminRoute, body } from './admin-route.ts';
import { buyerDocument, buyerDocuments } from './buyer-documents.ts';
import { requireBuyer } from './find-subject.ts';

const tag = TAGS.buyers;
const clock = (deps: ApiDeps) => ({ now: deps.now(), timezone: deps.plan().timezone });

const listRoute = adminRoute({ method: 'get', path: '/admin/buyers', tag, summary: 'Buyers with balances and usage of today, by id', request: { query: z.object(page) }, answer: list(adminBuyer) });
const createRoute = adminRoute({ method: 'post', path: '/admin/buyers', tag, summary: 'Create a buyer with a balance of 0', request: body(createBuyerBody), answer: item(adminBuyer), status: 201, errors: ['conflict'] });
const showRoute = adminRoute({ method: 'get', path: '/admin/buyers/{buyerId}', tag, summary: 'One buyer', request: { params: buyerParam }, answer: item(adminBuyer), errors: ['not_found'] });
const disableRoute = adminRoute({
  method: 'post',
  path: '/admin/buyers/{buyerId}/disable',
  tag,
  summary: "Refuse all of a buyer's keys from the next request on",
  request: { params: buyerParam },
  answer: item(adminBuyer),
  errors: ['not_found'],
});
const enableRoute = adminRoute({
  method: 'post',
  path: '/admin/buyers/{buyerId}/enable',
  tag,
  summary: "Let a disabled buyer's live keys work again",
  request: { params: buyerParam },
  answer: item(adminBuyer),
  errors: ['not_found'],
});

export function registerBuyers(app: ApiApp, deps: ApiDeps): void {
  serve(app, listRoute, (c) => {
    const { cursor, limit } = c.req.valid('query');
    const { items, more } = buyerDocuments(deps.db, { after: afterOf(cursor), limit, ...clock(deps) });
    const last = items.at(-1)?.['buyerId'];
    return c.json({ items, nextCursor: more && typeof last === 'string' ? last : null }, 200);
  });
  serve(app, createRoute, (c) => {
    const request = c.req.valid('json');
    const parsed = parseBuyerName(request.name);
    if (!parsed.ok) throw new ApiError('invalid_request', `name: ${parsed.reason}.`, { details: { parameter: 'name' } });
    return change(c, deps, request, (db, by) => {
      const { kind, buyer } = createBuyer(db, by, { name: parsed.name, now: deps.now() });
      if (kind === 'exists') throw new ApiError('conflict', `There is a buyer "${buyer.name}" already (${formatBuyerId(buyer.id)}).`, { details: { buyerId: formatBuyerId(buyer.id) } });
      return { status: 201, body: { item: buyerDocument(db, buyer.id, clock(deps)) } };
    });
  });
  serve(app, showRoute, (c) => {
    const { id } = requireBuyer(deps.db, c.req.valid('param').buyerId);
    return c.json({ item: buyerDocument(deps.db, id, clock(deps)) }, 200);
  });
  for (const [route, disabled] of [[disableRoute, true], [enableRoute, false]] as const)
    serve(app, route, (c) =>
      change(c, deps, null, (db, by) => {
        const { id } = requireBuyer(db, c.req.valid('param').buyerId);
        setBuyerDisabled(db, by, { buyerId: id, disabled, now: deps.now() });
        return { status: 200, body: { item: buyerDocument(db, id, clock(deps)) } };
      }),
    );
}

function afterOf(cursor: string | undefined): number {
  const after = cursor === undefined ? 0 : parseBuyerId(cursor);
  if (after === null) throw new ApiError('invalid_request', 'cursor: take the nextCursor of the page before.', { details: { parameter: 'cursor' } });
  return after;
}
