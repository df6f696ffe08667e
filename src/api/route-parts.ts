/** What the declarations of all routes are made of, so that every one documents its answers and refusals alike. */
import { z, type RouteConfig, type RouteHandler } from '@hono/zod-openapi';
import { API_ERRORS, type ApiErrorCode } from './api-error.ts';
import type { ApiApp, ApiEnv } from './api-app.ts';
import { errorDocument } from './schemas/parts.ts';

/** The headings of the API's reference, in their order. */
export const TAGS = {
  signIn: 'Sign-in',
  account: 'Account',
  usage: 'Usage and requests',
  statements: 'Statements',
  keys: 'Keys',
  routes: 'Routes',
  events: 'Events',
  buyers: 'Admin: buyers',
  adminKeys: 'Admin: keys',
  adminRoutes: 'Admin: routes and prices',
  ledger: 'Admin: ledger',
  operations: 'Admin: operations',
  admins: 'Admin: admins and tokens',
} as const;

/** For `components.securitySchemes` of the document. */
export const SECURITY_SCHEMES = {
  buyerSession: { type: 'http', scheme: 'bearer', description: 'The `sessionToken` of `POST /buyer/login`. An API key (`rk_…`) is never a way in.' },
  buyerCookie: { type: 'apiKey', in: 'cookie', name: '__Host-ainogap-buyer', description: "The buyer's console." },
  adminSession: { type: 'http', scheme: 'bearer', description: 'The `sessionToken` of `POST /admin/login`, or an admin token.' },
  adminCookie: { type: 'apiKey', in: 'cookie', name: '__Host-ainogap-admin', description: "The operator's panel." },
} as const;

type Security = Record<string, string[]>[];
export const BUYER_SECURITY: Security = [{ buyerSession: [] }, { buyerCookie: [] }];
export const ADMIN_SECURITY: Security = [{ adminSession: [] }, { adminCookie: [] }];

/** A success that carries a document. */
export function answer<T extends z.ZodType>(schema: T, description: string): { description: string; content: { 'application/json': { schema: T } } } {
  return { description, content: { 'application/json': { schema } } };
}

/** A request body. `required` false: a request without one is as if it sent `{}`. */
export function jsonBody<T extends z.ZodType>(schema: T, required = true): { required: boolean; content: { 'application/json': { schema: T } } } {
  return { required, content: { 'application/json': { schema } } };
}

/** Of every POST, PATCH and DELETE that changes something by `change()`. */
export const idempotencyHeader = z.object({
  'idempotency-key': z.string().optional().openapi({
    description: 'Makes a repeat safe: within 7 days the same key with the same request is answered with the first answer, less any secret, and changes nothing.',
    example: '2f0c1f5e-rotate',
  }),
});

/** What any request of someone signed in may be answered. */
const ALWAYS: readonly ApiErrorCode[] = ['invalid_request', 'unauthenticated', 'internal', 'unavailable'];
/** What a change may be answered besides. */
export const CHANGE_ERRORS = ['forbidden', 'wrong_origin', 'idempotency_conflict', 'body_too_large'] as const satisfies readonly ApiErrorCode[];

/** The refusals of a route by status: the usual ones, and those of its own. */
export function refusals(...codes: readonly ApiErrorCode[]): Record<number, { description: string; content: { 'application/json': { schema: typeof errorDocument } } }> {
  const byStatus = new Map<number, Set<ApiErrorCode>>();
  for (const code of [...ALWAYS, ...codes]) byStatus.set(API_ERRORS[code], (byStatus.get(API_ERRORS[code]) ?? new Set()).add(code));
  return Object.fromEntries([...byStatus].map(([status, of]) => [status, answer(errorDocument, [...of].map((code) => `\`${code}\``).join(', '))]));
}

/** What a handler is given: the validated parts of its request. */
export type RouteContext<R extends RouteConfig> = Parameters<RouteHandler<R, ApiEnv>>[0];

/** Registers a route. Handlers may answer with any Response: the tests hold each answer against the route's schema. */
export function serve<R extends RouteConfig>(app: ApiApp, route: R, handler: (c: RouteContext<R>) => Response | Promise<Response>): void {
  app.openapi(route, handler as unknown as RouteHandler<R, ApiEnv>);
}
