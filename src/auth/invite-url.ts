import type { LoginKind } from './logins.ts';

/** The link of an invitation. Its token is in the fragment, which browsers send to nobody: it is in no log on the way. */
export function inviteUrl(consoleUrl: string, kind: LoginKind, token: string): string {
  return `${consoleUrl}/console/${kind === 'admin' ? 'admin/' : ''}invite#${token}`;
}
