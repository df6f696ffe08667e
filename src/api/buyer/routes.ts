import { createRoute } from '@hono/zod-openapi';
import { formatCardVersion } from '../../ids.ts';
import type { PricedModel } from '../../metering/price-card.ts';
import { jsonMicros } from '../../money.ts';
import { routesForBuyer, type RouteRecord } from '../../registry/routes.ts';
import { TOKEN_CLASSES } from '../../tokens.ts';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import { answer, BUYER_SECURITY, refusals, serve, TAGS } from '../route-parts.ts';
import { buyerRoute, type BuyerRoute } from '../schemas/buyer.ts';
import { list } from '../schemas/parts.ts';
import { callingBuyer } from './calling-buyer.ts';

const route = createRoute({
  method: 'get',
  path: '/buyer/routes',
  tags: [TAGS.routes],
  summary: 'Routes that you can call, with their models and prices',
  security: BUYER_SECURITY,
  responses: { 200: answer(list(buyerRoute), 'All of them: there is no further page.'), ...refusals() },
});

export function registerRoutes(app: ApiApp, deps: ApiDeps): void {
  serve(app, route, (c) => {
    const { buyerId } = callingBuyer(c);
    const { baseUrl } = deps.plan();
    return c.json({ items: routesForBuyer(deps.db, buyerId).map((one) => routeDocument(one, baseUrl)), nextCursor: null });
  });
}

function routeDocument({ alias, card: { card } }: RouteRecord, baseUrl: string): BuyerRoute {
  return { alias, url: `${baseUrl}/${alias}`, priceCard: formatCardVersion(card.version), webSearchPerMillionUsdMicros: jsonMicros(card.webSearchPerMillion), models: card.models.map(modelDocument) };
}

function modelDocument(model: PricedModel): BuyerRoute['models'][number] {
  const { id, aliases, contextWindow, maxOutput, geoPremium, prices } = model;
  const pricesPerMillionUsdMicros = Object.fromEntries(TOKEN_CLASSES.map((tokenClass) => [tokenClass, jsonMicros(prices[tokenClass])])) as BuyerRoute['models'][number]['pricesPerMillionUsdMicros'];
  return { model: id, aliases: [...aliases], contextWindow, maxOutput, geoPremium, pricesPerMillionUsdMicros };
}
