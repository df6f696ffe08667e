/** A request's receipt from its record and the card that it was charged by. Read-only. */
import type { Db } from '../db/open.ts';
import type { RequestId } from '../ids.ts';
import { buildReceipt } from '../metering/receipt.ts';
import type { ReceiptDocument } from '../metering/receipt.ts';
import { jsonMicros } from '../money.ts';
import { readCard } from '../registry/cards.ts';
import { requestJson } from './request-json.ts';
import { billedUsage, findRequest } from './requests.ts';
import type { RequestEntry } from './requests.ts';

export type ReceiptOutcome =
  | { readonly kind: 'receipt'; readonly entry: RequestEntry; readonly document: ReceiptDocument }
  /** It was refused before any price applied: there is a record, and nothing was charged. */
  | { readonly kind: 'unpriced'; readonly entry: RequestEntry }
  | { readonly kind: 'notFound' };

/** The record's fields beyond those of the list. */
function requestWords(entry: RequestEntry): Record<string, unknown> {
  return {
    ...requestJson(entry),
    buyer: entry.buyerName,
    responseModel: entry.responseModel,
    attempts: entry.attempts,
    settledAt: new Date(entry.settledAt).toISOString(),
    holdUsdMicros: entry.hold === null ? null : jsonMicros(entry.hold),
    outputTokensAfterDisconnect: entry.detail?.outputTokensAfterDisconnect ?? null,
    message: entry.detail?.message ?? null,
  };
}

export function readReceipt(db: Db, id: RequestId): ReceiptOutcome {
  const entry = findRequest(db, id);
  if (entry === null) return { kind: 'notFound' };
  const usage = billedUsage(entry);
  if (entry.cardVersion === null || entry.model === null || usage === null) return { kind: 'unpriced', entry };
  const { card } = readCard(db, entry.cardVersion);
  const requestedModel = card.byName.get(entry.model);
  if (requestedModel === undefined) return { kind: 'unpriced', entry };
  const { usageSource, quoteBasis, flags, charge: charged } = entry;
  const document = buildReceipt({ request: requestWords(entry), card, requestedModel, usage, usageSource, quoteBasis, flags, charged });
  return { kind: 'receipt', entry, document };
}

/** One flat document: the record's fields and the receipt's. `recomputeReceipt` needs only the latter. */
export function receiptJson({ request, ...receipt }: ReceiptDocument): Record<string, unknown> {
  return { ...request, ...receipt };
}
