/** The tries at an upstream, each a span `chat {model}`; what was used and what came back is said by the last of them. */
import { SpanKind, type Attributes, type Context } from '@opentelemetry/api';
import { ATTR_HTTP_REQUEST_METHOD, ATTR_HTTP_REQUEST_RESEND_COUNT, ATTR_HTTP_RESPONSE_STATUS_CODE, ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT, ATTR_URL_FULL } from '@opentelemetry/semantic-conventions';
import {
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_PROVIDER_NAME,
  ATTR_GEN_AI_REQUEST_MODEL,
  ATTR_GEN_AI_REQUEST_STREAM,
  ATTR_GEN_AI_RESPONSE_MODEL,
  ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK,
  ATTR_GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_OUTPUT_TOKENS,
  GEN_AI_OPERATION_NAME_VALUE_CHAT,
  GEN_AI_PROVIDER_NAME_VALUE_ANTHROPIC,
} from '@opentelemetry/semantic-conventions/incubating';
import type { RequestRecord } from '../ledger/ledger.ts';
import type { RequestEnd, Settled } from '../proxy/observer.ts';
import type { SpanMaker } from './request-spans.ts';

interface Told {
  readonly end: RequestEnd;
  readonly record: RequestRecord;
  readonly settled: Settled;
  /** Null: it is inside the product. */
  readonly baseUrl: string | null;
}

interface Try {
  /** Ms from the request's start. */
  readonly from: number;
  readonly to: number;
  /** What the upstream answered; null: nothing, or it is not known. */
  readonly status: number | null;
  readonly error: string | null;
}

export function upstreamSpans(make: SpanMaker, told: Told, server: Context): void {
  const { end, record, settled } = told;
  const { startedAt } = end;
  const model = record.model ?? 'unknown';
  const sent = requestAttributes(told, model);
  const tries = triesOf(told);
  tries.forEach(({ from, to, status, error }, index) => {
    const isLast = index === tries.length - 1;
    const attributes: Attributes = {
      ...sent,
      ...(index === 0 ? {} : { [ATTR_HTTP_REQUEST_RESEND_COUNT]: index }),
      ...(status === null ? {} : { [ATTR_HTTP_RESPONSE_STATUS_CODE]: status }),
      ...(isLast ? responseAttributes(told, from) : {}),
    };
    const context = make(`chat ${model}`, { from: startedAt + from, to: startedAt + to, kind: SpanKind.CLIENT, attributes, error }, server);
    const { timeToFirstByteMs } = record;
    if (isLast && timeToFirstByteMs !== null) make('receive', { from: startedAt + timeToFirstByteMs, to: startedAt + to, attributes: { [ATTR_GEN_AI_REQUEST_STREAM]: settled.stream === true } }, context);
  });
}

/** None when the client left before the first was begun. */
function triesOf({ end, record, settled }: Told): Try[] {
  const noted = record.detail?.tries ?? [];
  const begun = [settled.heldAfterMs, ...(settled.triedAgainAfterMs ?? [])].slice(0, record.attempts);
  return begun.map((from, index): Try => {
    const outcome = noted[index]?.outcome;
    const status = typeof outcome === 'number' ? outcome : null;
    if (index < begun.length - 1) return { from, to: noted[index]?.ms ?? from, status, error: outcome === undefined ? null : String(outcome) };
    return { from, to: end.durationMs, status: status ?? lastStatus(record), error: record.status === 'completed' || record.status === 'client_left' ? null : (record.errorCode ?? record.status) };
  });
}

/** What the client was answered is what the upstream answered, unless the answer is of our own making. */
function lastStatus({ status, httpStatus, errorCode }: RequestRecord): number | null {
  const ours = errorCode?.startsWith('upstream_') === true || errorCode === 'overloaded' || errorCode === 'shutting_down' || errorCode === 'internal';
  return status === 'failed' || httpStatus === 0 || (status === 'upstream_error' && ours) ? null : httpStatus;
}

function requestAttributes({ settled, baseUrl }: Told, model: string): Attributes {
  return {
    [ATTR_GEN_AI_OPERATION_NAME]: GEN_AI_OPERATION_NAME_VALUE_CHAT,
    [ATTR_GEN_AI_PROVIDER_NAME]: GEN_AI_PROVIDER_NAME_VALUE_ANTHROPIC,
    [ATTR_GEN_AI_REQUEST_MODEL]: model,
    [ATTR_GEN_AI_REQUEST_STREAM]: settled.stream === true,
    [ATTR_HTTP_REQUEST_METHOD]: 'POST',
    ...(baseUrl === null ? {} : addressOf(baseUrl)),
  };
}

function addressOf(baseUrl: string): Attributes {
  const { protocol, hostname, port } = new URL(baseUrl);
  return {
    [ATTR_URL_FULL]: `${baseUrl}/v1/messages`,
    [ATTR_SERVER_ADDRESS]: hostname,
    [ATTR_SERVER_PORT]: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
  };
}

/** The convention's input tokens are all of them, those of the cache too; ours are five classes that do not overlap. */
function responseAttributes({ record, settled }: Told, from: number): Attributes {
  const { tokens, responseModel, timeToFirstByteMs, upstream, upstreamRequestId } = record;
  const written = tokens.cacheWrite5m + tokens.cacheWrite1h;
  return {
    ...(responseModel === null ? {} : { [ATTR_GEN_AI_RESPONSE_MODEL]: responseModel }),
    ...(record.usageSource === 'none'
      ? {}
      : {
          [ATTR_GEN_AI_USAGE_INPUT_TOKENS]: tokens.input + written + tokens.cacheRead,
          [ATTR_GEN_AI_USAGE_OUTPUT_TOKENS]: tokens.output,
          [ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS]: tokens.cacheRead,
          [ATTR_GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS]: written,
          'ainogap.usage.cache_write_5m_tokens': tokens.cacheWrite5m,
          'ainogap.usage.cache_write_1h_tokens': tokens.cacheWrite1h,
        }),
    ...(settled.stream && timeToFirstByteMs !== null ? { [ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK]: (timeToFirstByteMs - from) / 1_000 } : {}),
    ...(upstream === null ? {} : { 'ainogap.upstream': upstream }),
    ...(upstreamRequestId === null ? {} : { 'ainogap.upstream.request_id': upstreamRequestId }),
  };
}
