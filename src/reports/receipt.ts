/** A request's receipt from its record and the card that it was charged by. Read-only. */
import type { Db } from '../db/open.ts';
import type { CardVersion, RequestId } from '../ids.ts';
import type { PriceCard } from '../metering/price-card.ts';
import { buildReceipt } from '../metering/receipt.ts';
import type { ReceiptDocument } from '../metering/receipt.ts';
import { jsonMicros } from '../money.ts';
import { readCard } from '../registry/cards.ts';
import { requestJson } from './request-json.ts';
import { paidBy, readTransfers } from './request-transfers.ts';
import type { RequestTransfer } from './request-transfers.ts';
import { billedUsage, findRequest } from './requests.ts';
import type { RequestEntry } from './requests.ts';

export interface PricedReceipt {
  readonly kind: 'receipt';
  readonly entry: RequestEntry;
  readonly document: ReceiptDocument;
  /** What the ledger wrote for it; empty for a request that was refused. */
  readonly transfers: readonly RequestTransfer[];
}

export type ReceiptOutcome =
  | PricedReceipt
  /** It was refused before any price applied: there is a record, and nothing was charged. */
  | { readonly kind: 'unpriced'; readonly entry: RequestEntry }
  | { readonly kind: 'notFound' };

/** The record's fields beyond those of the list. */
function requestWords(entry: RequestEntry, transfers: readonly RequestTransfer[]): Record<string, unknown> {
  const { released, excess } = paidBy(transfers);
  return {
    ...requestJson(entry),
    buyer: entry.buyerName,
    responseModel: entry.responseModel,
    attempts: entry.attempts,
    settledAt: new Date(entry.settledAt).toISOString(),
    tries: entry.detail?.tries ?? null,
    waitedMs: entry.detail?.waitedMs ?? 0,
    holdUsdMicros: entry.hold === null ? null : jsonMicros(entry.hold),
    releasedUsdMicros: entry.hold === null ? null : jsonMicros(released),
    excessUsdMicros: jsonMicros(excess),
    transferIds: transfers.map(({ transferId }) => String(transferId)),
    outputTokensAfterDisconnect: entry.detail?.outputTokensAfterDisconnect ?? null,
    message: entry.detail?.message ?? null,
  };
}

export function readReceipt(db: Db, id: RequestId): ReceiptOutcome {
  const entry = findRequest(db, id);
  if (entry === null) return { kind: 'notFound' };
  return receiptOf(entry, { cardOf: (version) => readCard(db, version).card, transfers: () => readTransfers(db, id) });
}

export interface ReceiptSources {
  /** Asked for only where a card applied; what it throws passes. */
  readonly cardOf: (version: CardVersion) => PriceCard;
  readonly transfers: () => readonly RequestTransfer[];
}

/** From its record, wherever that is kept. */
export function receiptOf(entry: RequestEntry, sources: ReceiptSources): Exclude<ReceiptOutcome, { kind: 'notFound' }> {
  const usage = billedUsage(entry);
  if (entry.cardVersion === null || entry.model === null || usage === null) return { kind: 'unpriced', entry };
  const card = sources.cardOf(entry.cardVersion);
  const requestedModel = card.byName.get(entry.model);
  if (requestedModel === undefined) return { kind: 'unpriced', entry };
  const { usageSource, quoteBasis, flags, charge: charged } = entry;
  const transfers = sources.transfers();
  const document = buildReceipt({ request: requestWords(entry, transfers), card, requestedModel, usage, usageSource, quoteBasis, flags, charged });
  return { kind: 'receipt', entry, document, transfers };
}

/** One flat document: the record's fields and the receipt's. `recomputeReceipt` needs only the latter. */
export function receiptJson({ request, ...receipt }: ReceiptDocument): Record<string, unknown> {
  return { ...request, ...receipt };
}
