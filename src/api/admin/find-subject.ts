/** The buyers, keys and routes that requests name: there, or 404. */
import type { Db } from '../../db/open.ts';
import { parseBuyerId, parseKeyId } from '../../ids.ts';
import type { BuyerId } from '../../ids.ts';
import { didYouMean } from '../../nearest.ts';
import { buyerById, type Buyer } from '../../registry/buyers.ts';
import { keyById, type Key } from '../../registry/keys.ts';
import { findRoute, listRoutes, type RouteRecord } from '../../registry/routes.ts';
import { ApiError } from '../api-error.ts';

export function requireBuyer(db: Db, text: string): Buyer {
  const id = parseBuyerId(text);
  const buyer = id === null ? null : buyerById(db, id);
  if (buyer === null) throw new ApiError('not_found', `There is no buyer "${text}".`);
  return buyer;
}

/** Each once, in the order given. Null: all buyers. */
export function requireBuyerIds(db: Db, texts: readonly string[] | null): BuyerId[] | null {
  return texts === null ? null : [...new Set(texts.map((text) => requireNamedBuyer(db, text)))];
}

/** Named in a body, a buyer that is not there is a mistake in it. */
function requireNamedBuyer(db: Db, text: string): BuyerId {
  const id = parseBuyerId(text);
  if (id === null || buyerById(db, id) === null) throw new ApiError('invalid_request', `buyers: there is no buyer "${text}".`);
  return id;
}

export function requireKey(db: Db, text: string): Key {
  const id = parseKeyId(text);
  const key = id === null ? null : keyById(db, id);
  if (key === null) throw new ApiError('not_found', `There is no key "${text}".`);
  return key;
}

export function requireRoute(db: Db, alias: string): RouteRecord {
  return findRoute(db, alias) ?? routeNotFound(db, alias);
}

export function routeNotFound(db: Db, alias: string): never {
  const aliases = listRoutes(db).map((route) => route.alias);
  throw new ApiError('not_found', `There is no route "${alias}".${didYouMean(alias, aliases)}`);
}
