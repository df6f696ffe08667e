/** The price book, and all versions of a route's price card. */
import { createPriceBook } from '../../metering/price-book.ts';
import { jsonMicros } from '../../money.ts';
import { listCards } from '../../registry/cards.ts';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import { serve, TAGS } from '../route-parts.ts';
import { aliasParam, priceBook, priceCard } from '../schemas/admin.ts';
import { item, list } from '../schemas/parts.ts';
import { adminRoute } from './admin-route.ts';
import { requireRoute } from './find-subject.ts';
import { bookModelDocument, cardDocument } from './route-documents.ts';

const bookRoute = adminRoute({ method: 'get', path: '/admin/price-book', tag: TAGS.adminRoutes, summary: 'List prices: the built-in models and those of the configuration', request: {}, answer: item(priceBook) });
const cardsRoute = adminRoute({
  method: 'get',
  path: '/admin/routes/{alias}/price-cards',
  tag: TAGS.adminRoutes,
  summary: "All versions of a route's price card, newest first",
  request: { params: aliasParam },
  answer: list(priceCard),
  errors: ['not_found'],
});

export function registerPrices(app: ApiApp, deps: ApiDeps): void {
  serve(app, bookRoute, (c) => {
    const book = createPriceBook(deps.plan().models);
    return c.json({ item: { date: book.date, webSearchPerMillionUsdMicros: jsonMicros(book.webSearchPerMillion), models: book.models.map(bookModelDocument) } }, 200);
  });
  serve(app, cardsRoute, (c) => {
    const route = requireRoute(deps.db, c.req.valid('param').alias);
    const book = createPriceBook(deps.plan().models);
    const cards = listCards(deps.db, route.id).map((card) => cardDocument(card, { book, inForce: card.card.version === route.card.card.version }));
    return c.json({ items: cards, nextCursor: null }, 200);
  });
}
