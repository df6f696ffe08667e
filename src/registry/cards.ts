/** Price cards: immutable, numbered by the database, kept for ever, so that every receipt can be recomputed. */
import type { Db } from '../db/open.ts';
import type { CardVersion, RouteId } from '../ids.ts';
import type { PriceCard } from '../metering/price-card.ts';
import { parseCard } from '../metering/price-card.ts';

/** How a card came to its prices; `route set` needs it to price further models alike. */
export type CardOrigin =
  /** The price book of that date × `multiplier`, a decimal such as `0.8`. */
  | { readonly kind: 'multiplier'; readonly multiplier: string; readonly bookDate: string }
  /** Explicit prices from the operator's file. */
  | { readonly kind: 'file'; readonly file: string };

/** A card that is to become a version: its JSON from `serializeCard`, and where its prices come from. */
export interface CardDraft {
  readonly body: string;
  readonly origin: CardOrigin;
}

export interface StoredCard {
  readonly card: PriceCard;
  readonly body: string;
  readonly origin: CardOrigin;
  readonly createdAt: number;
}

/** Runs inside the caller's transaction. Returns the new version. */
export function insertCard(db: Db, routeId: RouteId, draft: CardDraft & { readonly now: number }): CardVersion {
  const { lastInsertRowid } = db
    .prepare('INSERT INTO price_cards(route_id, body, origin, created_at) VALUES (?, ?, ?, ?)')
    .run(routeId, draft.body, JSON.stringify(draft.origin), draft.now);
  return Number(lastInsertRowid) as CardVersion;
}

interface CardRow {
  readonly body: string;
  readonly origin: string;
  readonly created_at: number;
}

/** Throws when the version does not exist or its row is damaged. */
export function readCard(db: Db, version: CardVersion): StoredCard {
  const row = db.prepare('SELECT body, origin, created_at FROM price_cards WHERE version = ?').safeIntegers(false).get(version) as
    | CardRow
    | undefined;
  if (row === undefined) throw new Error(`price card ${version} is not in the database`);
  return {
    card: parseCard(version, row.body),
    body: row.body,
    origin: JSON.parse(row.origin) as CardOrigin,
    createdAt: row.created_at,
  };
}

/** All versions of a route's card, newest first. */
export function listCards(db: Db, routeId: RouteId): StoredCard[] {
  const versions = db.prepare('SELECT version FROM price_cards WHERE route_id = ? ORDER BY version DESC').pluck().safeIntegers(false).all(routeId);
  return (versions as CardVersion[]).map((version) => readCard(db, version));
}
