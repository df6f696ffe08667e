/** `/admin/routes`: list, create, show, change, delete. */
import { createRoute } from '../../actions/create-route.ts';
import { deleteRoute } from '../../actions/delete-route.ts';
import type { Db } from '../../db/open.ts';
import { parseRouteAlias } from '../../ids.ts';
import { createPriceBook } from '../../metering/price-book.ts';
import { didYouMean } from '../../nearest.ts';
import { listRoutes, type RouteRecord } from '../../registry/routes.ts';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import type { ApiPlan } from '../api-plan.ts';
import { ApiError } from '../api-error.ts';
import { change } from '../change.ts';
import { serve, TAGS } from '../route-parts.ts';
import { adminRoute as adminRouteDocument, aliasParam, changedRoute, routeBody, routeChangeBody } from '../schemas/admin.ts';
import { item, list } from '../schemas/parts.ts';
import { adminRoute, body } from './admin-route.ts';
import { previewRouteChange, performRouteChange } from './change-of-route.ts';
import { requireBuyerIds, requireRoute, routeNotFound } from './find-subject.ts';
import { routesLately } from './recent-usage.ts';
import { routeDocument, type RouteSurroundings } from './route-documents.ts';
import { firstCard } from './wanted-card.ts';

const tag = TAGS.adminRoutes;

const listRoute = adminRoute({ method: 'get', path: '/admin/routes', tag, summary: 'Routes with their price cards, by alias', request: {}, answer: list(adminRouteDocument) });
const createOne = adminRoute({ method: 'post', path: '/admin/routes', tag, summary: 'Create a route with a price card', request: body(routeBody), answer: item(adminRouteDocument), status: 201, errors: ['conflict'] });
const showOne = adminRoute({ method: 'get', path: '/admin/routes/{alias}', tag, summary: 'One route', request: { params: aliasParam }, answer: item(adminRouteDocument), errors: ['not_found'] });
const changeOne = adminRoute({
  method: 'patch',
  path: '/admin/routes/{alias}',
  tag,
  summary: 'Change a route, or see what a change would do',
  description: 'What is absent stays. Other prices make a new version of the card; requests that run keep the price they began under. With `preview` nothing is changed, and the answer shows what would be.',
  request: { params: aliasParam, ...body(routeChangeBody) },
  answer: item(changedRoute),
  errors: ['not_found'],
});
const deleteOne = adminRoute({ method: 'delete', path: '/admin/routes/{alias}', tag, summary: 'Delete a route; its records stay', request: { params: aliasParam }, answer: item(adminRouteDocument), errors: ['not_found'] });

export function registerRoutes(app: ApiApp, deps: ApiDeps): void {
  const document = (db: Db, route: RouteRecord): Record<string, unknown> => routeDocument(route, surroundings(db, deps));
  serve(app, listRoute, (c) => {
    const read = deps.db.transaction(() => {
      const around = surroundings(deps.db, deps);
      return listRoutes(deps.db).map((route) => routeDocument(route, around));
    });
    return c.json({ items: read.deferred(), nextCursor: null }, 200);
  });
  serve(app, showOne, (c) => c.json({ item: document(deps.db, requireRoute(deps.db, c.req.valid('param').alias)) }, 200));
  serve(app, createOne, (c) => {
    const request = c.req.valid('json');
    const parsed = parseRouteAlias(request.alias);
    if (!parsed.ok) throw new ApiError('invalid_request', `alias: ${parsed.reason}.`, { details: { parameter: 'alias' } });
    const upstream = requireUpstream(deps.plan(), request.upstream);
    const card = firstCard(createPriceBook(deps.plan().models), request);
    return change(c, deps, request, (db, by) => {
      const buyers = requireBuyerIds(db, request.buyers);
      const outcome = createRoute(db, by, { alias: parsed.alias, upstream, card, buyers, holdOutputTokens: request.holdOutputTokens, now: deps.now() });
      if (outcome.kind === 'exists') throw new ApiError('conflict', `There is a route "${parsed.alias}" already.`);
      return { status: 201, body: { item: document(db, outcome.route) } };
    });
  });
  serve(app, changeOne, (c) => {
    const request = c.req.valid('json');
    const { alias } = c.req.valid('param');
    const plan = deps.plan();
    if (request.upstream !== undefined) requireUpstream(plan, request.upstream);
    const wish = { alias, request, book: createPriceBook(plan.models), now: deps.now(), around: (db: Db) => surroundings(db, deps) };
    if (request.preview) return c.json({ item: previewRouteChange(deps.db, c.get('actor'), wish) }, 200);
    return change(c, deps, request, (db, by) => ({ status: 200, body: { item: performRouteChange(db, by, wish) } }));
  });
  serve(app, deleteOne, (c) =>
    change(c, deps, null, (db, by) => {
      const { alias } = c.req.valid('param');
      const item = document(db, requireRoute(db, alias));
      if (!deleteRoute(db, by, { alias, now: deps.now() })) routeNotFound(db, alias);
      return { status: 200, body: { item } };
    }),
  );
}

function surroundings(db: Db, deps: ApiDeps): RouteSurroundings {
  const plan = deps.plan();
  return { book: createPriceBook(plan.models), upstreams: new Set(plan.upstreams.map(({ name }) => name)), ...routesLately(db, { timezone: plan.timezone, now: deps.now() }) };
}

function requireUpstream({ upstreams }: ApiPlan, name: string): string {
  const names = upstreams.map((upstream) => upstream.name);
  if (names.includes(name)) return name;
  const have = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
  throw new ApiError('invalid_request', `upstream: "${name}" is not in the configuration (${have}).${didYouMean(name, names)}`, { details: { parameter: 'upstream' } });
}
