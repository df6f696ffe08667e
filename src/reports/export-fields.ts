/** A request's record as `ainogap export` writes it: everything that is kept of it, and its charge class by class. */
import { formatCardVersion } from '../ids.ts';
import type { ChargeSplit } from '../ledger/ledger.ts';
import { jsonMicros } from '../money.ts';
import { TOKEN_CLASSES } from '../tokens.ts';
import { CHARGE_FIELDS } from './usage-json.ts';
import { RECORD_FIELDS, requestJson } from './request-json.ts';
import type { RequestEntry } from './requests.ts';

/** The columns of the CSV form, in their order; the fields of a JSON line. Money is whole micro-USDC, times are ISO 8601. */
export const EXPORT_FIELDS = [
  ...RECORD_FIELDS,
  'settledAt',
  'buyer',
  'keyId',
  'priceCard',
  'quoteBasis',
  'holdUsdMicros',
  'shortfallUsdMicros',
  'listCostUsdMicros',
  ...TOKEN_CLASSES.map((tokenClass) => CHARGE_FIELDS[tokenClass]),
  'webSearchChargeUsdMicros',
  'cacheSavedUsdMicros',
  'webSearchRequests',
  'responseModel',
  'parts',
  'inferenceGeo',
  'serviceTier',
  'outputTokensMax',
  'outputTokensAfterDisconnect',
  'httpStatus',
  'errorCode',
  'message',
  'attempts',
  'flags',
] as const;
export type ExportField = (typeof EXPORT_FIELDS)[number];

/** `parts` and `flags` are lists; null where the record has none. */
export function exportRecord(entry: RequestEntry, split: ChargeSplit): Readonly<Record<ExportField, unknown>> {
  const { detail } = entry;
  const record = {
    ...requestJson(entry),
    settledAt: new Date(entry.settledAt).toISOString(),
    buyer: entry.buyerName,
    priceCard: entry.cardVersion === null ? null : formatCardVersion(entry.cardVersion),
    quoteBasis: entry.quoteBasis,
    holdUsdMicros: entry.hold === null ? null : jsonMicros(entry.hold),
    listCostUsdMicros: entry.listCost === null ? null : jsonMicros(entry.listCost),
    ...Object.fromEntries(TOKEN_CLASSES.map((tokenClass) => [CHARGE_FIELDS[tokenClass], jsonMicros(split.byClass[tokenClass])])),
    webSearchChargeUsdMicros: jsonMicros(split.webSearch),
    cacheSavedUsdMicros: jsonMicros(split.cacheSaved),
    webSearchRequests: detail?.webSearchRequests ?? 0,
    responseModel: entry.responseModel,
    parts: detail?.parts ?? null,
    inferenceGeo: detail?.inferenceGeo ?? null,
    serviceTier: detail?.serviceTier ?? null,
    outputTokensMax: entry.outputTokensMax,
    outputTokensAfterDisconnect: detail?.outputTokensAfterDisconnect ?? null,
    message: detail?.message ?? null,
    attempts: entry.attempts,
  };
  return record as unknown as Readonly<Record<ExportField, unknown>>;
}
