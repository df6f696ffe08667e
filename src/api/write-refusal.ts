/** Answers that the main thread gives when the API's thread cannot, or should not be asked. */
import type { ServerResponse } from 'node:http';
import { endAfterBody, isBodyDue } from '../linger.ts';
import { API_ERRORS, type ApiError } from './api-error.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/** Nothing happens when the head has gone out already. */
export function writeRefusal(res: ServerResponse, { code, message, details, retryAfterSeconds }: ApiError): void {
  if (res.headersSent || res.destroyed) return;
  const body = Buffer.from(JSON.stringify({ error: { code, message, details } }));
  const bodyDue = isBodyDue(res.req);
  if (bodyDue) res.shouldKeepAlive = false;
  const retry = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  res.writeHead(API_ERRORS[code], { ...SECURITY_HEADERS, ...retry, 'content-type': 'application/json', 'cache-control': 'no-store', 'content-length': body.length });
  if (!bodyDue) return void res.end(body);
  res.write(body);
  res.flushHeaders();
  endAfterBody(res);
}
