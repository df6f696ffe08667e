/** Buyers: those who hold a balance and keys. Every write is one `BEGIN IMMEDIATE` transaction. */
import type { Db } from '../db/open.ts';
import { prepared } from '../db/prepared.ts';
import { parseBuyerId } from '../ids.ts';
import type { BuyerId } from '../ids.ts';
import { parseVisibleText } from './visible-text.ts';

export interface Buyer {
  readonly id: BuyerId;
  readonly name: string;
  readonly createdAt: number;
  /** Null while the buyer is enabled. */
  readonly disabledAt: number | null;
}

const NAME_LENGTH_MAX = 64;

export type BuyerNameParse = { readonly ok: true; readonly name: string } | { readonly ok: false; readonly reason: string };

/**
 * Names are for people, so most of Unicode will do; not what would hide in a terminal, split a `--buyers a,b` list,
 * look like an option or be taken for an id.
 */
export function parseBuyerName(given: string): BuyerNameParse {
  const parsed = parseVisibleText(given, NAME_LENGTH_MAX);
  if (!parsed.ok) return { ok: false, reason: `not a buyer name: ${parsed.reason}` };
  const name = parsed.text;
  const refuse = (reason: string): BuyerNameParse => ({ ok: false, reason: `"${name}" cannot be a buyer name: ${reason}` });
  if (name.includes(',')) return refuse('a comma separates buyers in lists');
  if (name.startsWith('-')) return refuse('what starts with "-" reads as an option');
  if (/^buyer_\d+$/i.test(name)) return refuse('it looks like an id');
  return { ok: true, name };
}

interface BuyerRow {
  readonly id: number;
  readonly name: string;
  readonly created_at: number;
  readonly disabled_at: number | null;
}

const COLUMNS = 'id, name, created_at, disabled_at';

const buyerOf = (row: BuyerRow): Buyer => ({
  id: row.id as BuyerId,
  name: row.name,
  createdAt: row.created_at,
  disabledAt: row.disabled_at,
});

/** All buyers, in the order in which they were made. */
export function listBuyers(db: Db): Buyer[] {
  const rows = prepared(db, `SELECT ${COLUMNS} FROM buyers ORDER BY id`).all() as BuyerRow[];
  return rows.map(buyerOf);
}

export function buyerById(db: Db, id: BuyerId): Buyer | null {
  const row = prepared(db, `SELECT ${COLUMNS} FROM buyers WHERE id = ?`).get(id) as BuyerRow | undefined;
  return row === undefined ? null : buyerOf(row);
}

/** Case does not tell two buyers apart. SQLite's NOCASE knows only ASCII, so the comparison is made here. */
const fold = (name: string): string => name.normalize('NFC').trim().toLowerCase();

/** Finds a buyer by id (`buyer_3`) or by name in any case. */
export function findBuyer(db: Db, idOrName: string): Buyer | null {
  const id = parseBuyerId(idOrName);
  if (id !== null) return buyerById(db, id);
  const exact = prepared(db, `SELECT ${COLUMNS} FROM buyers WHERE name = ?`).get(idOrName) as BuyerRow | undefined;
  if (exact !== undefined) return buyerOf(exact);
  const wanted = fold(idOrName);
  return listBuyers(db).find((buyer) => fold(buyer.name) === wanted) ?? null;
}

export type CreateBuyerOutcome =
  | { readonly kind: 'created'; readonly buyer: Buyer }
  /** There is a buyer of this name, perhaps in another case. */
  | { readonly kind: 'exists'; readonly buyer: Buyer };

/** `name` comes from `parseBuyerName`; `now` is in milliseconds since 1970. */
export function createBuyer(db: Db, name: string, now: number = Date.now()): CreateBuyerOutcome {
  const create = db.transaction((): CreateBuyerOutcome => {
    const namesake = findBuyer(db, name);
    if (namesake !== null) return { kind: 'exists', buyer: namesake };
    const { lastInsertRowid } = db.prepare('INSERT INTO buyers(name, created_at) VALUES (?, ?)').run(name, now);
    return { kind: 'created', buyer: { id: Number(lastInsertRowid) as BuyerId, name, createdAt: now, disabledAt: null } };
  });
  return create.immediate();
}

/** Disables or enables a buyer; a disabled buyer's keys are refused from the next request on. False: it was so already. */
export function setBuyerDisabled(db: Db, id: BuyerId, disabledAt: number | null): boolean {
  const change = db.transaction((): boolean => {
    const condition = disabledAt === null ? 'IS NOT NULL' : 'IS NULL';
    return db.prepare(`UPDATE buyers SET disabled_at = ? WHERE id = ? AND disabled_at ${condition}`).run(disabledAt, id).changes > 0;
  });
  return change.immediate();
}
