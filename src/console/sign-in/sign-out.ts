import { send } from '../api-client.ts';
import { BASE, type Kind } from '../console-places.ts';

/** Ends the session and opens the sign-in page afresh, so that no figure stays in memory. */
export async function signOut(kind: Kind): Promise<void> {
  // Without an answer the session may go on; the sign-in page is right all the same.
  await send('POST', `/${kind}/logout`, {}).catch(() => {});
  window.location.assign(`${BASE[kind]}/login`);
}
