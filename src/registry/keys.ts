/**
 * Keys: a secret is shown once and kept as its SHA-256 digest. A key has an immutable id; rotation makes a new key and
 * revokes the old one in the same transaction. Every write is one `BEGIN IMMEDIATE` transaction.
 */
import type { Db } from '../db/open.ts';
import { prepared } from '../db/prepared.ts';
import type { BuyerId, KeyId } from '../ids.ts';
import { digestKey, generateKey, keyHints } from './key-format.ts';
import { parseVisibleText } from './visible-text.ts';

export interface Key {
  readonly id: KeyId;
  readonly buyerId: BuyerId;
  readonly buyerName: string;
  readonly label: string;
  /** The first characters of the secret, and its last four. */
  readonly prefix: string;
  readonly last4: string;
  readonly createdAt: number;
  readonly revokedAt: number | null;
  /** The key that a rotation put in its place. */
  readonly replacedBy: KeyId | null;
}

export interface NewKey {
  readonly key: Key;
  /** The whole key. Exists only here: show it, then forget it. */
  readonly secret: string;
}

export const KEY_LABEL_DEFAULT = 'default';
const LABEL_LENGTH_MAX = 64;

export type LabelParse = { readonly ok: true; readonly label: string } | { readonly ok: false; readonly reason: string };

export function parseKeyLabel(given: string): LabelParse {
  const parsed = parseVisibleText(given, LABEL_LENGTH_MAX);
  return parsed.ok ? { ok: true, label: parsed.text } : { ok: false, reason: `not a label: ${parsed.reason}` };
}

interface KeyRow {
  readonly id: number;
  readonly buyer_id: number;
  readonly buyer_name: string;
  readonly label: string;
  readonly prefix: string;
  readonly last4: string;
  readonly created_at: number;
  readonly revoked_at: number | null;
  readonly replaced_by: number | null;
}

const SELECT = `SELECT k.id, k.buyer_id, b.name AS buyer_name, k.label, k.prefix, k.last4, k.created_at, k.revoked_at, k.replaced_by
  FROM keys k JOIN buyers b ON b.id = k.buyer_id`;

const keyOf = (row: KeyRow): Key => ({
  id: row.id as KeyId,
  buyerId: row.buyer_id as BuyerId,
  buyerName: row.buyer_name,
  label: row.label,
  prefix: row.prefix,
  last4: row.last4,
  createdAt: row.created_at,
  revokedAt: row.revoked_at,
  replacedBy: row.replaced_by as KeyId | null,
});

function oneKey(db: Db, where: string, value: number | string): Key | null {
  const row = prepared(db, `${SELECT} WHERE ${where} = ?`).get(value) as KeyRow | undefined;
  return row === undefined ? null : keyOf(row);
}

export const keyById = (db: Db, id: KeyId): Key | null => oneKey(db, 'k.id', id);

/** Keys of one buyer, or of all; revoked ones too. What the console makes for a single request is not among them. */
export function listKeys(db: Db, buyerId: BuyerId | null = null): Key[] {
  const where = buyerId === null ? 'WHERE k.purpose IS NULL' : 'WHERE k.purpose IS NULL AND k.buyer_id = ?';
  const statement = prepared(db, `${SELECT} ${where} ORDER BY k.id`);
  return (buyerId === null ? statement.all() : statement.all(buyerId)).map((row) => keyOf(row as KeyRow));
}

interface KeyInsert {
  readonly buyerId: BuyerId;
  readonly label: string;
  readonly rotationId?: string | null;
  /** `try`: for one request of the console. */
  readonly purpose?: 'try';
  readonly now: number;
}

