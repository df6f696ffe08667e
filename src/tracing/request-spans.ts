/**
 * A request that ended → its spans, with the times that it had. The one of the server has a child for each part: the
 * hold, every try at an upstream, the settlement. Names and attributes are OpenTelemetry's for HTTP and for generative AI
 * (https://opentelemetry.io/docs/specs/semconv/gen-ai/), and `ainogap.*` for what is ours. Never a prompt or an answer.
 */
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags, type Attributes, type Context, type Tracer } from '@opentelemetry/api';
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_URL_PATH,
} from '@opentelemetry/semantic-conventions';
import { formatBuyerId, formatKeyId } from '../ids.ts';
import type { RequestRecord } from '../ledger/ledger.ts';
import { SECRET_CHARS_MAX, type Hide } from '../log/hide-secrets.ts';
import type { RequestEnd, Settled } from '../proxy/observer.ts';
import { parseTraceParent } from '../traceparent.ts';
import { micros } from './micros.ts';
import { upstreamSpans } from './upstream-spans.ts';

const ROUTE = '/{alias}/v1/messages';

/** Makes and ends spans. */
export interface SpanMaker {
  /** Times are ms since 1970. Returns the context of the span's children. */
  (name: string, span: { from: number; to: number; attributes: Attributes; kind?: SpanKind; error?: string | null }, parent: Context): Context;
}

/** What a client or an upstream chose may be anything. */
const TEXT_CHARS_MAX = 256;

const makerOf =
  ({ tracer, hide }: Traced): SpanMaker =>
  (name, { from, to, attributes, kind = SpanKind.INTERNAL, error = null }, parent) => {
    const safe: Attributes = {};
    const safeText = (text: string): string => hide(text.slice(0, TEXT_CHARS_MAX + SECRET_CHARS_MAX)).slice(0, TEXT_CHARS_MAX);
    for (const [key, value] of Object.entries(error === null ? attributes : { ...attributes, [ATTR_ERROR_TYPE]: error })) safe[key] = typeof value === 'string' ? safeText(value) : value;
    const span = tracer.startSpan(safeText(name), { kind, startTime: from, attributes: safe }, parent);
    if (error !== null) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(Math.max(from, to));
    return trace.setSpan(parent, span);
  };

export interface Traced {
  readonly tracer: Tracer;
  readonly hide: Hide;
  /** Of upstreams, by name. */
  readonly baseUrls: Readonly<Record<string, string>>;
}

export function traceRequest(traced: Traced, end: RequestEnd): void {
  const { record, settled, startedAt, durationMs } = end;
  const make = makerOf(traced);
  const until = startedAt + durationMs;
  const server = make(
    `POST ${ROUTE}`,
    { from: startedAt, to: until + (settled?.settleMs ?? 0), kind: SpanKind.SERVER, attributes: serverAttributes(end), error: end.httpStatus >= 500 ? (end.errorCode ?? String(end.httpStatus)) : null },
    parentOf(end.traceparent),
  );
  if (settled === null || record === null) return;
  make('hold', { from: startedAt, to: startedAt + settled.heldAfterMs, attributes: holdAttributes(settled, record) }, server);
  upstreamSpans(make, { end, record, settled, baseUrl: traced.baseUrls[record.upstream ?? ''] ?? null }, server);
  make('settle', { from: until, to: until + settled.settleMs, attributes: { 'ainogap.charge_usd_micros': micros(settled.charge) } }, server);
}

function parentOf(header: string | null): Context {
  const parent = parseTraceParent(header);
  if (parent === null) return ROOT_CONTEXT;
  const { traceId, spanId, sampled } = parent;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true });
}

function serverAttributes({ requestId, route, httpStatus, errorCode, record, settled }: RequestEnd): Attributes {
  return {
    [ATTR_HTTP_REQUEST_METHOD]: 'POST',
    [ATTR_HTTP_ROUTE]: ROUTE,
    ...(route === null ? {} : { [ATTR_URL_PATH]: `/${route}/v1/messages`, 'ainogap.route': route }),
    ...(httpStatus === 0 ? {} : { [ATTR_HTTP_RESPONSE_STATUS_CODE]: httpStatus }),
    'ainogap.request.id': requestId,
    ...(errorCode === null ? {} : { 'ainogap.error_code': errorCode }),
    ...(record ? recordAttributes(record) : {}),
    ...(settled ? { 'ainogap.hold_usd_micros': micros(settled.hold), 'ainogap.charge_usd_micros': micros(settled.charge), 'ainogap.shortfall_usd_micros': micros(settled.shortfall) } : {}),
  };
}

function recordAttributes(record: RequestRecord): Attributes {
  return {
    'ainogap.status': record.status,
    'ainogap.buyer.id': formatBuyerId(record.buyerId),
    'ainogap.key.id': formatKeyId(record.keyId),
    'ainogap.usage_source': record.usageSource,
    'ainogap.attempts': record.attempts,
    ...(record.flags.length === 0 ? {} : { 'ainogap.flags': [...record.flags] }),
  };
}

function holdAttributes(settled: Settled, { detail, quoteBasis }: RequestRecord): Attributes {
  return {
    'ainogap.hold_usd_micros': micros(settled.hold),
    'ainogap.hold.waited_ms': detail?.waitedMs ?? 0,
    ...(quoteBasis === null ? {} : { 'ainogap.hold.quote_basis': quoteBasis }),
  };
}
