/** The parts that all declarations of sign-in have. */
import { createRoute, type RouteConfig, type z } from '@hono/zod-openapi';
import type { LoginKind } from '../../auth/logins.ts';
import type { ApiErrorCode } from '../api-error.ts';
import { ADMIN_SECURITY, answer, BUYER_SECURITY, idempotencyHeader, jsonBody, refusals, TAGS } from '../route-parts.ts';
import { item } from '../schemas/parts.ts';

export interface SignInRoute<P extends string, B extends z.ZodType, A extends z.ZodType> {
  readonly kind: LoginKind;
  readonly path: P;
  readonly summary: string;
  readonly description?: string;
  readonly body: B;
  readonly answer: A;
  readonly errors: readonly ApiErrorCode[];
}

/** A POST of someone who has no session yet. */
export function publicRoute<P extends string, B extends z.ZodType, A extends z.ZodType>({ kind, path, summary, description, body, answer: schema, errors }: SignInRoute<P, B, A>) {
  return createRoute({
    method: 'post',
    path: `/${kind}/${path}` as const,
    tags: [TAGS.signIn],
    summary,
    ...(description === undefined ? {} : { description }),
    security: [],
    request: { body: jsonBody(body) },
    responses: { 200: answer(item(schema), summary), ...refusals('wrong_origin', 'body_too_large', 'too_many_attempts', ...errors) },
  } satisfies RouteConfig);
}

/** A POST of someone who is signed in and types the password, or the answer to a challenge, again. */
export function ownRoute<P extends string, B extends z.ZodType, A extends z.ZodType>({ kind, path, summary, description, body, answer: schema, errors }: SignInRoute<P, B, A>) {
  return createRoute({
    method: 'post',
    path: `/${kind}/${path}` as const,
    tags: [TAGS.signIn],
    summary,
    ...(description === undefined ? {} : { description }),
    security: securityOf(kind),
    request: { body: jsonBody(body), headers: idempotencyHeader },
    responses: { 200: answer(item(schema), summary), ...refusals('wrong_origin', 'forbidden', 'body_too_large', 'idempotency_conflict', 'invalid_credentials', 'too_many_attempts', ...errors) },
  } satisfies RouteConfig);
}

export function securityOf(kind: LoginKind): Record<string, string[]>[] {
  return kind === 'buyer' ? BUYER_SECURITY : ADMIN_SECURITY;
}
