/** `passkeys`: adding and removing them. Both ask for the password again. */
import { createRoute, z, type RouteConfig } from '@hono/zod-openapi';
import { parsePasskeyId } from '../../auth/auth-ids.ts';
import type { LoginKind } from '../../auth/logins.ts';
import { addPasskey, passkeyCreationOptions, removePasskey, verifyNewPasskey } from '../../auth/passkeys.ts';
import type { AddPasskeyOutcome, PasskeyEntry } from '../../auth/passkeys.ts';
import { parseVisibleText } from '../../registry/visible-text.ts';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import { ApiError } from '../api-error.ts';
import { change } from '../change.ts';
import { serve } from '../route-parts.ts';
import { passkey, passkeyAddBody, passkeyChallenge, passkeyOptionsBody, passwordOnlyBody, security } from '../schemas/sign-in.ts';
import { requirePasskeyOrigin } from './register-login.ts';
import { confirmedLogin } from './register-password.ts';
import { passkeyJson, securityJson } from './security-json.ts';
import { callerLogin, sessionCaller } from './session-caller.ts';
import { ownRoute } from './sign-in-route.ts';
import { signInStateOf } from './sign-in-state.ts';

const LABEL_MAX = 64;

export function registerPasskeys(app: ApiApp, deps: ApiDeps, kind: LoginKind): void {
  registerOptions(app, deps, kind);
  registerAdd(app, deps, kind);
  registerRemove(app, deps, kind);
}

function registerOptions(app: ApiApp, deps: ApiDeps, kind: LoginKind): void {
  const route = ownRoute({
    kind,
    path: 'passkeys/options',
    summary: 'A challenge to add a passkey',
    description: 'Good for 5 minutes and one answer, in this session. `options` are what `navigator.credentials.create` takes.',
    body: passkeyOptionsBody,
    answer: passkeyChallenge,
    errors: ['refused'],
  });
  serve(app, route, async (c) => {
    const origin = requirePasskeyOrigin(c.get('origin'));
    const login = await confirmedLogin(c, deps, c.req.valid('json').password);
    const purpose = { use: 'add', loginId: login.id, sessionId: sessionCaller(c).sessionId } as const;
    const { challengeId, challenge } = signInStateOf(deps).challenges.give(purpose, { address: c.get('address'), now: deps.now() });
    return c.json({ item: { challengeId, options: await passkeyCreationOptions(deps.db, { login, origin, challenge }) } }, 200);
  });
}

function registerAdd(app: ApiApp, deps: ApiDeps, kind: LoginKind): void {
  const route = ownRoute({ kind, path: 'passkeys', summary: 'Adds a passkey', body: passkeyAddBody, answer: passkey, errors: ['conflict', 'refused'] });
  serve(app, route, async (c) => {
    const { challengeId, label: typed, response } = c.req.valid('json');
    const label = parseVisibleText(typed, LABEL_MAX);
    if (!label.ok) throw new ApiError('invalid_request', `label: ${label.reason}.`);
    const login = callerLogin(c, deps);
    const purpose = { use: 'add', loginId: login.id, sessionId: sessionCaller(c).sessionId } as const;
    const challenge = signInStateOf(deps).challenges.take(challengeId, purpose, deps.now());
    if (challenge === null) throw new ApiError('refused', 'This challenge was used or has expired; begin again.');
    const credential = await verifyNewPasskey({ response, challenge, origin: c.get('origin') });
    if (credential === null) throw new ApiError('refused', 'The passkey does not answer its challenge on this address; begin again.');
    return change(c, deps, { challengeId, label: label.text }, (db, by) => {
      const added = requireAdded(addPasskey(db, by, { loginId: login.id, label: label.text, credential, now: deps.now() }));
      return { status: 200, body: { item: passkeyJson(added) } };
    });
  });
}

function requireAdded(outcome: AddPasskeyOutcome): PasskeyEntry {
  if (outcome.kind === 'known') throw new ApiError('conflict', 'This passkey was added before.');
  if (outcome.kind === 'tooMany') throw new ApiError('conflict', `A login may have ${outcome.most} passkeys; remove one first.`);
  return outcome.passkey;
}

function registerRemove(app: ApiApp, deps: ApiDeps, kind: LoginKind): void {
  const base = ownRoute({ kind, path: 'passkeys/{passkeyId}/remove', summary: 'Removes a passkey', body: passwordOnlyBody, answer: security, errors: ['not_found'] });
  const route = createRoute({ ...base, request: { ...base.request, params: z.object({ passkeyId: z.string().max(30).openapi({ example: 'passkey_2' }) }) } } satisfies RouteConfig);
  serve(app, route, async (c) => {
    const { passkeyId: text } = c.req.valid('param');
    const login = await confirmedLogin(c, deps, c.req.valid('json').password);
    return change(c, deps, { passkeyId: text }, (db, by) => {
      const passkeyId = parsePasskeyId(text);
      if (passkeyId === null || !removePasskey(db, by, { loginId: login.id, passkeyId, now: deps.now() })) throw new ApiError('not_found', 'You have no such passkey.');
      return { status: 200, body: { item: securityJson(db, { loginId: login.id, origin: c.get('origin') }) } };
    });
  });
}
