/** Names and ids that a shell may offer for what was typed so far. Bounded reads by index, for a person who waits. */
import type { Db } from '../db/open.ts';
import { formatRequestId, type RequestId } from '../ids.ts';

export interface Offer {
  readonly value: string;
  /** Beside the value where the shell shows such; may be empty. */
  readonly description: string;
}

/** More would scroll off any screen. */
const OFFERS_MAX = 200;
const REQUESTS_MAX = 20;
/** After any name that begins with the prefix. */
const LAST = '\u{10FFFF}';

/** Rows of a value and its description; the SQL compares the value with the prefix and with what comes after it. */
const beginning = (db: Db, sql: string, prefix: string): [string, string][] => db.prepare(sql).raw().all(prefix, `${prefix}${LAST}`) as [string, string][];
const offers = (rows: readonly [string, string][]): Offer[] => rows.map(([value, description]) => ({ value, description }));

/** Names compare without regard to case, as the database does. */
export function buyersToOffer(db: Db, prefix: string): Offer[] {
  return offers(beginning(db, `SELECT name, CASE WHEN disabled_at IS NULL THEN '' ELSE 'disabled' END FROM buyers WHERE name >= ? AND name < ? ORDER BY name LIMIT ${OFFERS_MAX}`, prefix));
}

export function adminsToOffer(db: Db, prefix: string): Offer[] {
  return offers(
    beginning(db, `SELECT name, CASE WHEN disabled_at IS NULL THEN '' ELSE 'disabled' END FROM logins WHERE kind = 'admin' AND name >= ? AND name < ? ORDER BY name LIMIT ${OFFERS_MAX}`, prefix),
  );
}

export function routesToOffer(db: Db, prefix: string): Offer[] {
  return offers(beginning(db, `SELECT alias, 'to ' || upstream FROM routes WHERE deleted_at IS NULL AND alias >= ? AND alias < ? ORDER BY alias LIMIT ${OFFERS_MAX}`, prefix));
}

/** Keys that live, the newest first; not those that live for one request of the console. */
export function keysToOffer(db: Db, prefix: string): Offer[] {
  const sql = `SELECT 'key_' || keys.id AS value, label || ' of ' || name FROM keys JOIN buyers ON buyers.id = buyer_id
    WHERE revoked_at IS NULL AND purpose IS NULL AND value >= ? AND value < ? ORDER BY keys.id DESC LIMIT ${OFFERS_MAX}`;
  return offers(beginning(db, sql, prefix));
}

export function adminTokensToOffer(db: Db, prefix: string): Offer[] {
  return offers(beginning(db, `SELECT 'token_' || id AS value, label FROM admin_tokens WHERE revoked_at IS NULL AND value >= ? AND value < ? ORDER BY id DESC LIMIT ${OFFERS_MAX}`, prefix));
}

/** The newest requests. */
export function requestsToOffer(db: Db): Offer[] {
  const sql = `SELECT requests.id, coalesce(requests.model || ' of ', '') || name FROM requests JOIN buyers ON buyers.id = requests.buyer_id ORDER BY requests.id DESC LIMIT ${REQUESTS_MAX}`;
  const rows = db.prepare(sql).safeIntegers().raw().all() as [RequestId, string][];
  return rows.map(([id, description]) => ({ value: formatRequestId(id), description }));
}
