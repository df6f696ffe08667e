/** Buyers as an operator sees them: balance, keys, sign-in, and what they used today. */
import { readBuyerSignIns, type BuyerSignIn } from '../../auth/login-state.ts';
import { balanceJson } from '../../documents/balance-json.ts';
import { isoTime } from '../../documents/iso-time.ts';
import type { Db } from '../../db/open.ts';
import { prepared } from '../../db/prepared.ts';
import { formatBuyerId, type BuyerId } from '../../ids.ts';
import { readBalances, type BuyerBalance } from '../../reports/balances.ts';
import type { UsageSums } from '../../reports/usage-sums.ts';
import { buyerTotals } from '../buyer/usage-totals.ts';
import { buyersToday, type RecentUsageQuery } from './recent-usage.ts';

interface BuyerRow {
  readonly id: BuyerId;
  readonly createdAt: number;
  readonly disabledAt: number | null;
  readonly liveKeys: number;
}

/** The console's own keys are nobody's to see. */
const QUERY = `SELECT b.id, b.created_at AS createdAt, b.disabled_at AS disabledAt,
  (SELECT count(*) FROM keys k WHERE k.buyer_id = b.id AND k.revoked_at IS NULL AND k.purpose IS NULL) AS liveKeys
FROM buyers b`;

export interface BuyerPage extends RecentUsageQuery {
  /** Only ids above it. */
  readonly after: number;
  readonly limit: number;
}

export interface BuyerDocuments {
  readonly items: Record<string, unknown>[];
  /** There are more. */
  readonly more: boolean;
}

/** By id, all on one snapshot. */
export function buyerDocuments(db: Db, page: BuyerPage): BuyerDocuments {
  const read = db.transaction((): BuyerDocuments => {
    const rows = prepared(db, `${QUERY} WHERE b.id > ? ORDER BY b.id LIMIT ?`).all(page.after, page.limit + 1) as BuyerRow[];
    const balances = new Map(readBalances(db, { buyerId: null, now: page.now }).map((balance) => [balance.buyerId, balance]));
    const [today, signIn] = [buyersToday(db, page), readBuyerSignIns(db)];
    const items = rows.slice(0, page.limit).map((row) => documentOf(row, { balance: balances.get(row.id), today: today(row.id), signIn: signIn(row.id) }));
    return { items, more: rows.length > page.limit };
  });
  return read.deferred();
}

/** The buyer exists. */
export function buyerDocument(db: Db, buyerId: BuyerId, query: RecentUsageQuery): Record<string, unknown> {
  const read = db.transaction(() => {
    const row = prepared(db, `${QUERY} WHERE b.id = ?`).get(buyerId) as BuyerRow;
    const [balance] = readBalances(db, { buyerId, now: query.now });
    return documentOf(row, { balance, today: buyersToday(db, query)(buyerId), signIn: readBuyerSignIns(db)(buyerId) });
  });
  return read.deferred();
}

interface BuyerFigures {
  readonly balance: BuyerBalance | undefined;
  readonly today: UsageSums;
  readonly signIn: BuyerSignIn;
}

function documentOf(row: BuyerRow, { balance, today, signIn }: BuyerFigures): Record<string, unknown> {
  if (balance === undefined) throw new Error(`${formatBuyerId(row.id)} has no account`);
  const { buyerId, name, ...figures } = balanceJson(balance);
  return {
    buyerId,
    name,
    status: row.disabledAt === null ? 'enabled' : 'disabled',
    createdAt: isoTime(row.createdAt),
    disabledAt: row.disabledAt === null ? null : isoTime(row.disabledAt),
    balance: figures,
    liveKeys: row.liveKeys,
    signIn: signIn.state,
    lastSignInAt: signIn.lastSignInAt === null ? null : isoTime(signIn.lastSignInAt),
    today: buyerTotals(today),
  };
}
