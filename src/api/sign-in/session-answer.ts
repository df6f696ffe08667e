import type { Context } from 'hono';
import type { LoginKind } from '../../auth/logins.ts';
import { endSession, resumeSession } from '../../auth/sessions.ts';
import type { BegunSession, Transport } from '../../auth/sessions.ts';
import { actorOf } from '../../auth/sign-in.ts';
import type { SessionWish } from '../../auth/sign-in.ts';
import { isoTime } from '../../documents/iso-time.ts';
import type { ApiDeps, ApiEnv } from '../api-app.ts';
import { readSessionCookie, setSessionCookie } from '../session-cookie.ts';

/** What a session that this request begins is to be. */
export function sessionWish(c: Context<ApiEnv>, deps: ApiDeps, transport: Transport): SessionWish {
  return { transport, address: c.get('address'), userAgent: c.req.header('user-agent') ?? null, now: deps.now(), maxMs: deps.plan().sessionMaxMs };
}

export interface SessionBegun {
  readonly kind: LoginKind;
  readonly name: string;
  readonly transport: Transport;
  readonly session: BegunSession;
}

/** Answers with a session that was begun: in the cookie, or shown once. */
export function answerSession(c: Context<ApiEnv>, deps: ApiDeps, { kind, name, transport, session }: SessionBegun): Response {
  const { token, expiresAt } = session;
  if (transport === 'cookie') {
    endReplaced(c, deps, kind);
    setSessionCookie(c, kind, { token, expiresAt, now: deps.now() });
  }
  return c.json({ item: { name, sessionToken: transport === 'cookie' ? null : token, expiresAt: isoTime(expiresAt) } }, 200);
}

/** The session whose cookie is overwritten would else stand on with nobody to end it. */
function endReplaced(c: Context<ApiEnv>, deps: ApiDeps, kind: LoginKind): void {
  const token = readSessionCookie(c.req.header('cookie'), kind);
  if (token === null) return;
  const now = deps.now();
  const before = resumeSession(deps.db, { token, now, idleMs: deps.plan().sessionIdleMs });
  if (before === null) return;
  endSession(deps.db, actorOf(before, { transport: before.transport, address: c.get('address') }), { loginId: before.loginId, sessionId: before.sessionId, now });
}
