/** `login` by password or passkey. A session is never repeated, so signing in takes no Idempotency-Key. */
import { z } from '@hono/zod-openapi';
import type { LoginKind } from '../../auth/logins.ts';
import { passkeyRequestOptions, passkeysPossible, verifyPasskey } from '../../auth/passkeys.ts';
import { signInByPasskey, signInByPassword } from '../../auth/sign-in.ts';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import { ApiError } from '../api-error.ts';
import { serve } from '../route-parts.ts';
import { loginBody, passkeyChallenge, passkeyLoginBody, signedIn } from '../schemas/sign-in.ts';
import { refusalError } from './refuse.ts';
import { answerSession, sessionWish } from './session-answer.ts';
import { publicRoute } from './sign-in-route.ts';
import { signInStateOf } from './sign-in-state.ts';

const WRONG_PASSWORD = 'The name or the password is not right.';
const WRONG_PASSKEY = 'This passkey does not sign in here.';

export function registerLogin(app: ApiApp, deps: ApiDeps, kind: LoginKind): void {
  registerPasswordLogin(app, deps, kind);
  registerPasskeyOptions(app, deps, kind);
  registerPasskeyLogin(app, deps, kind);
}

function registerPasswordLogin(app: ApiApp, deps: ApiDeps, kind: LoginKind): void {
  const route = publicRoute({
    kind,
    path: 'login',
    summary: 'Signs in by name and password',
    description:
      'With an authenticator in use the answer is `second_factor_required` until `code` is given: its six digits, or a recovery code. `transport: "token"` shows the session\'s token once, for `Authorization: Bearer`; `"cookie"` is for the pages.',
    body: loginBody,
    answer: signedIn,
    errors: ['invalid_credentials', 'second_factor_required'],
  });
  serve(app, route, async (c) => {
    const { name, password, code = null, transport } = c.req.valid('json');
    const outcome = await signInByPassword(signInStateOf(deps).door, { kind, name, password, code, session: sessionWish(c, deps, transport) });
    if (outcome.kind !== 'signedIn') throw refusalError(outcome, WRONG_PASSWORD);
    return answerSession(c, deps, { kind, name: outcome.login.name, transport, session: outcome.session });
  });
}

function registerPasskeyOptions(app: ApiApp, deps: ApiDeps, kind: LoginKind): void {
  const route = publicRoute({
    kind,
    path: 'login/passkey/options',
    summary: 'A challenge to sign in with a passkey',
    description: 'Good for 5 minutes and one answer. `options` are what `navigator.credentials.get` takes.',
    body: z.strictObject({}),
    answer: passkeyChallenge,
    errors: ['refused'],
  });
  serve(app, route, async (c) => {
    const origin = requirePasskeyOrigin(c.get('origin'));
    const { challengeId, challenge } = signInStateOf(deps).challenges.give({ use: 'signIn', kind }, { address: c.get('address'), now: deps.now() });
    return c.json({ item: { challengeId, options: await passkeyRequestOptions({ origin, challenge }) } }, 200);
  });
}

/** Throws where browsers have no passkeys. */
export function requirePasskeyOrigin(origin: string): string {
  if (!passkeysPossible(origin)) throw new ApiError('refused', `Browsers have no passkeys for IP addresses; open the console by a host name instead of ${new URL(origin).host}.`);
  return origin;
}

function registerPasskeyLogin(app: ApiApp, deps: ApiDeps, kind: LoginKind): void {
  const route = publicRoute({ kind, path: 'login/passkey', summary: 'Signs in with a passkey', description: 'A passkey verifies its user, so no code is asked for.', body: passkeyLoginBody, answer: signedIn, errors: ['invalid_credentials'] });
  serve(app, route, async (c) => {
    const { challengeId, response, transport } = c.req.valid('json');
    const { door, challenges } = signInStateOf(deps);
    const session = sessionWish(c, deps, transport);
    const challenge = challenges.take(challengeId, { use: 'signIn', kind }, session.now);
    const check = async () => (challenge === null ? null : verifyPasskey(deps.db, { response, challenge, origin: c.get('origin'), kind }));
    const outcome = await signInByPasskey(door, { kind, session, check });
    if (outcome.kind !== 'signedIn') throw refusalError(outcome, WRONG_PASSKEY);
    return answerSession(c, deps, { kind, name: outcome.login.name, transport, session: outcome.session });
  });
}
