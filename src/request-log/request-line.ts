/** What the log says of a request that ended: who, what, what it used and cost, and how long each part took. */
import { formatBuyerId, formatKeyId } from '../ids.ts';
import type { RequestRecord } from '../ledger/ledger.ts';
import type { FastLog } from '../log.ts';
import type { RequestEnd, Settled } from '../proxy/observer.ts';
import { parseTraceParent } from '../traceparent.ts';

/** Names that a client or an upstream chose. */
const NAME_CHARS_MAX = 128;
const FLAGS_MAX = 20;

type Quoted = FastLog['quoted'];

/**
 * Members of a JSON object. What does not apply is left out. Money is in micro-USDC, exact: a bigint's digits; times are
 * in ms. Texts that are ours (ids, aliases, statuses) need no quoting of what they hold.
 */
export function requestLine(end: RequestEnd, quoted: Quoted): string {
  const { record, settled, traceparent } = end;
  const trace = traceparent === null ? null : parseTraceParent(traceparent);
  return (
    `"requestId":"${end.requestId}","status":"${record?.status ?? 'refused'}","httpStatus":${end.httpStatus}` +
    (end.route === null ? '' : `,"route":"${end.route}"`) +
    named('errorCode', end.errorCode, quoted) +
    (record ? ofRecord(record, quoted) : '') +
    (settled ? ofSettled(settled) : '') +
    `,"durationMs":${end.durationMs}` +
    (trace ? `,"traceId":"${trace.traceId}"` : '')
  );
}

function ofRecord(record: RequestRecord, quoted: Quoted): string {
  const { model, responseModel, flags, timeToFirstByteMs } = record;
  return (
    `,"buyer":"${formatBuyerId(record.buyerId)}","key":"${formatKeyId(record.keyId)}"` +
    named('model', model, quoted) +
    (responseModel === model ? '' : named('responseModel', responseModel, quoted)) +
    `,"usageSource":"${record.usageSource}"` +
    (record.usageSource === 'none' ? '' : tokensOf(record)) +
    (record.upstream === null ? '' : `,"upstream":"${record.upstream}"`) +
    named('upstreamRequestId', record.upstreamRequestId, quoted) +
    `,"attempts":${record.attempts}` +
    (flags.length === 0 ? '' : named('flags', flags.slice(0, FLAGS_MAX).join(','), quoted)) +
    (timeToFirstByteMs === null ? '' : `,"timeToFirstByteMs":${timeToFirstByteMs}`)
  );
}

/** The names that every document of ours gives the five classes. */
const tokensOf = ({ tokens }: RequestRecord): string =>
  `,"uncachedInputTokens":${tokens.input},"outputTokens":${tokens.output},"cacheWrite5mTokens":${tokens.cacheWrite5m}` +
  `,"cacheWrite1hTokens":${tokens.cacheWrite1h},"cacheReadTokens":${tokens.cacheRead}`;

const ofSettled = ({ stream, hold, charge, shortfall, heldAfterMs, settleMs }: Settled): string =>
  (stream === null ? '' : `,"stream":${stream}`) +
  `,"holdUsdMicros":${hold},"chargeUsdMicros":${charge}` +
  (shortfall > 0n ? `,"shortfallUsdMicros":${shortfall}` : '') +
  `,"heldAfterMs":${Math.round(heldAfterMs * 10) / 10},"settleMs":${Math.round(settleMs * 10) / 10}`;

function named(name: string, text: string | null, quoted: Quoted): string {
  return text === null ? '' : `,"${name}":${quoted(text.length > NAME_CHARS_MAX ? text.slice(0, NAME_CHARS_MAX) : text)}`;
}
