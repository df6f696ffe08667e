/** `/admin/ledger` and `/admin/books`: every movement of money, and what it comes to. */
import { isoTime } from '../../documents/iso-time.ts';
import { formatBuyerId, formatRequestId, type TransferId } from '../../ids.ts';
import { jsonMicros } from '../../money.ts';
import { readBooks, readTransferPage, type Account, type TransferEntry } from '../../reports/transfers.ts';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import { ApiError } from '../api-error.ts';
import { serve, TAGS } from '../route-parts.ts';
import { books, transfer, transferQuery, type Transfer } from '../schemas/admin.ts';
import { item, list } from '../schemas/parts.ts';
import { adminRoute } from './admin-route.ts';
import { requireBuyer } from './find-subject.ts';

const ledgerRoute = adminRoute({
  method: 'get',
  path: '/admin/ledger',
  tag: TAGS.ledger,
  summary: "The ledger's rows, newest first",
  description: 'A page may have fewer rows than `limit`, or none, while `nextCursor` is not null: where few rows fit the filters, each page looks through a bounded number of them.',
  request: { query: transferQuery },
  answer: list(transfer),
  errors: ['not_found'],
});
const booksRoute = adminRoute({ method: 'get', path: '/admin/books', tag: TAGS.ledger, summary: 'What the accounts hold: funding + shortfall = revenue + balances', request: {}, answer: item(books) });

export function registerLedger(app: ApiApp, deps: ApiDeps): void {
  serve(app, ledgerRoute, (c) => {
    const { cursor, limit, buyerId, kind } = c.req.valid('query');
    const { entries, next } = readTransferPage(deps.db, {
      limit,
      ...(cursor === undefined ? {} : { before: beforeOf(cursor) }),
      ...(buyerId === undefined ? {} : { buyerId: requireBuyer(deps.db, buyerId).id }),
      ...(kind === undefined ? {} : { kind }),
    });
    return c.json({ items: entries.map(transferDocument), nextCursor: next === null ? null : String(next) }, 200);
  });
  serve(app, booksRoute, (c) => {
    const { funding, revenue, shortfall, balances, held } = readBooks(deps.db);
    const figures = { fundingUsdMicros: funding, revenueUsdMicros: revenue, shortfallUsdMicros: shortfall, balancesUsdMicros: balances, heldUsdMicros: held };
    return c.json({ item: Object.fromEntries(Object.entries(figures).map(([name, amount]) => [name, jsonMicros(amount)])) }, 200);
  });
}

function beforeOf(cursor: string): TransferId {
  const id = /^[1-9]\d{0,18}$/.test(cursor) ? BigInt(cursor) : 0n;
  if (id === 0n || id >= 1n << 63n) throw new ApiError('invalid_request', 'cursor: this is no cursor; take nextCursor from the page before.', { details: { parameter: 'cursor' } });
  return id as TransferId;
}

const accountName = (account: Account): string => (typeof account === 'number' ? formatBuyerId(account) : account);

function transferDocument(entry: TransferEntry): Transfer {
  return {
    transferId: String(entry.transferId),
    kind: entry.kind,
    at: isoTime(entry.at),
    debit: accountName(entry.debit),
    credit: accountName(entry.credit),
    buyer: entry.buyer,
    amountUsdMicros: jsonMicros(entry.amount),
    holdUsdMicros: entry.hold === null ? null : jsonMicros(entry.hold),
    requestId: entry.requestId === null ? null : formatRequestId(entry.requestId),
    reference: entry.reference,
    reason: entry.reason,
  };
}
