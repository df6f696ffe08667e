/** Whose request it is. Every query of the buyer's API is scoped by this. */
import type { Context } from 'hono';
import type { Db } from '../../db/open.ts';
import { buyerById, type Buyer } from '../../registry/buyers.ts';
import type { ApiEnv, Caller } from '../api-app.ts';
import { ApiError } from '../api-error.ts';

type BuyerCaller = Extract<Caller, { kind: 'buyer' }>;

/** Throws `forbidden` for anyone but a buyer. */
export function callingBuyer(c: Pick<Context<ApiEnv>, 'get'>): BuyerCaller {
  const caller = c.get('caller') as Caller | undefined;
  if (caller?.kind !== 'buyer') throw new ApiError('forbidden', "Only a buyer's own session may do this.");
  return caller;
}

/** The caller's record; throws `forbidden` for one that is disabled: it may look, and change nothing. */
export function enabledBuyer(db: Db, { buyerId }: BuyerCaller, wish: string): Buyer {
  const buyer = buyerRecord(db, { buyerId });
  if (buyer.disabledAt !== null) throw new ApiError('forbidden', `This account is disabled: it can look, but not ${wish}. Ask the operator to enable it.`);
  return buyer;
}

/** Buyers are never deleted. */
export function buyerRecord(db: Db, { buyerId }: Pick<BuyerCaller, 'buyerId'>): Buyer {
  const buyer = buyerById(db, buyerId);
  if (buyer === null) throw new Error(`buyer ${buyerId} of a session is not in the database`);
  return buyer;
}

/** What is not there, and what is another buyer's: the same words, so that neither can be told from the other. */
export const notThere = (what: string): ApiError => new ApiError('not_found', `There is no such ${what}.`);