/** Runs inside the caller's transaction. */
export function insertKey(db: Db, insert: KeyInsert): NewKey {
  const secret = generateKey();
  const { prefix, last4 } = keyHints(secret);
  const digest = Buffer.from(digestKey(secret), 'hex');
  const { lastInsertRowid } = db
    .prepare('INSERT INTO keys(buyer_id, label, digest, prefix, last4, created_at, rotation_id, purpose) VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
    .run(insert.buyerId, insert.label, digest, prefix, last4, insert.now, insert.rotationId ?? null, insert.purpose ?? null);
  const key = keyById(db, Number(lastInsertRowid) as KeyId);
  if (key === null) throw new Error('a key that was just inserted is not there');
  return { key, secret };
}

/** The buyer must exist. `label` comes from `parseKeyLabel`. */
export function createKey(db: Db, options: { buyerId: BuyerId; label?: string; now?: number }): NewKey {
  const { buyerId, label = KEY_LABEL_DEFAULT, now = Date.now() } = options;
  return db.transaction(() => insertKey(db, { buyerId, label, now })).immediate();
}

export interface Rotation {
  readonly buyerId: BuyerId;
  /** Null: the buyer's only live key. */
  readonly keyId: KeyId | null;
  /** Makes a repeat safe: the same id rotates once. */
  readonly rotationId: string | null;
  readonly now?: number;
}

export type RotateOutcome =
  | { readonly kind: 'rotated'; readonly old: Key; readonly created: NewKey }
  /** This rotation id has been used for this very rotation: nothing changed, and the secret is not repeated. */
  | { readonly kind: 'repeated'; readonly old: Key; readonly key: Key }
  /** The rotation id belongs to another rotation. */
  | { readonly kind: 'conflict'; readonly field: 'buyer' | 'key'; readonly old: Key; readonly key: Key }
  | { readonly kind: 'noLiveKey' }
  /** Several live keys and none was named. */
  | { readonly kind: 'severalKeys'; readonly keys: readonly Key[] }
  /** The named key does not exist or is not this buyer's. */
  | { readonly kind: 'notFound' }
  | { readonly kind: 'revoked'; readonly key: Key };

function replay(db: Db, rotation: Rotation, key: Key): RotateOutcome {
  const old = oneKey(db, 'k.replaced_by', key.id);
  if (old === null) throw new Error(`key ${key.id} has a rotation id but replaced no key`);
  if (key.buyerId !== rotation.buyerId) return { kind: 'conflict', field: 'buyer', old, key };
  if (rotation.keyId !== null && rotation.keyId !== old.id) return { kind: 'conflict', field: 'key', old, key };
  return { kind: 'repeated', old, key };
}

function chooseKey(db: Db, rotation: Rotation): Key | RotateOutcome {
  if (rotation.keyId !== null) {
    const named = oneKey(db, 'k.purpose IS NULL AND k.id', rotation.keyId);
    if (named === null || named.buyerId !== rotation.buyerId) return { kind: 'notFound' };
    return named.revokedAt === null ? named : { kind: 'revoked', key: named };
  }
  const live = listKeys(db, rotation.buyerId).filter((key) => key.revokedAt === null);
  const [only] = live;
  if (only === undefined) return { kind: 'noLiveKey' };
  return live.length === 1 ? only : { kind: 'severalKeys', keys: live };
}

/** Makes a new key with the old one's label and revokes the old one, both or neither. */
export function rotateKey(db: Db, rotation: Rotation): RotateOutcome {
  const now = rotation.now ?? Date.now();
  const rotate = db.transaction((): RotateOutcome => {
    const { buyerId, rotationId } = rotation;
    const done = rotationId === null ? null : oneKey(db, 'k.rotation_id', rotationId);
    if (done !== null) return replay(db, rotation, done);
    const chosen = chooseKey(db, rotation);
    if ('kind' in chosen) return chosen;
    const created = insertKey(db, { buyerId, label: chosen.label, rotationId, now });
    db.prepare('UPDATE keys SET revoked_at = ?, replaced_by = ? WHERE id = ?').run(now, created.key.id, chosen.id);
    return { kind: 'rotated', old: { ...chosen, revokedAt: now, replacedBy: created.key.id }, created };
  });
  return rotate.immediate();
}

/** False: it was revoked before, or there is no such key. */
export function revokeKey(db: Db, id: KeyId, now: number = Date.now()): boolean {
  const revoke = db.transaction(() => db.prepare('UPDATE keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL').run(now, id));
  return revoke.immediate().changes > 0;
}
