/** `password`: changes it. All sessions end, and a new one begins for whoever changed it. */
import type { Context } from 'hono';
import { changePassword } from '../../auth/change-password.ts';
import type { Login, LoginKind } from '../../auth/logins.ts';
import { HasherBusy } from '../../auth/password-hash.ts';
import { sessionStands } from '../../auth/sessions.ts';
import { confirmPassword } from '../../auth/sign-in.ts';
import type { ApiApp, ApiDeps, ApiEnv } from '../api-app.ts';
import { ApiError } from '../api-error.ts';
import { serve } from '../route-parts.ts';
import { passwordBody, signedIn } from '../schemas/sign-in.ts';
import { refusalError, weakPasswordError } from './refuse.ts';
import { requireStrong } from './require-strong.ts';
import { answerSession, sessionWish } from './session-answer.ts';
import { callerLogin, sessionCaller } from './session-caller.ts';
import { ownRoute } from './sign-in-route.ts';
import { signInStateOf } from './sign-in-state.ts';

const WRONG = 'The password is not right.';

/** The login of whoever calls, who typed its password again. Throws when it is not right. */
export async function confirmedLogin(c: Context<ApiEnv>, deps: ApiDeps, password: string): Promise<Login> {
  const login = callerLogin(c, deps);
  const refusal = await confirmPassword(signInStateOf(deps).door, { login, password, address: c.get('address'), now: deps.now() });
  if (refusal !== null) throw refusalError(refusal, WRONG);
  // Hashes wait for each other: meanwhile the session may have ended, or the password may be another.
  const { sessionId } = sessionCaller(c);
  const stands = sessionStands(deps.db, { sessionId, now: deps.now(), idleMs: deps.plan().sessionIdleMs });
  if (!stands || callerLogin(c, deps).password !== login.password) throw new ApiError('unauthenticated', 'This session has ended; sign in again.');
  return login;
}

export function registerPassword(app: ApiApp, deps: ApiDeps, kind: LoginKind): void {
  const route = ownRoute({
    kind,
    path: 'password',
    summary: 'Changes the password',
    description: 'Ends all sessions and answers with a new one, which is never repeated: an Idempotency-Key is not looked at.',
    body: passwordBody,
    answer: signedIn,
    errors: ['weak_password', 'conflict'],
  });
  serve(app, route, async (c) => {
    const { currentPassword, newPassword } = c.req.valid('json');
    const login = await confirmedLogin(c, deps, currentPassword);
    if (newPassword === currentPassword) throw weakPasswordError({ reason: 'The new password is the one in use.', suggestions: [] });
    await requireStrong(newPassword, login.name);
    const hash = await hashed(deps, newPassword);
    const { transport } = sessionCaller(c);
    const session = changePassword(deps.db, c.get('actor'), { login, hash, session: sessionWish(c, deps, transport) });
    if (session === null) throw new ApiError('conflict', 'The password was changed by another request meanwhile. Nothing was changed by this one.');
    return answerSession(c, deps, { kind, name: login.name, transport, session });
  });
}

async function hashed(deps: ApiDeps, password: string): Promise<string> {
  try {
    return await signInStateOf(deps).door.hasher.hash(password);
  } catch (error) {
    if (error instanceof HasherBusy) throw refusalError({ kind: 'busy' }, WRONG);
    throw error;
  }
}
