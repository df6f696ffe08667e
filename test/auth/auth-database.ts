/** A database in memory with the buyer acme, and what the tests of sign-in do to it. */
import type { Actor } from '../../src/audit/actor.ts';
import { createBackOff } from '../../src/auth/back-off.ts';
import { acceptInvite, inviteAdmin, inviteBuyer } from '../../src/auth/invites.ts';
import { findLogin, type Login, type LoginKind } from '../../src/auth/logins.ts';
import { createPasswordHasher, scrypt } from '../../src/auth/password-hash.ts';
import type { Door, SessionWish } from '../../src/auth/sign-in.ts';
import { openMemoryDatabase, type Db } from '../../src/db/open.ts';
import type { BuyerId } from '../../src/ids.ts';
import { createLog } from '../../src/log.ts';
import { addBuyers } from '../ledger/fixtures.ts';

export const NOW = 1_800_000_000_000;
export const HOUR = 3_600_000;
export const CLI: Actor = { kind: 'cli', name: 'ops', via: 'cli', address: null };
export const PASSWORD = 'velvet otter climbs 42';

export interface AuthDatabase extends Door {
  readonly db: Db;
  readonly acme: BuyerId;
  /** The lines of the log. */
  readonly lines: string[];
  /** How often scrypt itself ran. */
  hashes(): number;
}

export function openAuthDatabase(): AuthDatabase {
  const db = openMemoryDatabase();
  const [acme] = addBuyers(db, ['acme']) as [BuyerId];
  const lines: string[] = [];
  let hashes = 0;
  const hasher = createPasswordHasher((...given) => {
    hashes++;
    return scrypt(...given);
  });
  const log = createLog({ level: 'debug', format: 'json', write: (line) => void lines.push(line) });
  return { db, acme, hasher, backOff: createBackOff(), log, lines, hashes: () => hashes };
}

export function wish(changes: Partial<SessionWish> = {}): SessionWish {
  return { transport: 'cookie', address: '192.0.2.1', userAgent: 'test', now: NOW, maxMs: 168 * HOUR, ...changes };
}

/** Invites, accepts, and returns the login with the token of its first session. */
export async function signUp(auth: AuthDatabase, kind: LoginKind = 'buyer', password: string = PASSWORD): Promise<{ readonly login: Login; readonly token: string }> {
  const { db, acme, hasher } = auth;
  const options = { reset: false, now: NOW, inviteMs: HOUR };
  const { token } = kind === 'buyer' ? inviteBuyer(db, CLI, { buyerId: acme, ...options }) : inviteAdmin(db, CLI, { name: 'eva', ...options });
  const accepted = acceptInvite(db, () => CLI, { token, kind, hash: await hasher.hash(password), session: wish() });
  if (accepted === null) throw new Error('an open invitation was refused');
  return { login: accepted.login, token: accepted.session.token };
}

export function loginNow(auth: AuthDatabase, kind: LoginKind = 'buyer'): Login {
  const login = findLogin(auth.db, kind, kind === 'buyer' ? 'acme' : 'eva');
  if (login === null) throw new Error('there is no login');
  return login;
}

/** The actions in the audit log, the oldest first. */
export function audited(db: Db): string[] {
  return db.prepare('SELECT action FROM audit ORDER BY id').pluck().all() as string[];
}

/** All of the database as text: what must not be in it is looked for here. */
export function everything(db: Db): string {
  const tables = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`).pluck().all() as string[];
  return tables.map((table) => JSON.stringify(db.prepare(`SELECT * FROM ${table}`).all(), (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value))).join('\n');
}
