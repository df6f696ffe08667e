/** Where a page goes when there is no session. */
import { BASE, isDoor } from './console-places.ts';

/** Opens the sign-in page of the API that refused, and keeps where the reader was. */
export function leaveForSignIn(apiPath: string): void {
  const { pathname, search } = window.location;
  if (isDoor(pathname)) return;
  const base = BASE[apiPath.startsWith('/admin') ? 'admin' : 'buyer'];
  window.location.assign(`${base}/login?next=${encodeURIComponent(pathname + search)}`);
}
