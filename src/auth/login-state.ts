import type { Db } from '../db/open.ts';
import { prepared } from '../db/prepared.ts';
import type { BuyerId } from '../ids.ts';

export interface BuyerSignIn {
  /** `none`: never invited. `invited`: no password yet. */
  readonly state: 'none' | 'invited' | 'active';
  readonly lastSignInAt: number | null;
}

const NEVER: BuyerSignIn = { state: 'none', lastSignInAt: null };

/** Whether buyers have signed up, and when they last signed in: all in one read, for lists. */
export function readBuyerSignIns(db: Db): (buyerId: BuyerId) => BuyerSignIn {
  const rows = prepared(
    db,
    `SELECT l.buyer_id AS buyerId, l.password IS NOT NULL AS active, s.lastSignInAt
       FROM logins l LEFT JOIN (SELECT login_id, max(created_at) AS lastSignInAt FROM sessions GROUP BY login_id) s ON s.login_id = l.id WHERE l.kind = 'buyer'`,
  ).all() as { buyerId: BuyerId; active: number; lastSignInAt: number | null }[];
  const byBuyer = new Map(rows.map(({ buyerId, active, lastSignInAt }): [BuyerId, BuyerSignIn] => [buyerId, { state: active === 1 ? 'active' : 'invited', lastSignInAt }]));
  return (buyerId) => byBuyer.get(buyerId) ?? NEVER;
}
