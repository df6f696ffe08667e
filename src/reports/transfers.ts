/** The ledger's rows in pages, newest first, and what its accounts hold. Read-only. */
import type { Db } from '../db/open.ts';
import { FUNDING, REVENUE, SHORTFALL } from '../ledger/books.ts';
import type { BuyerId, RequestId, TransferId } from '../ids.ts';
import { micro, type MicroUsdc } from '../money.ts';

/** In the order of `transfers.kind`, from 1. */
export const TRANSFER_KINDS = ['deposit', 'adjust', 'post', 'void', 'excess', 'shortfall'] as const;
export type TransferKind = (typeof TRANSFER_KINDS)[number];

export type Account = BuyerId | 'funding' | 'revenue' | 'shortfall';

export interface TransferEntry {
  readonly transferId: TransferId;
  readonly kind: TransferKind;
  /** Unix ms, by the ledger's clock. */
  readonly at: number;
  readonly debit: Account;
  readonly credit: Account;
  /** The name of the buyer that it concerns. */
  readonly buyer: string | null;
  readonly amount: MicroUsdc;
  /** What a post or void released the hold of; null of the others. */
  readonly hold: MicroUsdc | null;
  /** Of a top-up or an adjustment: null. */
  readonly requestId: RequestId | null;
  readonly reference: string | null;
  readonly reason: string | null;
}

export interface TransferFilter {
  /** Only those with a smaller id. */
  readonly before?: TransferId;
  readonly buyerId?: BuyerId;
  readonly kind?: TransferKind;
  readonly limit: number;
}

export interface TransferPage {
  readonly entries: readonly TransferEntry[];
  /** What the next page's `before` is; null after the last. A page that has few entries, or none, may have one after it. */
  readonly next: TransferId | null;
}

/** Rows that one page looks through where filters leave few of them: some tens of milliseconds. */
const LOOKED_AT_MAX = 50_000;

const REQUEST_ID = '(t.id & -4)';
/** A shortfall moves only the operator's money; whose request it was its post tells. */
const selectFrom = (index: string): string => `SELECT t.id, t.kind, t.debit, t.credit, t.amount, t.hold, t.at, t.reference, t.reason, coalesce(d.name, c.name, o.name) AS buyer
FROM transfers t ${index} LEFT JOIN buyers d ON d.id = t.debit LEFT JOIN buyers c ON c.id = t.credit
LEFT JOIN transfers p ON t.kind = 6 AND p.id = ${REQUEST_ID} LEFT JOIN buyers o ON o.id = p.debit`;
/** Top-ups and adjustments are few and have an index of their own. */
const ALL = selectFrom('');
const FUNDING_ONLY = selectFrom('INDEXED BY transfers_funding');

interface Row {
  readonly id: bigint;
  readonly kind: bigint;
  readonly debit: bigint;
  readonly credit: bigint;
  readonly amount: bigint;
  readonly hold: bigint | null;
  readonly at: bigint;
  readonly reference: string | null;
  readonly reason: string | null;
  readonly buyer: string | null;
}

/** By id, which is by the time at which a request began, a top-up was made. */
export function readTransferPage(db: Db, { before, buyerId, kind, limit }: TransferFilter): TransferPage {
  const read = db.transaction((): TransferPage => {
    const funds = kind === 'deposit' || kind === 'adjust';
    const floor = !funds && (buyerId !== undefined || kind !== undefined) ? lastLookedAt(db, before) : null;
    const conditions = [
      ...(before === undefined ? [] : ['t.id < @before']),
      ...(floor === null ? [] : ['t.id >= @floor']),
      ...(funds ? ['t.kind IN (1, 2)'] : []),
      ...(kind === undefined ? [] : ['t.kind = @kind']),
      ...(buyerId === undefined ? [] : ['@buyerId IN (t.debit, t.credit, p.debit)']),
    ];
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const values = { limit: limit + 1, before, floor, kind: kind === undefined ? undefined : TRANSFER_KINDS.indexOf(kind) + 1, buyerId };
    const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null));
    const rows = db.prepare(`${funds ? FUNDING_ONLY : ALL} ${where} ORDER BY t.id DESC LIMIT @limit`).safeIntegers().all(given) as Row[];
    const entries = rows.slice(0, limit).map(entryOf);
    return { entries, next: rows.length > limit ? (entries.at(-1)?.transferId ?? null) : floor };
  });
  return read.deferred();
}

/** Null: fewer rows than that are left. */
function lastLookedAt(db: Db, before: TransferId | undefined): TransferId | null {
  const where = before === undefined ? '' : 'WHERE id < ?';
  const last = db.prepare(`SELECT id FROM transfers ${where} ORDER BY id DESC LIMIT 1 OFFSET ${LOOKED_AT_MAX - 1}`).pluck().safeIntegers();
  return (last.get(...(before === undefined ? [] : [before])) as TransferId | undefined) ?? null;
}

/** The two lowest bits tell a request's transfers apart. */
const OF_REQUEST = ~3n;

function entryOf(row: Row): TransferEntry {
  const kind = TRANSFER_KINDS[Number(row.kind) - 1] as TransferKind;
  const funds = kind === 'deposit' || kind === 'adjust';
  return {
    transferId: row.id as TransferId,
    kind,
    at: Number(row.at),
    debit: accountOf(row.debit),
    credit: accountOf(row.credit),
    buyer: row.buyer,
    amount: micro(row.amount),
    hold: row.hold === null ? null : micro(row.hold),
    requestId: funds ? null : ((row.id & OF_REQUEST) as RequestId),
    reference: row.reference,
    reason: row.reason,
  };
}

const OPERATORS: ReadonlyMap<number, Account> = new Map([[FUNDING, 'funding'], [REVENUE, 'revenue'], [SHORTFALL, 'shortfall']]);

function accountOf(id: bigint): Account {
  return OPERATORS.get(Number(id)) ?? (Number(id) as BuyerId);
}

/** funding + shortfall = revenue + balances. */
export interface Books {
  /** What came in by top-ups and adjustments, less what was taken back. */
  readonly funding: MicroUsdc;
  readonly revenue: MicroUsdc;
  /** What was charged and no balance covered. */
  readonly shortfall: MicroUsdc;
  /** Of all buyers, posted. */
  readonly balances: MicroUsdc;
  readonly held: MicroUsdc;
}

export function readBooks(db: Db): Books {
  const sum = (value: string, which: string): string => `coalesce(sum(${value}) FILTER (WHERE ${which}), 0)`;
  const credit = 'credits_posted - debits_posted';
  const row = db
    .prepare(
      `SELECT ${sum(`0 - (${credit})`, `id = ${FUNDING}`)}, ${sum(credit, `id = ${REVENUE}`)}, ${sum(`0 - (${credit})`, `id = ${SHORTFALL}`)},
       ${sum(credit, 'id > 0')}, ${sum('debits_pending', 'id > 0')} FROM accounts`,
    )
    .raw()
    .safeIntegers()
    .get() as [bigint, bigint, bigint, bigint, bigint];
  const [funding, revenue, shortfall, balances, held] = row;
  return { funding: micro(funding), revenue: micro(revenue), shortfall: micro(shortfall), balances: micro(balances), held: micro(held) };
}
