/** The figures of a request's story as its JSON document has them: money as integers, times in ISO 8601. */
import { formatBuyerId, formatCardVersion, formatKeyId, formatRequestId } from '../../ids.ts';
import { uncachedOf } from '../../metering/uncached.ts';
import type { ReceiptDocument } from '../../metering/receipt.ts';
import { jsonMicros, type MicroUsdc } from '../../money.ts';
import { requestJson, TOKEN_FIELDS } from '../request-json.ts';
import type { RequestEntry } from '../requests.ts';
import { TOKEN_CLASSES } from '../../tokens.ts';
import { outputAtMost, type Admission } from './admission-steps.ts';
import type { OpenRequestEntry } from './open-request.ts';
import { paidBy, type RequestTransfer } from '../request-transfers.ts';

export type Figures = Readonly<Record<string, unknown>>;

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
const microsOrNull = (amount: MicroUsdc | null): number | null => (amount === null ? null : jsonMicros(amount));

function admissionFigures(admission: Admission): Figures {
  const { admitted, around } = admission;
  return {
    buyer: around.buyer.name,
    keyLabel: around.key.label,
    keyMasked: around.key.masked,
    keyRevokedAt: iso(around.key.revokedAt),
    priceCard: admitted.cardVersion === null ? null : formatCardVersion(admitted.cardVersion),
    cardOrigin: around.card?.origin ?? null,
    cardCreatedAt: iso(around.card?.createdAt ?? null),
    quoteBasis: admitted.quoteBasis,
    outputTokensMax: admitted.outputTokensMax,
    outputAtMostUsdMicros: microsOrNull(outputAtMost(admission)),
    holdUsdMicros: microsOrNull(admitted.hold),
  };
}

export interface EndedParts {
  readonly admission: Admission;
  readonly entry: RequestEntry;
  readonly transfers: readonly RequestTransfer[];
  readonly receipt: ReceiptDocument | null;
}

export function endedFigures({ admission, entry, transfers, receipt }: EndedParts): Figures {
  const paid = paidBy(transfers);
  const { detail } = entry;
  return {
    ...requestJson(entry),
    responseModel: entry.responseModel,
    settledAt: iso(entry.settledAt),
    message: detail?.message ?? null,
    ...admissionFigures(admission),
    waitedMs: detail?.waitedMs ?? 0,
    attempts: entry.attempts,
    tries: detail?.tries ?? null,
    outputTokensAfterDisconnect: detail?.outputTokensAfterDisconnect ?? null,
    releasedUsdMicros: jsonMicros(paid.released),
    debitedUsdMicros: jsonMicros(paid.debited),
    excessUsdMicros: jsonMicros(paid.excess),
    uncachedChargeUsdMicros: receipt === null ? null : jsonMicros(uncachedOf(receipt).charge),
    cacheSavedUsdMicros: receipt?.cacheSavedUsdMicros ?? null,
    transfers: transfers.map(({ transferId, kind, amount, at }) => ({ transferId: String(transferId), kind, amountUsdMicros: jsonMicros(amount), at: iso(at) })),
    chargeByClassUsdMicros: receipt?.chargeByClassUsdMicros ?? null,
    parts: receipt?.parts ?? null,
  };
}

export function openFigures(open: OpenRequestEntry, admission: Admission): Figures {
  const { admitted, progressAt, soFar, worstCase } = open;
  return {
    requestId: formatRequestId(admitted.requestId),
    buyerId: formatBuyerId(admitted.buyerId),
    keyId: formatKeyId(admitted.keyId),
    route: admitted.route,
    model: admitted.model,
    upstream: admitted.upstream,
    startedAt: iso(admitted.startedAt),
    ...admissionFigures(admission),
    worstCaseUsdMicros: jsonMicros(worstCase),
    progressAt: iso(progressAt),
    ...Object.fromEntries(TOKEN_CLASSES.map((tokenClass) => [TOKEN_FIELDS[tokenClass], soFar?.tokens[tokenClass] ?? null])),
    chargeSoFarUsdMicros: microsOrNull(soFar?.charge ?? null),
  };
}
