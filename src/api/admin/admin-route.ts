/** How every route of the admin's API is declared: what it takes, what it answers, and the refusals that all of them share. */
import { createRoute, z, type RouteConfig } from '@hono/zod-openapi';
import type { ApiErrorCode } from '../api-error.ts';
import { ADMIN_SECURITY, answer, CHANGE_ERRORS, idempotencyHeader, jsonBody, refusals, type TAGS } from '../route-parts.ts';

type RequestParts = NonNullable<RouteConfig['request']>;

export interface AdminRouteParts<P extends string, Q extends RequestParts> {
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  readonly path: P;
  readonly tag: (typeof TAGS)[keyof typeof TAGS];
  readonly summary: string;
  readonly description?: string;
  readonly request: Q;
  readonly answer: z.ZodType;
  /** Of success. Default: 200. */
  readonly status?: 201 | 202;
  /** What 200 means where `status` is another: nothing was changed. */
  readonly unchanged?: string;
  /** Other types that it can be asked for as. */
  readonly files?: readonly string[];
  /** Beyond those of every route. */
  readonly errors?: readonly ApiErrorCode[];
}

/** All but GET change something, and so take an `Idempotency-Key`. */
export function adminRoute<const P extends string, const Q extends RequestParts>(parts: AdminRouteParts<P, Q>) {
  const { method, path, tag, summary, description, request, unchanged, status = 200, files = [], errors = [] } = parts;
  const changes = method !== 'get';
  return createRoute({
    method,
    path,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    security: ADMIN_SECURITY,
    request: (changes ? { ...request, headers: idempotencyHeader } : request) as Q,
    responses: {
      ...(unchanged === undefined ? {} : { 200: answer(parts.answer, unchanged) }),
      [status]: { description: 'Done.', content: { 'application/json': { schema: parts.answer }, ...Object.fromEntries(files.map((type) => [type, { schema: z.string() }])) } },
      ...refusals('forbidden', ...(changes ? CHANGE_ERRORS : []), ...errors),
    },
  });
}

/** For `request`: a document that must be there. */
export const body = <T extends z.ZodType>(schema: T) => ({ body: jsonBody(schema) });

/** For `request`: a document whose every part has a default. */
export const optionalBody = <T extends z.ZodType>(schema: T) => ({ body: jsonBody(schema, false) });
