/** Buyers, keys and routes as the live view names them: read anew only when the registry's generation has changed. */
import type { Db } from '../../db/open.ts';

export interface BuyerName {
  readonly id: number;
  readonly name: string;
  readonly disabled: boolean;
  /** Keys that are not revoked. */
  readonly liveKeys: number;
}

export interface KeyName {
  readonly id: number;
  readonly buyerId: number;
  readonly label: string;
  readonly prefix: string;
  readonly last4: string;
  readonly createdAt: number;
  readonly revokedAt: number | null;
}

export interface RouteName {
  readonly id: number;
  readonly alias: string;
  readonly upstream: string;
  readonly cardVersion: number;
  readonly deleted: boolean;
}

export interface RegistryNames {
  /** By name. */
  readonly buyers: readonly BuyerName[];
  readonly buyerById: ReadonlyMap<number, BuyerName>;
  readonly keys: readonly KeyName[];
  /** Deleted ones too, for their usage remains. */
  readonly routes: readonly RouteName[];
  readonly routeById: ReadonlyMap<number, RouteName>;
}

function prepare(db: Db) {
  return {
    generation: db.prepare('SELECT value FROM registry_generation').pluck(),
    buyers: db.prepare(
      `SELECT id, name, disabled_at IS NOT NULL AS disabled, (SELECT count(*) FROM keys k WHERE k.buyer_id = b.id AND k.revoked_at IS NULL AND k.purpose IS NULL) AS liveKeys
       FROM buyers b`,
    ),
    keys: db.prepare(
      'SELECT id, buyer_id AS buyerId, label, prefix, last4, created_at AS createdAt, revoked_at AS revokedAt FROM keys WHERE purpose IS NULL ORDER BY id',
    ),
    routes: db.prepare('SELECT id, alias, upstream, card_version AS cardVersion, deleted_at IS NOT NULL AS deleted FROM routes ORDER BY alias, id'),
  };
}

const byName = new Intl.Collator('en', { numeric: true }).compare;

/** Returns a function to be called inside a read transaction. */
export function createRegistryNames(db: Db): () => RegistryNames {
  const sql = prepare(db);
  let generation: unknown;
  let names: RegistryNames | null = null;
  return () => {
    const now = sql.generation.get();
    if (names !== null && now === generation) return names;
    generation = now;
    const buyers = (sql.buyers.all() as (Omit<BuyerName, 'disabled'> & { disabled: number })[])
      .map((buyer) => ({ ...buyer, disabled: buyer.disabled === 1 }))
      .sort((a, b) => byName(a.name, b.name));
    const routes = (sql.routes.all() as (Omit<RouteName, 'deleted'> & { deleted: number })[]).map((route) => ({ ...route, deleted: route.deleted === 1 }));
    names = {
      buyers,
      buyerById: new Map(buyers.map((buyer) => [buyer.id, buyer])),
      keys: sql.keys.all() as KeyName[],
      routes,
      routeById: new Map(routes.map((route) => [route.id, route])),
    };
    return names;
  };
}
