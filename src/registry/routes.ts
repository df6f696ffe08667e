/** Routes: an alias, its upstream, its price card, and who may use it. Every write is one `BEGIN IMMEDIATE` transaction. */
import type { Db } from '../db/open.ts';
import { prepared } from '../db/prepared.ts';
import type { BuyerId, CardVersion, RouteAlias, RouteId } from '../ids.ts';
import { insertCard, readCard } from './cards.ts';
import type { CardDraft, StoredCard } from './cards.ts';

export interface RouteRecord {
  readonly id: RouteId;
  readonly alias: RouteAlias;
  /** The upstream's name in the configuration. */
  readonly upstream: string;
  readonly holdOutputTokens: number | null;
  /** Null: open to all buyers. For others the route does not exist. */
  readonly buyers: readonly { readonly id: BuyerId; readonly name: string }[] | null;
  readonly card: StoredCard;
  readonly createdAt: number;
}

interface RouteRow {
  readonly id: number;
  readonly alias: string;
  readonly upstream: string;
  readonly hold_output_tokens: number | null;
  readonly open_to_all: number;
  readonly card_version: number;
  readonly created_at: number;
}

const SELECT = `SELECT id, alias, upstream, hold_output_tokens, open_to_all, card_version, created_at FROM routes WHERE deleted_at IS NULL`;

function permittedBuyers(db: Db, routeId: RouteId): { id: BuyerId; name: string }[] {
  const statement = prepared(db, 'SELECT b.id, b.name FROM route_buyers rb JOIN buyers b ON b.id = rb.buyer_id WHERE rb.route_id = ? ORDER BY b.id');
  return statement.safeIntegers(false).all(routeId) as { id: BuyerId; name: string }[];
}

function routeOf(db: Db, row: RouteRow): RouteRecord {
  const id = row.id as RouteId;
  return {
    id,
    alias: row.alias as RouteAlias,
    upstream: row.upstream,
    holdOutputTokens: row.hold_output_tokens,
    buyers: row.open_to_all === 1 ? null : permittedBuyers(db, id),
    card: readCard(db, row.card_version as CardVersion),
    createdAt: row.created_at,
  };
}

/** Routes that exist, by alias. */
export function listRoutes(db: Db): RouteRecord[] {
  const rows = prepared(db, `${SELECT} ORDER BY alias`).all() as RouteRow[];
  return rows.map((row) => routeOf(db, row));
}

export function findRoute(db: Db, alias: string): RouteRecord | null {
  const row = prepared(db, `${SELECT} AND alias = ?`).get(alias) as RouteRow | undefined;
  return row === undefined ? null : routeOf(db, row);
}

/** Routes that this buyer can call, by alias. */
export function routesForBuyer(db: Db, buyerId: BuyerId): RouteRecord[] {
  const rows = prepared(db, `${SELECT} AND (open_to_all = 1 OR EXISTS (SELECT 1 FROM route_buyers WHERE route_id = routes.id AND buyer_id = ?)) ORDER BY alias`).all(buyerId) as RouteRow[];
  return rows.map((row) => routeOf(db, row));
}

function setPermitted(db: Db, routeId: RouteId, buyers: readonly BuyerId[] | null): void {
  db.prepare('DELETE FROM route_buyers WHERE route_id = ?').run(routeId);
  const permit = prepared(db, 'INSERT INTO route_buyers(route_id, buyer_id) VALUES (?, ?)');
  for (const buyer of new Set(buyers ?? [])) permit.run(routeId, buyer);
}

export interface NewRoute {
  readonly alias: RouteAlias;
  readonly upstream: string;
  readonly card: CardDraft;
  /** Null, the default: hold the worst case. */
  readonly holdOutputTokens?: number | null;
  /** Null, the default: open to all. */
  readonly buyers?: readonly BuyerId[] | null;
  readonly now?: number;
}

export type CreateRouteOutcome =
  | { readonly kind: 'created'; readonly route: RouteRecord }
  | { readonly kind: 'exists'; readonly route: RouteRecord };

