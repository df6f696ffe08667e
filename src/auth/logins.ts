/** Who may sign in: one login for each buyer that was invited, by the buyer's name, and any number of admins. */
import * as crypto from 'node:crypto';
import type { Db } from '../db/open.ts';
import { prepared } from '../db/prepared.ts';
import { formatBuyerId } from '../ids.ts';
import type { BuyerId } from '../ids.ts';
import { parseVisibleText } from '../registry/visible-text.ts';

export type LoginKind = 'buyer' | 'admin';

export interface Login {
  readonly id: number;
  readonly kind: LoginKind;
  /** Null for admins. */
  readonly buyerId: BuyerId | null;
  /** The buyer's name of now, or the admin's. */
  readonly name: string;
  /** `scrypt$N$r$p$salt$hash`; null until an invitation is accepted. */
  readonly password: string | null;
  readonly passwordAt: number | null;
  readonly totpSecret: Buffer | null;
  /** Null: there is no authenticator, or its first code was never given. */
  readonly totpConfirmedAt: number | null;
  readonly webauthnUser: Buffer;
  readonly createdAt: number;
  /** Of an admin. A disabled buyer may still look. */
  readonly disabledAt: number | null;
}

const SELECT = `SELECT l.id, l.kind, l.buyer_id AS buyerId, coalesce(b.name, l.name) AS name, l.password, l.password_at AS passwordAt,
  l.totp_secret AS totpSecret, l.totp_confirmed_at AS totpConfirmedAt, l.webauthn_user AS webauthnUser, l.created_at AS createdAt, l.disabled_at AS disabledAt
  FROM logins l LEFT JOIN buyers b ON b.id = l.buyer_id`;

export function loginById(db: Db, id: number): Login | null {
  return (prepared(db, `${SELECT} WHERE l.id = ?`).get(id) as Login | undefined) ?? null;
}

export function loginOfBuyer(db: Db, buyerId: BuyerId): Login | null {
  return (prepared(db, `${SELECT} WHERE l.buyer_id = ?`).get(buyerId) as Login | undefined) ?? null;
}

export function listAdmins(db: Db): Login[] {
  return prepared(db, `${SELECT} WHERE l.kind = 'admin' ORDER BY l.id`).all() as Login[];
}

/** Case and composition do not tell two names apart. */
export const foldName = (name: string): string => name.normalize('NFC').trim().toLowerCase();

/** Reads all names of the kind whether or not there is such a one, so that the time says nothing. */
export function findLogin(db: Db, kind: LoginKind, name: string): Login | null {
  const wanted = foldName(name);
  const rows = prepared(db, 'SELECT l.id, coalesce(b.name, l.name) AS name FROM logins l LEFT JOIN buyers b ON b.id = l.buyer_id WHERE l.kind = ?').all(kind) as { id: number; name: string }[];
  const found = rows.filter((row) => foldName(row.name) === wanted)[0];
  return found === undefined ? null : loginById(db, found.id);
}

/** `buyer_3`, `admin:eva`: how the audit log names a login. */
export function subjectOf({ buyerId, name }: Pick<Login, 'buyerId' | 'name'>): string {
  return buyerId === null ? `admin:${name}` : formatBuyerId(buyerId);
}

/** The `buyerId` of an audit row about a login. */
export function concerning({ buyerId }: Pick<Login, 'buyerId'>): { readonly buyerId?: BuyerId } {
  return buyerId === null ? {} : { buyerId };
}

const NAME_LENGTH_MAX = 64;

export type AdminNameParse = { readonly ok: true; readonly name: string } | { readonly ok: false; readonly reason: string };

/** Names of admins are for people, like those of buyers; not what looks like an option or an id. */
export function parseAdminName(given: string): AdminNameParse {
  const parsed = parseVisibleText(given, NAME_LENGTH_MAX);
  if (!parsed.ok) return { ok: false, reason: `not an admin's name: ${parsed.reason}` };
  const refuse = (reason: string): AdminNameParse => ({ ok: false, reason: `"${parsed.text}" cannot be an admin's name: ${reason}` });
  if (parsed.text.startsWith('-')) return refuse('what starts with "-" reads as an option');
  if (/^admin_\d+$/i.test(parsed.text)) return refuse('it looks like an id');
  return { ok: true, name: parsed.text };
}

/** Inside the caller's transaction. The random handle is what a passkey knows its owner by: it says nothing of them. */
export function insertLogin(db: Db, { kind, buyerId, name, now }: { readonly kind: LoginKind; readonly buyerId: BuyerId | null; readonly name: string | null; readonly now: number }): Login {
  const { lastInsertRowid } = db
    .prepare('INSERT INTO logins(kind, buyer_id, name, webauthn_user, created_at) VALUES (?, ?, ?, ?, ?)')
    .run(kind, buyerId, name, crypto.randomBytes(32), now);
  return existingLogin(db, Number(lastInsertRowid));
}

/** For ids that were read in the same transaction. */
export function existingLogin(db: Db, id: number): Login {
  const login = loginById(db, id);
  if (login === null) throw new Error(`login ${id} is not there`);
  return login;
}
