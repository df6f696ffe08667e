/** `serve --demo`: one-time links, so that a stranger can look at the console and the panel within a minute. */
import type { Actor } from '../audit/actor.ts';
import { inviteAdmin, inviteBuyer } from '../auth/invites.ts';
import { inviteUrl } from '../auth/invite-url.ts';
import type { Config } from '../config.ts';
import { openDatabase } from '../db/open.ts';
import { DEMO_BUYER } from '../demo.ts';
import { findBuyer } from '../registry/buyers.ts';

export const DEMO_ADMIN = 'demo-admin';

export interface DemoInvitations {
  readonly buyer: string;
  readonly admin: string;
}

const DEMO: Actor = { kind: 'system', name: 'demo', via: 'serve', address: null };

/** @param consoleUrl such as `http://127.0.0.1:8787` */
export function demoInvitations(config: Pick<Config, 'database' | 'console'>, { consoleUrl, now }: { readonly consoleUrl: string; readonly now: number }): DemoInvitations {
  const db = openDatabase(config.database, { mode: 'write' });
  try {
    const options = { reset: false, now, inviteMs: config.console.inviteMs };
    const buyer = findBuyer(db, DEMO_BUYER);
    if (buyer === null) throw new Error('the demo has no buyer');
    return {
      buyer: inviteUrl(consoleUrl, 'buyer', inviteBuyer(db, DEMO, { buyerId: buyer.id, ...options }).token),
      admin: inviteUrl(consoleUrl, 'admin', inviteAdmin(db, DEMO, { name: DEMO_ADMIN, ...options }).token),
    };
  } finally {
    db.close();
  }
}
