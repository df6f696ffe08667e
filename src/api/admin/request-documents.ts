/** Requests as an operator sees them: with upstreams, tries, transfers and list cost. */
import { isoTime } from '../../documents/iso-time.ts';
import type { Db } from '../../db/open.ts';
import type { RequestId } from '../../ids.ts';
import { jsonMicros, ZERO } from '../../money.ts';
import { readSurroundings } from '../../reports/explain/admission.ts';
import { findOpenRequest, type OpenRequestEntry } from '../../reports/explain/open-request.ts';
import { explainRequest } from '../../reports/explain.ts';
import { readReceipt, type ReceiptOutcome } from '../../reports/receipt.ts';
import { readTransfers } from '../../reports/request-transfers.ts';
import type { RequestEntry } from '../../reports/requests.ts';
import { requestDetailOf, requestSummaryOf } from '../buyer/request-document.ts';
import type { AdminRequest, AdminRequestDetail } from '../schemas/admin.ts';

export function adminRequestOf(entry: RequestEntry): AdminRequest {
  return {
    ...requestSummaryOf(entry),
    buyer: entry.buyerName,
    upstream: entry.upstream,
    upstreamRequestId: entry.upstreamRequestId,
    attempts: entry.attempts,
    shortfallUsdMicros: jsonMicros(entry.shortfall),
    listCostUsdMicros: entry.listCost === null ? null : jsonMicros(entry.listCost),
  };
}

/** Null: there is no record of it, and it does not run. `now` is Unix ms. */
export function requestDetailDocument(db: Db, id: RequestId, now: number): AdminRequestDetail | null {
  // In one moment: a request that ends between two reads would be in neither table.
  const read = db.transaction((): AdminRequestDetail | null => {
    const outcome = readReceipt(db, id);
    if (outcome.kind !== 'notFound') return endedDocument(db, outcome, now);
    const open = findOpenRequest(db, id);
    return open === null ? null : runningDocument(db, open, now);
  });
  return read.deferred();
}

function endedDocument(db: Db, outcome: Exclude<ReceiptOutcome, { kind: 'notFound' }>, now: number): AdminRequestDetail {
  const { entry } = outcome;
  const transfers = readTransfers(db, entry.requestId);
  const story = explainRequest(db, entry.requestId, now)?.story ?? [];
  return {
    ...requestDetailOf({ kind: 'ended', outcome, transfers, story }, now),
    request: adminRequestOf(entry),
    message: entry.detail?.message ?? null,
    tries: entry.detail?.tries?.map((one) => ({ ...one })) ?? null,
    transfers: transfers.map(({ transferId, kind, amount, at }) => ({ transferId: String(transferId), kind, amountUsdMicros: jsonMicros(amount), at: isoTime(at) })),
  };
}

function runningDocument(db: Db, open: OpenRequestEntry, now: number): AdminRequestDetail {
  const { admitted } = open;
  const { buyer, key } = readSurroundings(db, admitted);
  const story = explainRequest(db, admitted.requestId, now)?.story ?? [];
  const detail = requestDetailOf({ kind: 'running', open, keyLabel: key.label, story }, now);
  const operators = { buyer: buyer.name, upstream: admitted.upstream, upstreamRequestId: null, attempts: 0, shortfallUsdMicros: jsonMicros(ZERO), listCostUsdMicros: null };
  return { ...detail, request: { ...detail.request, ...operators }, tries: null, transfers: [] };
}