export function createRoute(db: Db, route: NewRoute): CreateRouteOutcome {
  const { alias, upstream, buyers = null, holdOutputTokens = null, now = Date.now() } = route;
  const create = db.transaction((): CreateRouteOutcome => {
    const namesake = findRoute(db, alias);
    if (namesake !== null) return { kind: 'exists', route: namesake };
    // The route and its first card name each other: the route starts with card 0, which the deferred foreign key allows.
    const { lastInsertRowid } = db
      .prepare('INSERT INTO routes(alias, upstream, card_version, hold_output_tokens, open_to_all, created_at) VALUES (?, ?, 0, ?, ?, ?)')
      .run(alias, upstream, holdOutputTokens, buyers === null ? 1 : 0, now);
    const id = Number(lastInsertRowid) as RouteId;
    const version = insertCard(db, id, { ...route.card, now });
    db.prepare('UPDATE routes SET card_version = ? WHERE id = ?').run(version, id);
    setPermitted(db, id, buyers);
    return { kind: 'created', route: existingRoute(db, alias) };
  });
  return create.immediate();
}

function existingRoute(db: Db, alias: RouteAlias): RouteRecord {
  const route = findRoute(db, alias);
  if (route === null) throw new Error(`route ${alias} was just written and is not there`);
  return route;
}

/** What is absent stays as it is. */
export interface RouteChange {
  readonly upstream?: string;
  readonly card?: CardDraft;
  readonly holdOutputTokens?: number | null;
  readonly buyers?: readonly BuyerId[] | null;
}

export type ChangeRouteOutcome =
  | { readonly kind: 'changed'; readonly before: RouteRecord; readonly after: RouteRecord }
  | { readonly kind: 'unchanged'; readonly before: RouteRecord }
  | { readonly kind: 'notFound' };

const idList = (ids: readonly BuyerId[] | null): string => (ids === null ? 'all' : [...new Set(ids)].toSorted((a, b) => a - b).join());

/** Only what really differs; a card with the same prices and origin makes no new version. */
function effectiveChange(before: RouteRecord, change: RouteChange): RouteChange {
  const { card, upstream, holdOutputTokens, buyers } = change;
  const sameCard = card?.body === before.card.body && JSON.stringify(card.origin) === JSON.stringify(before.card.origin);
  const buyersBefore = before.buyers?.map((buyer) => buyer.id) ?? null;
  return {
    ...(upstream !== undefined && upstream !== before.upstream ? { upstream } : {}),
    ...(card !== undefined && !sameCard ? { card } : {}),
    ...(holdOutputTokens !== undefined && holdOutputTokens !== before.holdOutputTokens ? { holdOutputTokens } : {}),
    ...(buyers !== undefined && idList(buyers) !== idList(buyersBefore) ? { buyers } : {}),
  };
}

function writeChange(db: Db, before: RouteRecord, change: RouteChange & { readonly now: number }): void {
  const { upstream = before.upstream, holdOutputTokens = before.holdOutputTokens, now } = change;
  const version = change.card === undefined ? before.card.card.version : insertCard(db, before.id, { ...change.card, now });
  const openToAll = change.buyers === undefined ? before.buyers === null : change.buyers === null;
  db.prepare('UPDATE routes SET upstream = ?, card_version = ?, hold_output_tokens = ?, open_to_all = ? WHERE id = ?').run(
    upstream,
    version,
    holdOutputTokens,
    openToAll ? 1 : 0,
    before.id,
  );
  if (change.buyers !== undefined) setPermitted(db, before.id, change.buyers);
}

/**
 * Reads the route, lets `decide` say what to change, and writes it, all in one transaction: two operators cannot
 * undo each other's change unseen. What `decide` throws rolls back.
 */
export function changeRoute(
  db: Db,
  alias: RouteAlias,
  decide: (before: RouteRecord) => RouteChange,
  now: number = Date.now(),
): ChangeRouteOutcome {
  const run = db.transaction((): ChangeRouteOutcome => {
    const before = findRoute(db, alias);
    if (before === null) return { kind: 'notFound' };
    const change = effectiveChange(before, decide(before));
    if (Object.keys(change).length === 0) return { kind: 'unchanged', before };
    writeChange(db, before, { ...change, now });
    return { kind: 'changed', before, after: existingRoute(db, alias) };
  });
  return run.immediate();
}

/** The row stays, for the records of past requests; the alias is free again. False: there is no such route. */
export function deleteRoute(db: Db, alias: string, now: number = Date.now()): boolean {
  const remove = db.transaction(() => db.prepare('UPDATE routes SET deleted_at = ? WHERE alias = ? AND deleted_at IS NULL').run(now, alias));
  return remove.immediate().changes > 0;
}
