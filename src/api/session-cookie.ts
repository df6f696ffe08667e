/**
 * The cookies of the console's sessions. `__Host-` binds them to this very origin, so that no neighbouring host can set
 * them; scripts cannot read them, and no other site's request carries them.
 */
import type { Context } from 'hono';
import type { ApiEnv } from './api-app.ts';

type Kind = 'buyer' | 'admin';

export const SESSION_COOKIES = { buyer: '__Host-ainogap-buyer', admin: '__Host-ainogap-admin' } as const;
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Strict';

/** The token of this kind's cookie in a `cookie` header; null when there is none. */
export function readSessionCookie(header: string | undefined, kind: Kind): string | null {
  if (header === undefined) return null;
  for (const pair of header.split(';')) {
    const [name, value] = pair.split('=', 2);
    if (name?.trim() === SESSION_COOKIES[kind] && value !== undefined) return value.trim();
  }
  return null;
}

/** Times in Unix milliseconds. */
export function setSessionCookie(c: Context<ApiEnv>, kind: Kind, { token, expiresAt, now }: { readonly token: string; readonly expiresAt: number; readonly now: number }): void {
  const seconds = Math.max(1, Math.floor((expiresAt - now) / 1000));
  c.header('set-cookie', `${SESSION_COOKIES[kind]}=${token}; Max-Age=${seconds}; ${ATTRIBUTES}`, { append: true });
}

/** Takes the cookie away, on an answer that was made. */
export function clearSessionCookie(answer: Response, kind: Kind): Response {
  answer.headers.append('set-cookie', `${SESSION_COOKIES[kind]}=; Max-Age=0; ${ATTRIBUTES}`);
  return answer;
}
