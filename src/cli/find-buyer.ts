import type { Db } from '../db/open.ts';
import type { Buyer } from '../registry/buyers.ts';
import { findBuyer, listBuyers } from '../registry/buyers.ts';
import { CliError } from './cli-error.ts';
import { didYouMean } from '../nearest.ts';

/** The buyer of this name or id. Throws with the nearest name. */
export function requireBuyer(db: Db, idOrName: string): Buyer {
  const buyer = findBuyer(db, idOrName);
  if (buyer !== null) return buyer;
  const names = listBuyers(db).map(({ name }) => name);
  throw new CliError(`buyer "${idOrName}" not found.${didYouMean(idOrName, names)}`, { next: 'ainogap buyer list' });
}

/** The buyers of a list such as `acme,buyer_2`. */
export function requireBuyers(db: Db, list: readonly string[]): Buyer[] {
  return list.map((idOrName) => requireBuyer(db, idOrName));
}
