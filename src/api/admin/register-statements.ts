import { z } from '@hono/zod-openapi';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import { serve, TAGS } from '../route-parts.ts';
import { buyerParam } from '../schemas/admin.ts';
import { item, list, month } from '../schemas/parts.ts';
import { statement, statementMonth, statementQuery } from '../schemas/usage.ts';
import { answerStatement, statementMonths } from '../statement-answer.ts';
import { adminRoute } from './admin-route.ts';
import { requireBuyer } from './find-subject.ts';

const listRoute = adminRoute({
  method: 'get',
  path: '/admin/buyers/{buyerId}/statements',
  tag: TAGS.buyers,
  summary: 'The months that there are statements of, newest first',
  request: { params: buyerParam },
  answer: list(statementMonth),
  errors: ['not_found'],
});
const oneRoute = adminRoute({
  method: 'get',
  path: '/admin/buyers/{buyerId}/statements/{month}',
  tag: TAGS.buyers,
  summary: "A buyer's month: opening balance, top-ups, charges by day and class, closing balance",
  description: 'The document that the buyer gets. As JSON, or as a CSV or HTML file to keep or print.',
  request: { params: z.object({ ...buyerParam.shape, month }), query: statementQuery },
  answer: item(statement),
  files: ['text/csv', 'text/html'],
  errors: ['not_found'],
});

export function registerStatements(app: ApiApp, deps: ApiDeps): void {
  serve(app, listRoute, (c) => c.json({ items: statementMonths(deps, requireBuyer(deps.db, c.req.valid('param').buyerId)), nextCursor: null }, 200));
  serve(app, oneRoute, (c) => {
    const { buyerId, month: asked } = c.req.valid('param');
    return answerStatement(c, deps, { buyer: requireBuyer(deps.db, buyerId), month: asked, format: c.req.valid('query').format });
  });
}
