/** `totp`, `totp/confirm`, `totp/remove` and `recovery-codes`. What is hashed or asked of the password is never in what is remembered. */
import { beginTotp, confirmTotp, removeTotp, renewRecoveryCodes } from '../../auth/totp.ts';
import type { LoginKind } from '../../auth/logins.ts';
import { guarded } from '../../auth/sign-in.ts';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import { ApiError } from '../api-error.ts';
import { change } from '../change.ts';
import { serve } from '../route-parts.ts';
import { passwordOnlyBody, recoveryCodes, security, totpConfirmBody, totpSecret } from '../schemas/sign-in.ts';
import { refusalError } from './refuse.ts';
import { confirmedLogin } from './register-password.ts';
import { securityJson } from './security-json.ts';
import { callerLogin } from './session-caller.ts';
import { ownRoute } from './sign-in-route.ts';
import { signInStateOf } from './sign-in-state.ts';

const IN_USE = 'An authenticator is in use; remove it first.';
const NONE = 'No authenticator is in use.';
const SHOWN_ONCE = 'The codes are shown once: a repeat with the same Idempotency-Key has an empty list.';

export function registerTotp(app: ApiApp, deps: ApiDeps, kind: LoginKind): void {
  registerBegin(app, deps, kind);
  registerConfirm(app, deps, kind);
  registerRemove(app, deps, kind);
  registerRecoveryCodes(app, deps, kind);
}

function registerBegin(app: ApiApp, deps: ApiDeps, kind: LoginKind): void {
  const route = ownRoute({
    kind,
    path: 'totp',
    summary: 'A new secret for an authenticator app',
    description: 'Takes effect when its first code is confirmed. Each call replaces the secret before it, so an Idempotency-Key is not looked at.',
    body: passwordOnlyBody,
    answer: totpSecret,
    errors: ['conflict'],
  });
  serve(app, route, async (c) => {
    const login = await confirmedLogin(c, deps, c.req.valid('json').password);
    const begun = beginTotp(deps.db, login.id);
    if (begun === null) throw new ApiError('conflict', IN_USE);
    return c.json({ item: begun }, 200);
  });
}

function registerConfirm(app: ApiApp, deps: ApiDeps, kind: LoginKind): void {
  const route = ownRoute({
    kind,
    path: 'totp/confirm',
    summary: 'Confirms the authenticator by its first code, and shows ten recovery codes',
    description: SHOWN_ONCE,
    body: totpConfirmBody,
    answer: recoveryCodes,
    errors: ['conflict'],
  });
  serve(app, route, async (c) => {
    const { code } = c.req.valid('json');
    const login = callerLogin(c, deps);
    const claim = { kind, name: login.name, address: c.get('address'), now: deps.now() };
    const outcome = await guarded<{ readonly kind: 'confirmed'; readonly response: Response }>(signInStateOf(deps).door, claim, async () => {
      try {
        return { kind: 'confirmed', response: change(c, deps, {}, (db, by) => ({ status: 200, ...codesAnswer(confirmedCodes(confirmTotp(db, by, { loginId: login.id, code, now: claim.now }))) })) };
      } catch (error) {
        if (error instanceof WrongCode) return { kind: 'wrongCode' };
        throw error;
      }
    });
    if (outcome.kind !== 'confirmed') throw refusalError(outcome, '');
    return outcome.response;
  });
}

/** Leaves the transaction of the change, which it rolls back. */
class WrongCode extends Error {}

function confirmedCodes(outcome: ReturnType<typeof confirmTotp>): readonly string[] {
  switch (outcome.kind) {
    case 'confirmed':
      return outcome.recoveryCodes;
    case 'wrong':
      throw new WrongCode('the code is wrong');
    case 'notBegun':
      throw new ApiError('conflict', 'There is no secret to confirm; begin with a new one.');
    case 'inUse':
      throw new ApiError('conflict', IN_USE);
  }
}

const codesAnswer = (codes: readonly string[]) => ({ body: { item: { recoveryCodes: codes } }, replay: { item: { recoveryCodes: [] } } });

function registerRemove(app: ApiApp, deps: ApiDeps, kind: LoginKind): void {
  const route = ownRoute({ kind, path: 'totp/remove', summary: 'Removes the authenticator and the recovery codes', body: passwordOnlyBody, answer: security, errors: ['conflict'] });
  serve(app, route, async (c) => {
    const login = await confirmedLogin(c, deps, c.req.valid('json').password);
    return change(c, deps, {}, (db, by) => {
      if (!removeTotp(db, by, { loginId: login.id, now: deps.now() })) throw new ApiError('conflict', NONE);
      return { status: 200, body: { item: securityJson(db, { loginId: login.id, origin: c.get('origin') }) } };
    });
  });
}

function registerRecoveryCodes(app: ApiApp, deps: ApiDeps, kind: LoginKind): void {
  const route = ownRoute({ kind, path: 'recovery-codes', summary: 'Ten new recovery codes in place of the old ones', description: SHOWN_ONCE, body: passwordOnlyBody, answer: recoveryCodes, errors: ['conflict'] });
  serve(app, route, async (c) => {
    const login = await confirmedLogin(c, deps, c.req.valid('json').password);
    return change(c, deps, {}, (db, by) => {
      const codes = renewRecoveryCodes(db, by, { loginId: login.id, now: deps.now() });
      if (codes === null) throw new ApiError('conflict', NONE);
      return { status: 200, ...codesAnswer(codes) };
    });
  });
}
