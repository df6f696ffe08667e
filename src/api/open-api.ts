/** The API's OpenAPI 3.1 document, made of the very schemas that check its requests. */
import type { ApiApp, ApiDeps } from './api-app.ts';
import type { ApiPlan } from './api-plan.ts';
import { sessionNeeded } from './authenticate.ts';
import { ADMIN_SECURITY, BUYER_SECURITY, SECURITY_SCHEMES, TAGS } from './route-parts.ts';

type Document = ReturnType<ApiApp['getOpenAPI31Document']>;

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const ABOUT = `The API of the buyers' console and of the operator's panel. Money is whole micro-USDC (\`…UsdMicros\`: 1,000,000 are 1 USDC), times are ISO 8601 in UTC.
One document comes as \`{"item": …}\`, a list as \`{"items": […], "nextCursor": …}\`, an error as \`{"error": {"code", "message", "details"}}\`.
A POST without a body is as if it sent \`{}\`. With an \`Idempotency-Key\`, a repeat of a change is answered with the first answer, less any secret.
What a browser sends with our cookie must come from our own pages; other sites' pages are not answered (no CORS).
Requests to models go to \`/<route>/v1/messages\` and are not described here: see /docs.`;

/** Complete: with what each operation needs and may be answered in any case. */
export function openApiDocument(app: ApiApp, plan: Pick<ApiPlan, 'version' | 'consoleUrl'>): Document {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'ainogap', version: plan.version, description: ABOUT },
    servers: [{ url: plan.consoleUrl }],
    tags: Object.values(TAGS).map((name) => ({ name })),
  });
  for (const [path, item] of Object.entries(document.paths ?? {}))
    for (const method of METHODS) {
      const operation = item[method];
      if (!operation) continue;
      const kind = sessionNeeded(path);
      operation.operationId ??= operationId(method, path);
      operation.security ??= kind === null ? [] : kind === 'buyer' ? BUYER_SECURITY : ADMIN_SECURITY;
      operation.responses = { ...operation.responses, default: operation.responses?.['default'] ?? OTHERWISE };
    }
  return document;
}

const OTHERWISE = { description: 'A refusal or failure.', content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } };

/** `post /buyer/keys/{keyId}/rotate` → `postBuyerKeysKeyIdRotate`. */
function operationId(method: string, path: string): string {
  return method + path.replace(/[^A-Za-z0-9]+(.)?/g, (_, letter: string | undefined) => letter?.toUpperCase() ?? '');
}

/** `GET /openapi.json`. It is made when it is first asked for, and again when the plan has changed. */
export function serveOpenApi(app: ApiApp, deps: ApiDeps): void {
  for (const [name, scheme] of Object.entries(SECURITY_SCHEMES)) app.openAPIRegistry.registerComponent('securitySchemes', name, scheme);
  let made: { readonly plan: ApiPlan; readonly json: string } | null = null;
  app.get('/openapi.json', (c) => {
    const plan = deps.plan();
    if (made?.plan !== plan) made = { plan, json: JSON.stringify(openApiDocument(app, plan)) };
    return c.body(made.json, 200, { 'content-type': 'application/json', 'cache-control': 'no-cache' });
  });
}
