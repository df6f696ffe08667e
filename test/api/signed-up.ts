/** Someone who went through the API's own door: an invitation, a password, a session. */
import { inviteAdmin, inviteBuyer } from '../../src/auth/invites.ts';
import type { LoginKind } from '../../src/auth/logins.ts';
import { createBuyer, findBuyer } from '../../src/registry/buyers.ts';
import { ORIGIN, type ApiInProcess } from '../support/api-in-process.ts';

export const PASSWORD = 'velvet otter climbs 42';
export const OTHER_PASSWORD = 'seven quiet lanterns drift';
const CLI = { kind: 'cli', name: 'ops', via: 'cli', address: null } as const;

export interface SignedInAnswer {
  readonly item: { readonly name: string; readonly sessionToken: string | null; readonly expiresAt: string };
}
export interface ErrorAnswer {
  readonly error: { readonly code: string; readonly message: string; readonly details: Record<string, unknown> };
}

/** The one-time token. */
export function invited(api: ApiInProcess, kind: LoginKind, { name = kind === 'buyer' ? 'acme' : 'eva', reset = false }: { readonly name?: string; readonly reset?: boolean } = {}): string {
  const options = { reset, now: api.clock.now(), inviteMs: api.deps.plan().inviteMs };
  if (kind === 'admin') return inviteAdmin(api.db, CLI, { name, ...options }).token;
  const buyer = findBuyer(api.db, name) ?? createBuyer(api.db, name).buyer;
  return inviteBuyer(api.db, CLI, { buyerId: buyer.id, ...options }).token;
}

/** Accepts an invitation; returns the session's token. */
export async function signUp(api: ApiInProcess, kind: LoginKind = 'buyer', name?: string): Promise<string> {
  const token = invited(api, kind, name === undefined ? {} : { name });
  const { status, json, text } = await api.call<SignedInAnswer>('POST', `/${kind}/invite/accept`, { body: { token, password: PASSWORD } });
  if (status !== 200 || json.item.sessionToken === null) throw new Error(text);
  return json.item.sessionToken;
}

/** The value of a `cookie` header from a `set-cookie` one. */
export function cookieOf(headers: Headers): string {
  return headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');
}

/** What a page sends besides its cookie. */
export const fromPage = (cookie: string): Record<string, string> => ({ cookie, origin: ORIGIN, 'sec-fetch-site': 'same-origin' });
