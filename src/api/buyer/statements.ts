import { createRoute, z } from '@hono/zod-openapi';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import { BUYER_SECURITY, answer, refusals, serve, TAGS } from '../route-parts.ts';
import { item, list, month } from '../schemas/parts.ts';
import { statement, statementMonth, statementQuery } from '../schemas/usage.ts';
import { answerStatement, statementMonths } from '../statement-answer.ts';
import { buyerRecord, callingBuyer } from './calling-buyer.ts';

const listRoute = createRoute({
  method: 'get',
  path: '/buyer/statements',
  tags: [TAGS.statements],
  summary: 'The months that there are statements of',
  security: BUYER_SECURITY,
  responses: { 200: answer(list(statementMonth), 'Newest first; there is no further page.'), ...refusals() },
});

const oneRoute = createRoute({
  method: 'get',
  path: '/buyer/statements/{month}',
  tags: [TAGS.statements],
  summary: 'A month: opening balance, top-ups, charges by day and class, closing balance',
  description: 'In the days of the gateway\'s zone, by settlement. As JSON, or as a CSV or HTML file to keep or print.',
  security: BUYER_SECURITY,
  request: { params: z.object({ month }), query: statementQuery },
  responses: {
    200: {
      description: 'The statement.',
      content: { 'application/json': { schema: item(statement) }, 'text/csv': { schema: z.string() }, 'text/html': { schema: z.string() } },
    },
    ...refusals('not_found'),
  },
});

export function registerStatements(app: ApiApp, deps: ApiDeps): void {
  serve(app, listRoute, (c) => c.json({ items: statementMonths(deps, buyerRecord(deps.db, callingBuyer(c))), nextCursor: null }));
  serve(app, oneRoute, (c) =>
    answerStatement(c, deps, { buyer: buyerRecord(deps.db, callingBuyer(c)), month: c.req.valid('param').month, format: c.req.valid('query').format }),
  );
}
