import { formatBuyerId, formatKeyId, formatRequestId } from '../ids.ts';
import { jsonMicros } from '../money.ts';
import type { TokenClass } from '../tokens.ts';
import type { RequestEntry } from './requests.ts';

/** What the token classes are called in a request's record. */
export const TOKEN_FIELDS = {
  input: 'uncachedInputTokens',
  output: 'outputTokens',
  cacheWrite5m: 'cacheWrite5mTokens',
  cacheWrite1h: 'cacheWrite1hTokens',
  cacheRead: 'cacheReadTokens',
} as const satisfies Record<TokenClass, string>;
const FIELD_ORDER: readonly TokenClass[] = ['input', 'cacheWrite5m', 'cacheWrite1h', 'cacheRead', 'output'];

/** The fields of the meter's record, in the order of its tab-separated form. */
export const RECORD_FIELDS = [
  'requestId',
  'buyerId',
  'route',
  'model',
  ...FIELD_ORDER.map((tokenClass) => TOKEN_FIELDS[tokenClass]),
  'buyerChargeUsdMicros',
  'usageSource',
  'status',
  'startedAt',
  'durationMs',
  'timeToFirstByteMs',
  'upstream',
  'upstreamRequestId',
] as const;

/** A request's record as every JSON document of ours shows it: ids as text, times in ISO 8601, money as integers. */
export function requestJson(entry: RequestEntry): Record<string, string | number | null | readonly string[]> {
  return {
    requestId: formatRequestId(entry.requestId),
    buyerId: formatBuyerId(entry.buyerId),
    route: entry.route,
    model: entry.model,
    ...Object.fromEntries(FIELD_ORDER.map((tokenClass) => [TOKEN_FIELDS[tokenClass], entry.tokens[tokenClass]])),
    buyerChargeUsdMicros: jsonMicros(entry.charge),
    usageSource: entry.usageSource,
    status: entry.status,
    startedAt: new Date(entry.startedAt).toISOString(),
    durationMs: entry.durationMs,
    timeToFirstByteMs: entry.timeToFirstByteMs,
    upstream: entry.upstream,
    upstreamRequestId: entry.upstreamRequestId,
    keyId: formatKeyId(entry.keyId),
    httpStatus: entry.httpStatus,
    errorCode: entry.errorCode,
    flags: entry.flags,
    shortfallUsdMicros: jsonMicros(entry.shortfall),
  };
}
