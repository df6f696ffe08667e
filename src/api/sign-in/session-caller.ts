import type { Context } from 'hono';
import { loginById } from '../../auth/logins.ts';
import type { Login } from '../../auth/logins.ts';
import type { ApiDeps, ApiEnv, Caller } from '../api-app.ts';
import { ApiError } from '../api-error.ts';

export type SessionCaller = Exclude<Caller, { kind: 'adminToken' }>;

/** The caller of a route that is about a person's own sign-in. Throws 403 for a program's admin token. */
export function sessionCaller(c: Context<ApiEnv>): SessionCaller {
  const caller = c.get('caller');
  if (caller.kind === 'adminToken') throw new ApiError('forbidden', 'An admin token has no password, second factors or sessions. Sign in as an admin.');
  return caller;
}

export function callerLogin(c: Context<ApiEnv>, { db }: ApiDeps): Login {
  const login = loginById(db, sessionCaller(c).loginId);
  if (login === null) throw new ApiError('unauthenticated', 'This login is not there any more.');
  return login;
}
