/** Whatever was thrown → the API's error document. What nobody foresaw is logged, without anything of the request. */
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { SqliteError } from '../db/open.ts';
import type { Log } from '../log.ts';
import type { ApiEnv } from './api-app.ts';
import { API_ERRORS, ApiError } from './api-error.ts';
import type { ErrorDocument } from './schemas/parts.ts';

export function errorAnswer(c: Context<ApiEnv>, error: unknown, { log, requestId }: { readonly log: Log; readonly requestId: string }): Response {
  const told = toldAs(error);
  const internal = told ?? new ApiError('internal', 'The gateway failed to answer this; its log says why.', { details: { requestId } });
  if (told === null) log.error('api_failed', { requestId, method: c.req.method, route: c.req.routePath, error: String((error as Error)?.stack ?? error) });
  if (internal.retryAfterSeconds !== undefined) c.header('retry-after', String(internal.retryAfterSeconds));
  if (API_ERRORS[internal.code] === 401) c.header('www-authenticate', 'Bearer');
  return c.json(errorDocumentOf(internal), API_ERRORS[internal.code]);
}

export function errorDocumentOf({ code, message, details }: ApiError): ErrorDocument {
  return { error: { code, message, details: { ...details } } };
}

function toldAs(error: unknown): ApiError | null {
  if (error instanceof ApiError) return error;
  if (error instanceof SqliteError && error.code.startsWith('SQLITE_BUSY'))
    return new ApiError('unavailable', 'The database is busy; try again in a moment.', { retryAfterSeconds: 1 });
  if (!(error instanceof HTTPException)) return null;
  if (error.status === 415) return new ApiError('invalid_request', 'The body must be JSON, with `content-type: application/json`.');
  if (error.status === 400) return new ApiError('invalid_request', 'The body is not valid JSON.');
  return null;
}
