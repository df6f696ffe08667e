/** The HTTP API and the pages as one application of Hono: what holds for every request, and the parts of which each has its file. */
import { randomBytes } from 'node:crypto';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { allowedMethods } from './allowed-methods.ts';
import type { ApiApp, ApiDeps, ApiEnv, Caller } from './api-app.ts';
import { ApiError } from './api-error.ts';
import { actorOf, authenticate, sessionNeeded } from './authenticate.ts';
import { clientAddress } from './client-address.ts';
import { errorAnswer } from './error-answer.ts';
import { EventStreams, type StreamOwner } from './event-streams.ts';
import { issueWords, type Issue } from './issue-words.ts';
import { serveOpenApi } from './open-api.ts';
import { checkOrigin, isEncrypted, originOf } from './request-origin.ts';
import { SECURITY_HEADERS, STRICT_TRANSPORT_SECURITY } from './security-headers.ts';

export interface AppOptions {
  /** Adds its routes. */
  readonly parts: readonly ((app: ApiApp, deps: ApiDeps) => void)[];
  readonly streams?: EventStreams;
}

export function createApp(deps: ApiDeps, { parts, streams = new EventStreams() }: AppOptions): ApiApp {
  const app: ApiApp = new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      const { data } = result as { readonly data?: unknown };
      throw new ApiError('invalid_request', issueWords(result.error.issues as readonly Issue[], data, result.target));
    },
  });
  const requestIds = new WeakMap<Request, string>();
  app.use(async (c, next) => {
    const requestId = `api_${randomBytes(9).toString('hex')}`;
    requestIds.set(c.req.raw, requestId);
    await next();
    finish(c, deps, requestId);
  });
  app.use(async (c, next) => {
    requireWrittenPath(c);
    introduce(c, deps);
    checkOrigin(c);
    withEmptyBody(c, requestIds);
    const kind = sessionNeeded(c.req.path);
    if (kind !== null) {
      const caller = authenticate(c, deps, kind);
      c.set('caller', caller);
      c.set('actor', actorOf(caller, c.get('address')));
    }
    await next();
    if (c.res.headers.get('content-type')?.startsWith('text/event-stream')) c.res = streams.admit(streamOwner(c), c.res);
  });
  for (const part of parts) part(app, deps);
  serveOpenApi(app, deps);
  app.notFound((c) => errorAnswer(c, unknownPath(app, c), { log: deps.log, requestId: requestIds.get(c.req.raw) ?? '' }));
  app.onError((error, c) => errorAnswer(c, error, { log: deps.log, requestId: requestIds.get(c.req.raw) ?? '' }));
  return app;
}

function finish(c: Context<ApiEnv>, deps: ApiDeps, requestId: string): void {
  const { headers } = c.res;
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) if (!headers.has(name)) headers.set(name, value);
  if (isEncrypted(c, deps.plan())) headers.set('strict-transport-security', STRICT_TRANSPORT_SECURITY);
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
  headers.set('x-request-id', requestId);
}

/** What an URL parser would have taken for another path (dots, backslashes, doubled escapes) is not looked for there. */
function requireWrittenPath(c: Context<ApiEnv>): void {
  if (/%2f|%5c|%2e|%00|\/\//i.test(new URL(c.req.url).pathname)) throw new ApiError('not_found', 'There is nothing here.');
}

function introduce(c: Context<ApiEnv>, deps: ApiDeps): void {
  const plan = deps.plan();
  c.set('address', clientAddress({ remote: c.env.remoteAddress, forwardedFor: c.req.header('x-forwarded-for'), trusted: plan.trustedProxies }));
  c.set('origin', originOf(c, plan));
}

const CHANGES = new Set(['POST', 'PUT', 'PATCH']);

/** A change without a body is as if it had sent `{}`, so that its schema and its defaults apply. */
function withEmptyBody(c: Context<ApiEnv>, requestIds: WeakMap<Request, string>): void {
  const { raw } = c.req;
  if (!CHANGES.has(c.req.method) || raw.body !== null) return;
  const headers = new Headers(raw.headers);
  headers.set('content-type', 'application/json');
  c.req.raw = new Request(raw, { method: c.req.method, headers, body: '{}' });
  requestIds.set(c.req.raw, requestIds.get(raw) ?? '');
}

/** A browser has one session; a program that was given a token may open some for itself. */
function streamOwner(c: Context<ApiEnv>): StreamOwner {
  // Not set where no session is needed, whatever the type says.
  const caller = c.get('caller') as Caller | undefined;
  const alone = (account: string): StreamOwner => ({ account, session: account });
  if (caller === undefined) return alone(`address ${c.get('address')}`);
  if (caller.kind === 'adminToken') return alone(`token ${caller.tokenId}`);
  return { account: `login ${caller.loginId}`, session: `session ${caller.sessionId}` };
}

function unknownPath(app: ApiApp, c: Context<ApiEnv>): ApiError {
  const allowed = allowedMethods(app.routes, c.req.path);
  if (allowed.length === 0) return new ApiError('not_found', `There is nothing at ${c.req.path.slice(0, 200)}.`);
  c.header('allow', allowed.join(', '));
  return new ApiError('method_not_allowed', `${c.req.path.slice(0, 200)} answers to ${allowed.join(', ')}, not to ${c.req.method}.`);
}
