/** Usage, requests, receipts and statements. A buyer's documents have no list prices, margins or upstreams. */
import { z } from '@hono/zod-openapi';
import { buyerId, count, keyId, month, page, perClass, requestId, share, time, usdMicros, window } from './parts.ts';

const tokens = {
  uncachedInputTokens: count,
  outputTokens: count,
  cacheWrite5mTokens: count,
  cacheWrite1hTokens: count,
  cacheReadTokens: count,
};
const charges = {
  inputChargeUsdMicros: usdMicros,
  outputChargeUsdMicros: usdMicros,
  cacheWrite5mChargeUsdMicros: usdMicros,
  cacheWrite1hChargeUsdMicros: usdMicros,
  cacheReadChargeUsdMicros: usdMicros,
  webSearchChargeUsdMicros: usdMicros,
  chargeUsdMicros: usdMicros,
  shortfallUsdMicros: usdMicros,
};

export const usageTotals = z
  .object({ ...tokens, ...charges, cacheSavedUsdMicros: usdMicros, hitShare: share.nullable(), requests: count, errors: count, refused: count, estimated: count })
  .openapi('UsageTotals');

/** What names a row depends on `by`: only those fields are there. */
const naming = {
  label: z.string().openapi({ description: 'For people: a key, an alias, a model, a day (2026-11-23), an hour (2026-11-23 12:00).' }),
  id: z.string().nullable(),
  start: time.nullable(),
  end: time.nullable(),
  running: z.boolean().openapi({ description: 'The hour or day is not over.' }),
};
export const usageRow = usageTotals.extend(naming).openapi('UsageRow');

export const usageQuery = z.object({ by: z.enum(['key', 'route', 'model', 'day', 'hour']).default('day'), ...window });
export const usageReport = z
  .object({
    by: z.string(),
    since: time,
    until: time,
    timezone: z.string(),
    running: z.boolean(),
    rows: z.array(usageRow),
    total: usageTotals,
    /** A lower bound: what was written to caches and never read since. */
    unreadWrites: z.object({ tokens: count, chargeUsdMicros: usdMicros }),
  })
  .openapi('UsageReport');

export const requestStatus = z.enum(['completed', 'refused', 'upstream_error', 'client_left', 'interrupted', 'failed', 'recovered']);
export const requestQuery = z.object({
  ...page,
  ...window,
  keyId: keyId.optional(),
  route: z.string().max(64).optional(),
  model: z.string().max(128).optional(),
  status: requestStatus.optional(),
});
export const requestSummary = z
  .object({
    requestId,
    buyerId,
    keyId,
    keyLabel: z.string(),
    route: z.string().nullable(),
    model: z.string().nullable(),
    ...tokens,
    buyerChargeUsdMicros: usdMicros,
    usageSource: z.string(),
    status: z.string().openapi({ description: 'How it ended; `running` of one that has not.' }),
    httpStatus: z.int(),
    errorCode: z.string().nullable(),
    flags: z.array(z.string()),
    startedAt: time,
    durationMs: z.int(),
    timeToFirstByteMs: z.int().nullable(),
  })
  .openapi('Request');

export const receiptPart = z.object({
  model: z.string(),
  pricedAs: z.string(),
  tokens: perClass(count),
  unitPricesUsdMicrosPerMillion: perClass(z.int()),
  geoFactor: z.enum(['1', '1.1']),
});
/** tokens × price × factors ÷ 1,000,000, summed, and rounded up once. */
export const receipt = z
  .object({
    receipt: z.string(),
    priceCard: z.string(),
    quoteBasis: z.string().nullable(),
    parts: z.array(receiptPart),
    tierFactor: z.enum(['1', '0.5']),
    webSearchRequests: count,
    webSearchUsdMicrosPerMillion: z.int(),
    cappedAtUsdMicros: usdMicros.nullable(),
    chargeByClassUsdMicros: perClass(usdMicros),
    webSearchChargeUsdMicros: usdMicros,
    chargeUsdMicros: usdMicros,
    cacheSavedUsdMicros: usdMicros.optional(),
  })
  .openapi('Receipt');

/** `receipt` is null for a request that was refused before a price applied, and while it runs. */
export const requestDetail = z
  .object({
    request: requestSummary,
    running: z.boolean(),
    settledAt: time.nullable(),
    responseModel: z.string().nullable(),
    message: z.string().nullable(),
    holdUsdMicros: usdMicros.nullable(),
    releasedUsdMicros: usdMicros.nullable(),
    excessUsdMicros: usdMicros.nullable(),
    waitedMs: z.int(),
    outputTokensAfterDisconnect: z.int().nullable(),
    receipt: receipt.nullable(),
    explanation: z.array(z.object({ topic: z.string(), text: z.string() })),
  })
  .openapi('RequestDetail');

const statementUsage = { requests: count, ...tokens, ...charges };
export const statement = z
  .object({
    buyerId,
    buyer: z.string(),
    month,
    since: time,
    until: time,
    timezone: z.string(),
    asOf: time,
    running: z.boolean(),
    openingUsdMicros: usdMicros,
    topUpsUsdMicros: usdMicros,
    adjustmentsUsdMicros: usdMicros,
    chargeUsdMicros: usdMicros,
    shortfallUsdMicros: usdMicros,
    debitedUsdMicros: usdMicros,
    closingUsdMicros: usdMicros,
    fundings: z.array(
      z.object({ kind: z.enum(['topup', 'adjustment']), at: time, transferId: z.string(), reference: z.string().nullable(), reason: z.string().nullable(), amountUsdMicros: usdMicros }),
    ),
    days: z.array(z.object({ day: z.string(), ...statementUsage, debitedUsdMicros: usdMicros })),
    total: z.object(statementUsage),
  })
  .openapi('Statement');
export const statementQuery = z.object({ format: z.enum(['json', 'csv', 'html']).default('json') });
/** The months since the buyer's first day, newest first. */
export const statementMonth = z.object({ month, running: z.boolean() }).openapi('StatementMonth');

export type UsageTotals = z.output<typeof usageTotals>;
export type UsageRow = z.output<typeof usageRow>;
export type UsageReport = z.output<typeof usageReport>;
export type RequestSummary = z.output<typeof requestSummary>;
export type RequestDetail = z.output<typeof requestDetail>;
export type Receipt = z.output<typeof receipt>;
export type Statement = z.output<typeof statement>;
