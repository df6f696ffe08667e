/** What a restore may revive or lose, read from a database of any schema. */
import type { Db } from '../db/open.ts';
import { micro, type MicroUsdc } from '../money.ts';
import { maskKey } from '../registry/key-format.ts';

export interface KeyFact {
  readonly buyer: string;
  readonly label: string;
  /** `rk_8fK2…9f3a`. */
  readonly masked: string;
  readonly digest: string;
  readonly revokedAt: number | null;
  readonly replacedBy: number | null;
}

export interface BuyerFact {
  readonly name: string;
  readonly createdAt: number;
  readonly disabledAt: number | null;
  readonly balance: MicroUsdc;
}

export interface RouteFact {
  readonly alias: string;
  readonly deletedAt: number | null;
}

/** A top-up or an adjustment, which may be below zero. */
export interface DepositFact {
  readonly kind: 'deposit' | 'adjust';
  readonly buyer: string;
  readonly amount: MicroUsdc;
  readonly reference: string | null;
  readonly at: number;
}

export interface TokenFact {
  readonly label: string;
  readonly last4: string;
  readonly revokedAt: number | null;
}

export interface DatabaseFacts {
  readonly ledgerAt: number | null;
  readonly buyers: ReadonlyMap<number, BuyerFact>;
  readonly keys: ReadonlyMap<number, KeyFact>;
  readonly routes: ReadonlyMap<number, RouteFact>;
  readonly deposits: ReadonlyMap<string, DepositFact>;
  readonly adminTokens: ReadonlyMap<number, TokenFact>;
  /** Serving processes by their number: a copy has the same ones up to its time. */
  readonly instances: ReadonlyMap<number, string>;
  /** Requests that ended with a charge or without, and what buyers paid for them. */
  readonly requests: bigint;
  readonly charged: MicroUsdc;
}

/** In one read transaction. Throws SQLite's errors for what is damaged, or so new that a table has changed its form. */
export function readFacts(db: Db): DatabaseFacts {
  return db.transaction((): DatabaseFacts => {
    const at = db.prepare('SELECT at FROM ledger_clock').pluck().get() as number | undefined;
    const ended = db.prepare('SELECT count(*) FILTER (WHERE kind IN (3, 4)), coalesce(sum(amount) FILTER (WHERE kind IN (3, 5)), 0) FROM transfers');
    const [requests, charged] = ended.raw().safeIntegers().get() as [bigint, bigint];
    return {
      ledgerAt: at === undefined || at === 0 ? null : at,
      buyers: readBuyers(db),
      keys: readKeys(db),
      routes: byId(db, 'SELECT id, alias, deleted_at AS deletedAt FROM routes'),
      deposits: readDeposits(db),
      adminTokens: hasTable(db, 'admin_tokens') ? byId(db, 'SELECT id, label, last4, revoked_at AS revokedAt FROM admin_tokens') : new Map<number, TokenFact>(),
      instances: new Map(db.prepare('SELECT id, token FROM instances').raw().all() as [number, string][]),
      requests,
      charged: micro(charged),
    };
  })();
}

function byId<Fact>(db: Db, sql: string): Map<number, Fact> {
  return new Map((db.prepare(sql).all() as ({ readonly id: number } & Fact)[]).map(({ id, ...fact }) => [id, fact as Fact]));
}

export function hasTable(db: Db, name: string): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name) !== undefined;
}

function readBuyers(db: Db): Map<number, BuyerFact> {
  const balances = db.prepare('SELECT credits_posted - debits_posted FROM accounts WHERE id = ?').pluck().safeIntegers();
  const buyers = byId<Omit<BuyerFact, 'balance'>>(db, 'SELECT id, name, created_at AS createdAt, disabled_at AS disabledAt FROM buyers ORDER BY id');
  return new Map([...buyers].map(([id, buyer]) => [id, { ...buyer, balance: micro((balances.get(id) as bigint | undefined) ?? 0n) }]));
}

interface KeyRow {
  readonly buyer: string;
  readonly label: string;
  readonly prefix: string;
  readonly last4: string;
  readonly digest: string;
  readonly revokedAt: number | null;
  readonly replacedBy: number | null;
}

/** Without those that the console made for one request each. */
function readKeys(db: Db): Map<number, KeyFact> {
  const purpose = db.prepare("SELECT 1 FROM pragma_table_info('keys') WHERE name = 'purpose'").get() === undefined ? '' : 'WHERE k.purpose IS NULL';
  const rows = byId<KeyRow>(
    db,
    `SELECT k.id, b.name AS buyer, k.label, k.prefix, k.last4, hex(k.digest) AS digest, k.revoked_at AS revokedAt, k.replaced_by AS replacedBy
     FROM keys k JOIN buyers b ON b.id = k.buyer_id ${purpose} ORDER BY k.id`,
  );
  return new Map([...rows].map(([id, { prefix, last4, ...key }]) => [id, { ...key, masked: maskKey({ prefix, last4 }) }]));
}

function readDeposits(db: Db): Map<string, DepositFact> {
  const rows = db
    .prepare(
      `SELECT t.id, t.kind, b.name, iif(t.credit > 0, t.amount, -t.amount), t.reference, t.at
       FROM transfers t LEFT JOIN buyers b ON b.id = max(t.credit, t.debit) WHERE t.kind IN (1, 2) ORDER BY t.id`,
    )
    .raw()
    .safeIntegers()
    .iterate() as IterableIterator<[bigint, bigint, string | null, bigint, string | null, bigint]>;
  const deposits = new Map<string, DepositFact>();
  for (const [id, kind, buyer, amount, reference, at] of rows)
    deposits.set(String(id), { kind: kind === 1n ? 'deposit' : 'adjust', buyer: buyer ?? '', amount: micro(amount), reference, at: Number(at) });
  return deposits;
}
