/** Where a request was sent, and whether the page that sent it came from there. */
import type { Context } from 'hono';
import type { ApiEnv } from './api-app.ts';
import { ApiError } from './api-error.ts';
import type { ApiPlan } from './api-plan.ts';
import { isTrusted } from './client-address.ts';
import { readSessionCookie } from './session-cookie.ts';

/**
 * The origin that the client used. A proxy that rewrites `Host` hides it: then it is the configured one, when the page
 * says that it came from there.
 */
export function originOf(c: Context<ApiEnv>, plan: ApiPlan): string {
  const { host } = new URL(c.req.url);
  const sentTo = new URL(`${isEncrypted(c, plan) ? 'https' : 'http'}://${host}`).origin;
  const configured = new URL(plan.consoleUrl).origin;
  return c.req.header('origin') === configured ? configured : sentTo;
}

/** Over TLS that ends here, or at a proxy that is trusted to say so. */
export function isEncrypted(c: Context<ApiEnv>, plan: ApiPlan): boolean {
  if (c.env.encrypted) return true;
  const told = c.req.header('x-forwarded-proto')?.split(',').at(-1)?.trim();
  return told === 'https' && isTrusted(c.env.remoteAddress, plan.trustedProxies);
}

const READS = new Set(['GET', 'HEAD']);

/**
 * Against requests that another site's page makes a browser send. Whatever changes something and comes from a browser
 * (it has our cookie, or an Origin) must come from our own pages. Programs with a token send neither.
 */
export function checkOrigin(c: Context<ApiEnv>): void {
  if (READS.has(c.req.method)) return;
  const origin = c.req.header('origin');
  const site = c.req.header('sec-fetch-site');
  const cookies = c.req.header('cookie');
  const hasCookie = readSessionCookie(cookies, 'buyer') !== null || readSessionCookie(cookies, 'admin') !== null;
  if (origin === undefined && !hasCookie) return;
  const ours = c.get('origin');
  if (origin !== ours) throw new ApiError('wrong_origin', `This request must come from a page of ${ours}${origin === undefined ? '' : `, not of ${origin.slice(0, 100)}`}.`);
  if (site !== undefined && site !== 'same-origin') throw new ApiError('wrong_origin', `This request must come from a page of ${ours}.`);
}
