/** What admission asks of the registry. It knows nothing of SQLite. */
import type { BuyerId, CardVersion, KeyId, RouteAlias, RouteId } from '../ids.ts';
import type { PriceCard } from '../metering/price-card.ts';

export interface Route {
  readonly id: RouteId;
  readonly alias: RouteAlias;
  readonly upstream: string;
  /** Hold only this many output tokens; what a request costs beyond is the operator's risk. */
  readonly holdOutputTokens: number | null;
  readonly card: PriceCard;
}

export interface Admission {
  readonly keyId: KeyId;
  readonly buyerId: BuyerId;
  readonly route: Route;
  /** The registry generation this was read under. */
  readonly generation: number;
}

export type AdmitOutcome =
  | { readonly kind: 'admitted'; readonly admission: Admission }
  /** No such key, revoked, or its buyer is disabled: one answer for all. */
  | { readonly kind: 'unauthenticated' }
  /** The key is good; there is no such route for this buyer. */
  | { readonly kind: 'noRoute'; readonly keyId: KeyId; readonly buyerId: BuyerId };

export interface Registry {
  /** `digest` is SHA-256 of the whole key, as lower-case hex. Reads the database. */
  admit(digest: string, alias: string): AdmitOutcome;
  /** A price card that a hold was made under, for recovery; cards are never deleted. */
  card(version: CardVersion): PriceCard | null;
  /** The alias of a route, of one that was deleted too; null when there never was one. */
  alias(id: RouteId): RouteAlias | null;
  close(): void;
}
