/** W3C trace context, level 1 (https://www.w3.org/TR/trace-context/): what a client says of the trace that it is in. */

export interface TraceParent {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits: the client's span. */
  readonly spanId: string;
  readonly sampled: boolean;
}

/** Versions after 00 may add fields after a hyphen. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Null for what is no valid header: it is then as if there were none. */
export function parseTraceParent(header: string | null): TraceParent | null {
  if (header === null) return null;
  const [, version, traceId = '', spanId = '', flags = '', more] = TRACEPARENT.exec(header.trim()) ?? [];
  if (version === undefined || (version === '00' && more !== undefined)) return null;
  return { traceId, spanId, sampled: (parseInt(flags, 16) & 1) === 1 };
}
