/** `security`, `sessions` and `logout`: what is signed in, and ending it. */
import { createRoute, z, type RouteConfig } from '@hono/zod-openapi';
import { formatSessionId, parseSessionId } from '../../auth/auth-ids.ts';
import type { LoginKind } from '../../auth/logins.ts';
import { endSession, endSessions, listSessions } from '../../auth/sessions.ts';
import type { SessionEntry } from '../../auth/sessions.ts';
import { isoTime } from '../../documents/iso-time.ts';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import { ApiError } from '../api-error.ts';
import { change } from '../change.ts';
import { createRateLimit } from '../rate-limit.ts';
import { answer, CHANGE_ERRORS, idempotencyHeader, refusals, serve, TAGS } from '../route-parts.ts';
import { item, list } from '../schemas/parts.ts';
import { endedSessions, security, session, type Session } from '../schemas/sign-in.ts';
import { clearSessionCookie } from '../session-cookie.ts';
import { securityJson } from './security-json.ts';
import { sessionCaller } from './session-caller.ts';
import { securityOf } from './sign-in-route.ts';

export function registerSessions(app: ApiApp, deps: ApiDeps, kind: LoginKind): void {
  registerLogout(app, deps, kind);
  registerSecurity(app, deps, kind);
  registerList(app, deps, kind);
  registerEndOne(app, deps, kind);
  registerEndOthers(app, deps, kind);
}

function registerLogout(app: ApiApp, deps: ApiDeps, kind: LoginKind): void {
  const route = createRoute({
    method: 'post',
    path: `/${kind}/logout`,
    tags: [TAGS.signIn],
    summary: 'Signs out: this session ends',
    security: securityOf(kind),
    responses: { 200: answer(item(endedSessions), 'It ended.'), ...refusals('forbidden', 'wrong_origin') },
  } satisfies RouteConfig);
  serve(app, route, (c) => {
    const { loginId, sessionId } = sessionCaller(c);
    const ended = endSession(deps.db, c.get('actor'), { loginId, sessionId, now: deps.now() });
    return clearSessionCookie(c.json({ item: { ended: ended ? 1 : 0 } }, 200), kind);
  });
}

function registerSecurity(app: ApiApp, deps: ApiDeps, kind: LoginKind): void {
  const route = createRoute({
    method: 'get',
    path: `/${kind}/security`,
    tags: [TAGS.signIn],
    summary: 'How the login is secured',
    security: securityOf(kind),
    responses: { 200: answer(item(security), 'Password, authenticator and passkeys.'), ...refusals('forbidden') },
  } satisfies RouteConfig);
  serve(app, route, (c) => c.json({ item: securityJson(deps.db, { loginId: sessionCaller(c).loginId, origin: c.get('origin') }) }, 200));
}

function registerList(app: ApiApp, deps: ApiDeps, kind: LoginKind): void {
  const route = createRoute({
    method: 'get',
    path: `/${kind}/sessions`,
    tags: [TAGS.signIn],
    summary: 'Sessions that stand, the newest first',
    security: securityOf(kind),
    responses: { 200: answer(list(session), 'At most 100, in one page.'), ...refusals('forbidden') },
  } satisfies RouteConfig);
  serve(app, route, (c) => {
    const { loginId, sessionId } = sessionCaller(c);
    const entries = listSessions(deps.db, { loginId, now: deps.now(), idleMs: deps.plan().sessionIdleMs });
    return c.json({ items: entries.map((entry) => sessionJson(entry, sessionId)), nextCursor: null }, 200);
  });
}

function sessionJson({ sessionId, transport, method, address, userAgent, createdAt, lastSeenAt, expiresAt }: SessionEntry, current: number): Session {
  return {
    sessionId: formatSessionId(sessionId),
    current: sessionId === current,
    transport,
    method,
    address,
    userAgent,
    createdAt: isoTime(createdAt),
    lastSeenAt: isoTime(lastSeenAt),
    expiresAt: isoTime(expiresAt),
  };
}

function registerEndOne(app: ApiApp, deps: ApiDeps, kind: LoginKind): void {
  const route = createRoute({
    method: 'delete',
    path: `/${kind}/sessions/{sessionId}`,
    tags: [TAGS.signIn],
    summary: 'Ends one session',
    security: securityOf(kind),
    request: { params: z.object({ sessionId: z.string().max(30).openapi({ example: 'session_12' }) }), headers: idempotencyHeader },
    responses: { 200: answer(item(endedSessions), 'It ended.'), ...refusals(...CHANGE_ERRORS, 'not_found') },
  } satisfies RouteConfig);
  serve(app, route, (c) => {
    const { loginId, sessionId: current } = sessionCaller(c);
    const { sessionId: text } = c.req.valid('param');
    const sessionId = parseSessionId(text);
    const response = change(c, deps, { sessionId: text }, (db, by) => {
      if (sessionId === null || !endSession(db, by, { loginId, sessionId, now: deps.now() })) throw new ApiError('not_found', 'You have no such session.');
      return { status: 200, body: { item: { ended: 1 } } };
    });
    return sessionId === current ? clearSessionCookie(response, kind) : response;
  });
}

function registerEndOthers(app: ApiApp, deps: ApiDeps, kind: LoginKind): void {
  const route = createRoute({
    method: 'post',
    path: `/${kind}/sessions/end-others`,
    tags: [TAGS.signIn],
    summary: 'Ends all sessions but this one',
    security: securityOf(kind),
    request: { headers: idempotencyHeader },
    responses: { 200: answer(item(endedSessions), 'How many ended.'), ...refusals(...CHANGE_ERRORS, 'too_many_attempts') },
  } satisfies RouteConfig);
  // Where none ends, an Idempotency-Key is written all the same, and the ledger waits behind each write.
  const limit = createRateLimit({ most: 20, perMs: 60_000, words: 'sessions can be ended 20 times a minute' });
  serve(app, route, (c) => {
    const { loginId, sessionId } = sessionCaller(c);
    limit(loginId, deps.now());
    return change(c, deps, {}, (db, by) => ({ status: 200, body: { item: { ended: endSessions(db, by, { loginId, except: sessionId, now: deps.now() }) } } }));
  });
}
