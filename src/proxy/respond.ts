/** Answers that the gateway gives itself. */
import type { ServerResponse } from 'node:http';
import { ERRORS, errorBody, type ErrorCode, type GatewayError } from '../errors.ts';
import { endAfterBody, isBodyDue } from '../linger.ts';

type Headers = Record<string, string | number>;

/** Writes an error in the Messages API's shape. Nothing happens when the head has gone out already. */
export function sendError(res: ServerResponse, error: GatewayError, publicId: string): void {
  const headers = errorHeaders(error.code, publicId);
  if (error.retryAfterSeconds !== undefined) headers['retry-after'] = error.retryAfterSeconds;
  answer(res, { status: ERRORS[error.code].status, headers, body: Buffer.from(errorBody(error, publicId)) });
}

export function sendJson(res: ServerResponse, body: unknown, publicId: string, status = 200): void {
  answer(res, { status, headers: jsonHeaders(publicId), body: Buffer.from(JSON.stringify(body)) });
}

export function sendEmpty(res: ServerResponse): void {
  answer(res, { status: 200, headers: {}, body: Buffer.alloc(0) });
}

/** What every error of ours says about itself. */
export function errorHeaders(code: ErrorCode, publicId: string): Headers {
  const { shouldRetry } = ERRORS[code];
  return shouldRetry === null ? jsonHeaders(publicId) : { ...jsonHeaders(publicId), 'x-should-retry': String(shouldRetry) };
}

const jsonHeaders = (publicId: string): Headers => ({ 'content-type': 'application/json', 'request-id': publicId, 'x-ainogap-request-id': publicId });

function answer(res: ServerResponse, { status, headers, body }: { status: number; headers: Headers; body: Buffer }): void {
  if (res.headersSent || res.destroyed) return;
  const bodyDue = isBodyDue(res.req);
  if (bodyDue) res.shouldKeepAlive = false;
  res.writeHead(status, { ...headers, 'content-length': body.length });
  if (!bodyDue) return void res.end(body);
  res.write(body);
  // To a HEAD nothing was written by that.
  res.flushHeaders();
  endAfterBody(res);
}

/** The event that ends a stream which broke: never `message_stop`, so that no client takes it for whole. */
export function errorEvent(error: GatewayError, publicId: string): string {
  return `event: error\ndata: ${errorBody(error, publicId)}\n\n`;
}
