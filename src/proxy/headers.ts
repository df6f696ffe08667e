/** Headers by allow-list, in both directions. */
import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from '../errors.ts';

/** What one pass over a request's raw headers tells. */
export interface Inbound {
  /** Headers that go upstream. */
  readonly forward: Record<string, string>;
  /** What came as `x-api-key` and as `Authorization: Bearer`. */
  readonly credentials: readonly string[];
  readonly host: string | null;
  readonly contentLength: number | null;
  readonly contentEncoding: string | null;
  /** The client waits for `100 Continue` before it sends the body. */
  readonly expectsContinue: boolean;
  /** W3C trace context, as it came; not forwarded. */
  readonly traceparent: string | null;
}

/** Named by the upstream's account, not by the buyer. */
const NEVER_FORWARDED = new Set(['anthropic-workspace-id', 'anthropic-user-profile-id', 'anthropic-organization-id']);
const ONCE = new Set(['host', 'x-api-key', 'authorization', 'content-length', 'content-type', 'transfer-encoding']);

/**
 * Reads the raw header list (name, value, name, value …). Throws `malformed_http` for what Node's parser lets through
 * although proxies disagree about it (repeated single headers, transfer codings other than `chunked`) and for expectations
 * that nobody here can meet.
 */
export function readHeaders(raw: readonly string[], httpVersion: string): Inbound {
  const forward: Record<string, string> = {};
  const credentials: string[] = [];
  let host: string | null = null;
  let contentLength: number | null = null;
  let contentEncoding: string | null = null;
  let expectsContinue = false;
  let traceparent: string | null = null;
  let seen = '';
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    const value = raw[i + 1] as string;
    if (ONCE.has(name)) {
      if (seen.includes(`|${name}|`)) throw new GatewayError('malformed_http', `The header ${name} came twice; send it once.`);
      seen += `|${name}|`;
    }
    switch (name) {
      case 'host':
        host = value;
        break;
      case 'x-api-key':
        credentials.push(value.trim());
        break;
      case 'authorization':
        if (/^bearer /i.test(value)) credentials.push(value.slice(7).trim());
        break;
      case 'content-length':
        contentLength = Number(value);
        break;
      case 'transfer-encoding':
        if (httpVersion !== '1.1' || value.toLowerCase() !== 'chunked')
          throw new GatewayError('malformed_http', 'Only the transfer encoding "chunked" is understood, and only with HTTP/1.1.');
        break;
      case 'content-encoding':
        contentEncoding = value.toLowerCase();
        break;
      case 'expect':
        if (value.toLowerCase() !== '100-continue')
          throw new GatewayError('malformed_http', 'Of the expectations only "100-continue" is understood; leave out the header expect.');
        expectsContinue = true;
        break;
      case 'traceparent':
        traceparent = value;
        break;
      case 'content-type':
      case 'user-agent':
        forward[name] = value;
        break;
      default:
        if (name.startsWith('anthropic-') && !NEVER_FORWARDED.has(name))
          forward[name] = forward[name] === undefined ? value : `${forward[name]}, ${value}`;
    }
  }
  if (host === null && httpVersion === '1.1') throw new GatewayError('malformed_http', 'The header host is missing; HTTP/1.1 requires it.');
  return { forward, credentials, host, contentLength, contentEncoding, expectsContinue, traceparent };
}

const KEPT_RESPONSE_HEADERS = ['content-type', 'request-id', 'retry-after', 'retry-after-ms', 'x-should-retry', 'cache-control'] as const;

/** The value of a response header, the first if an upstream sent several (undici then gives a list, whatever the type says); or empty. */
export function firstValue(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? '';
}

/** What goes down of an upstream's response headers. Quota and organisation headers are the operator's and stay. */
export function responseHeaders(upstream: IncomingHttpHeaders, ownRequestId: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of KEPT_RESPONSE_HEADERS) {
    const value = firstValue(upstream, name);
    if (value !== '') headers[name] = value;
  }
  headers['request-id'] ??= ownRequestId;
  headers['x-ainogap-request-id'] = ownRequestId;
  return headers;
}
