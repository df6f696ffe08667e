/** Who calls: a session in our cookie or as a Bearer token, or an operator's program with an admin token. */
import type { Context } from 'hono';
import type { Actor } from '../audit/actor.ts';
import { resumeAdminToken } from '../auth/admin-tokens.ts';
import { resumeSession } from '../auth/sessions.ts';
import type { ApiDeps, ApiEnv, Caller } from './api-app.ts';
import { ApiError } from './api-error.ts';
import { readSessionCookie } from './session-cookie.ts';

type Kind = 'buyer' | 'admin';

/** Signing in needs no session: these say themselves who may. */
const OPEN = /^\/(?:buyer|admin)\/(?:login(?:\/[a-z/]+)?|invite\/[a-z]+)$/;

/** The kind of session that a path needs; null: none. */
export function sessionNeeded(path: string): Kind | null {
  if (OPEN.test(path)) return null;
  return path.startsWith('/buyer/') ? 'buyer' : path.startsWith('/admin/') ? 'admin' : null;
}

/** Throws `unauthenticated`, or `forbidden` for a session of the other kind. Writes at most once in minutes (see sessions). */
export function authenticate(c: Context<ApiEnv>, deps: ApiDeps, kind: Kind): Caller {
  const given = c.req.header('authorization');
  if (given !== undefined) return byBearer(given, deps, kind);
  const token = readSessionCookie(c.req.header('cookie'), kind);
  if (token !== null) return bySession({ token, transport: 'cookie' }, deps, kind);
  throw new ApiError('unauthenticated', `Sign in first: POST /${kind}/login gives a session token for \`Authorization: Bearer\`.`);
}

export function actorOf(caller: Caller, address: string): Actor {
  if (caller.kind === 'adminToken') return { kind: 'admin', name: caller.name, via: 'token', address };
  return { kind: caller.kind, name: caller.name, via: caller.transport === 'cookie' ? 'console' : 'token', address };
}

function byBearer(header: string, deps: ApiDeps, kind: Kind): Caller {
  const token = /^Bearer +([\x21-\x7e]{1,200})$/i.exec(header.trim())?.[1];
  if (token === undefined) throw new ApiError('unauthenticated', 'Of authorizations only `Bearer`, with a session token, is understood.');
  if (token.startsWith('rk_'))
    throw new ApiError('unauthenticated', `An API key is no way in here: it only pays for requests. Sign in with POST /${kind}/login and send its session token.`);
  const program = resumeAdminToken(deps.db, { token, now: deps.now() });
  if (program === null) return bySession({ token, transport: 'token' }, deps, kind);
  if (kind === 'buyer') throw new ApiError('forbidden', 'An admin token opens /admin only; /buyer is for the buyers themselves.');
  return { kind: 'adminToken', name: program.label, tokenId: program.tokenId };
}

function bySession({ token, transport }: { readonly token: string; readonly transport: 'cookie' | 'token' }, deps: ApiDeps, kind: Kind): Caller {
  const session = resumeSession(deps.db, { token, now: deps.now(), idleMs: deps.plan().sessionIdleMs });
  // A session stays where it was begun: a cookie's token is none to send as a header, where no Origin is asked for.
  if (session?.transport !== transport) throw new ApiError('unauthenticated', 'This session has ended; sign in again.');
  if (session.kind !== kind) throw new ApiError('forbidden', `This is a session of ${session.kind === 'buyer' ? 'a buyer' : 'an admin'}; /${kind} needs one of ${kind === 'buyer' ? 'a buyer' : 'an admin'}.`);
  const { loginId, sessionId, name, buyerId } = session;
  if (session.kind === 'admin') return { kind: 'admin', name, loginId, sessionId, transport };
  if (buyerId === null) throw new Error(`the session ${sessionId} of a buyer has no buyer`);
  return { kind: 'buyer', buyerId, name, loginId, sessionId, transport };
}
