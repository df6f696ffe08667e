/** The registry on SQLite: admission's one question, answered by one prepared read. */
import { openDatabase } from '../db/open.ts';
import type { Db } from '../db/open.ts';
import type { BuyerId, CardVersion, KeyId, RouteAlias, RouteId } from '../ids.ts';
import type { PriceCard } from '../metering/price-card.ts';
import { readCard } from './cards.ts';
import type { AdmitOutcome, Registry } from './registry.ts';

/** One statement, so that key, buyer, route and generation are of one moment. */
const ADMIT = `
SELECT k.id AS keyId, k.buyer_id AS buyerId, g.value AS generation,
       r.id AS routeId, r.alias, r.upstream, r.hold_output_tokens AS holdOutputTokens, r.card_version AS cardVersion
FROM keys k
JOIN buyers b ON b.id = k.buyer_id
JOIN registry_generation g ON g.id = 1
LEFT JOIN routes r ON r.alias = ? AND r.deleted_at IS NULL
  AND (r.open_to_all = 1 OR EXISTS (SELECT 1 FROM route_buyers p WHERE p.route_id = r.id AND p.buyer_id = k.buyer_id))
WHERE k.digest = ? AND k.revoked_at IS NULL AND b.disabled_at IS NULL`;

interface AdmitRow {
  readonly keyId: KeyId;
  readonly buyerId: BuyerId;
  readonly generation: number;
  readonly routeId: RouteId | null;
  readonly alias: RouteAlias;
  readonly upstream: string;
  readonly holdOutputTokens: number | null;
  readonly cardVersion: CardVersion;
}

const DIGEST = /^[0-9a-f]{64}$/;

/** Cards are immutable by version, so each is parsed once. */
function createCardMemory(db: Db): (version: CardVersion) => PriceCard {
  const cards = new Map<CardVersion, PriceCard>();
  return (version) => {
    let card = cards.get(version);
    if (card === undefined) {
      card = readCard(db, version).card;
      cards.set(version, card);
    }
    return card;
  };
}

/** Opens its own read connection on the database `file`. Throws when the database cannot be opened. */
export function openRegistry(file: string): Registry {
  const db = openDatabase(file, { mode: 'read' });
  const statement = db.prepare<[string, Buffer], AdmitRow>(ADMIT).safeIntegers(false);
  const aliasOf = db.prepare<[RouteId], RouteAlias>('SELECT alias FROM routes WHERE id = ?').pluck();
  const cardOf = createCardMemory(db);
  return {
    admit(digest: string, alias: string): AdmitOutcome {
      if (!DIGEST.test(digest)) return { kind: 'unauthenticated' };
      const row = statement.get(alias, Buffer.from(digest, 'hex'));
      if (row === undefined) return { kind: 'unauthenticated' };
      const { keyId, buyerId, generation } = row;
      if (row.routeId === null) return { kind: 'noRoute', keyId, buyerId };
      const { upstream, holdOutputTokens } = row;
      const route = { id: row.routeId, alias: row.alias, upstream, holdOutputTokens, card: cardOf(row.cardVersion) };
      return { kind: 'admitted', admission: { keyId, buyerId, route, generation } };
    },
    card: cardOf,
    alias: (id) => aliasOf.get(id) ?? null,
    close: () => void db.close(),
  };
}
