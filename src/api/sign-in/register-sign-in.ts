/** Signing in and all that is about one's own sign-in, for buyers below `/buyer` and for admins below `/admin`. */
import type { LoginKind } from '../../auth/logins.ts';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import { registerInvitations } from './register-invitations.ts';
import { registerLogin } from './register-login.ts';
import { registerPasskeys } from './register-passkeys.ts';
import { registerPassword } from './register-password.ts';
import { registerSessions } from './register-sessions.ts';
import { registerTotp } from './register-totp.ts';

export function registerSignIn(app: ApiApp, deps: ApiDeps, kind: LoginKind): void {
  registerLogin(app, deps, kind);
  registerInvitations(app, deps, kind);
  registerSessions(app, deps, kind);
  registerPassword(app, deps, kind);
  registerTotp(app, deps, kind);
  registerPasskeys(app, deps, kind);
}
