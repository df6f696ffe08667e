/** `invite/check` and `invite/accept`: from a one-time link to a password and a first session. */
import { acceptInvite, openInvite } from '../../auth/invites.ts';
import type { AcceptedInvite, OpenInvite } from '../../auth/invites.ts';
import type { LoginKind } from '../../auth/logins.ts';
import { actorOf, guarded } from '../../auth/sign-in.ts';
import { isoTime } from '../../documents/iso-time.ts';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import { ApiError } from '../api-error.ts';
import { serve } from '../route-parts.ts';
import { invitation, inviteAcceptBody, inviteCheckBody, signedIn } from '../schemas/sign-in.ts';
import { refusalError } from './refuse.ts';
import { requireStrong } from './require-strong.ts';
import { answerSession, sessionWish } from './session-answer.ts';
import { publicRoute } from './sign-in-route.ts';
import { signInStateOf } from './sign-in-state.ts';

export function registerInvitations(app: ApiApp, deps: ApiDeps, kind: LoginKind): void {
  registerCheck(app, deps, kind);
  registerAccept(app, deps, kind);
}

const goneError = (): ApiError => new ApiError('gone', 'This invitation does not work: it was used, replaced, or has expired. Ask the operator for a new one.');

function registerCheck(app: ApiApp, deps: ApiDeps, kind: LoginKind): void {
  const route = publicRoute({ kind, path: 'invite/check', summary: 'Whom an invitation is for', body: inviteCheckBody, answer: invitation, errors: ['gone'] });
  serve(app, route, async (c) => {
    const { token } = c.req.valid('json');
    const now = deps.now();
    const outcome = await guarded<{ readonly kind: 'open'; readonly invite: OpenInvite }>(signInStateOf(deps).door, { kind, name: null, address: c.get('address'), now }, async () => {
      const invite = openInvite(deps.db, { token, kind, now });
      return invite === null ? { kind: 'wrong' } : { kind: 'open', invite };
    });
    if (outcome.kind === 'wrong') throw goneError();
    if (outcome.kind !== 'open') throw refusalError(outcome, '');
    const { login, reset, expiresAt } = outcome.invite;
    return c.json({ item: { name: login.name, kind, reset, expiresAt: isoTime(expiresAt) } }, 200);
  });
}

function registerAccept(app: ApiApp, deps: ApiDeps, kind: LoginKind): void {
  const route = publicRoute({
    kind,
    path: 'invite/accept',
    summary: 'Sets the first password, or one in place of a lost one, and signs in',
    description: 'An invitation works once. One that resets also takes the authenticator, the recovery codes and the passkeys away.',
    body: inviteAcceptBody,
    answer: signedIn,
    errors: ['gone', 'weak_password'],
  });
  serve(app, route, async (c) => {
    const { token, password, transport } = c.req.valid('json');
    const session = sessionWish(c, deps, transport);
    const { door } = signInStateOf(deps);
    const outcome = await guarded<{ readonly kind: 'accepted'; readonly accepted: AcceptedInvite }>(door, { kind, name: null, address: session.address, now: session.now }, async () => {
      const open = openInvite(deps.db, { token, kind, now: session.now });
      if (open === null) return { kind: 'wrong' };
      await requireStrong(password, open.login.name);
      const hash = await door.hasher.hash(password);
      const accepted = acceptInvite(deps.db, (login) => actorOf(login, session), { token, kind, hash, session });
      return accepted === null ? { kind: 'wrong' } : { kind: 'accepted', accepted };
    });
    if (outcome.kind === 'wrong') throw goneError();
    if (outcome.kind !== 'accepted') throw refusalError(outcome, '');
    const { login, session: begun } = outcome.accepted;
    return answerSession(c, deps, { kind, name: login.name, transport, session: begun });
  });
}
