/** Answers that the gateway gives itself. */
import type { ServerResponse } from 'node:http';
import { ERRORS, errorBody, type GatewayError } from '../errors.ts';

/** Writes an error in the Messages API's shape. Nothing happens when the head has gone out already. */
export function sendError(res: ServerResponse, error: GatewayError, publicId: string): void {
  if (res.headersSent || res.destroyed) return;
  const row = ERRORS[error.code];
  // The rest of a body that stalled is not waited for.
  if (error.code === 'body_timeout') res.shouldKeepAlive = false;
  const body = Buffer.from(errorBody(error, publicId));
  const headers: Record<string, string | number> = {
    'content-type': 'application/json',
    'content-length': body.length,
    'request-id': publicId,
    'x-ainogap-request-id': publicId,
  };
  if (row.shouldRetry !== null) headers['x-should-retry'] = String(row.shouldRetry);
  if (error.retryAfterSeconds !== undefined) headers['retry-after'] = error.retryAfterSeconds;
  res.writeHead(row.status, headers);
  res.end(body);
}

export function sendJson(res: ServerResponse, body: unknown, publicId: string, status = 200): void {
  const bytes = Buffer.from(JSON.stringify(body));
  res.writeHead(status, {
    'content-type': 'application/json',
    'content-length': bytes.length,
    'request-id': publicId,
    'x-ainogap-request-id': publicId,
  });
  res.end(bytes);
}

/** The event that ends a stream which broke: never `message_stop`, so that no client takes it for whole. */
export function errorEvent(error: GatewayError, publicId: string): string {
  return `event: error\ndata: ${errorBody(error, publicId)}\n\n`;
}
