/** Addresses of both consoles. */

export type Kind = 'buyer' | 'admin';

export const BASE: Readonly<Record<Kind, string>> = { buyer: '/console', admin: '/console/admin' };

const DOORS = /^\/console(\/admin)?\/(login|invite)\/?$/;

/** Whether a page is one of those before there is a session. */
export const isDoor = (pathname: string): boolean => DOORS.test(pathname);

/** The place to go on to after signing in: only pages of the same console, for anyone may write an address. */
export function placeAfterSignIn(kind: Kind, search: string): string {
  const base = BASE[kind];
  const asked = new URLSearchParams(search).get('next') ?? '';
  // As a browser would read it: dots and backslashes may lead elsewhere.
  const origin = 'http://console.invalid';
  if (!URL.canParse(asked, origin)) return base;
  const url = new URL(asked, origin);
  const { pathname } = url;
  if (url.origin !== origin || isDoor(pathname)) return base;
  const of = within(pathname, BASE.admin) ? 'admin' : within(pathname, BASE.buyer) ? 'buyer' : null;
  return of === kind ? `${pathname}${url.search}` : base;
}

const within = (pathname: string, base: string): boolean => pathname === base || pathname.startsWith(`${base}/`);
