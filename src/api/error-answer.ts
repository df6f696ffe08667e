/** Whatever was thrown → the API's error document. What nobody foresaw is logged, without anything of the request. */
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { SqliteError } from '../db/open.ts';
import { passingFailure } from '../db/passing-failure.ts';
import type { Log } from '../log.ts';
import { UsageNotSummedError } from '../reports/usage-state.ts';
import type { ApiEnv } from './api-app.ts';
import { API_ERRORS, ApiError } from './api-error.ts';
import type { ErrorDocument } from './schemas/parts.ts';

export function errorAnswer(c: Context<ApiEnv>, error: unknown, { log, requestId }: { readonly log: Log; readonly requestId: string }): Response {
  const told = toldAs(error);
  const internal = told ?? new ApiError('internal', isDiskFailure(error) ? UNKNOWN : 'The gateway failed to answer this; its log says why.', { details: { requestId } });
  if (told === null) log.error('api_failed', { requestId, method: c.req.method, route: c.req.routePath, error: String((error as Error)?.stack ?? error) });
  if (internal.retryAfterSeconds !== undefined) c.header('retry-after', String(internal.retryAfterSeconds));
  if (API_ERRORS[internal.code] === 401) c.header('www-authenticate', 'Bearer');
  return c.json(errorDocumentOf(internal), API_ERRORS[internal.code]);
}

export function errorDocumentOf({ code, message, details }: ApiError): ErrorDocument {
  return { error: { code, message, details: { ...details } } };
}

/** A commit whose fsync failed can be on disk all the same. */
const isDiskFailure = (error: unknown): boolean => error instanceof SqliteError && error.code.startsWith('SQLITE_IOERR');
const UNKNOWN = "The gateway's disk failed. If this was to change something, it is not known whether it did: look before you repeat it, or repeat it with the same Idempotency-Key.";

const PASSING = {
  busy: { words: 'The database is busy; nothing was changed. Try again in a moment.', retryAfterSeconds: 1 },
  full: { words: "The gateway's disk is full; nothing was changed. Try again when the operator has made room.", retryAfterSeconds: 30 },
} as const;

function toldAs(error: unknown): ApiError | null {
  if (error instanceof ApiError) return error;
  const passing = passingFailure(error);
  if (passing !== null) return new ApiError('unavailable', PASSING[passing].words, { retryAfterSeconds: PASSING[passing].retryAfterSeconds });
  // While sums lack requests (after an upgrade, until `serve` has summed them) reports would be wrong.
  if (error instanceof UsageNotSummedError)
    return new ApiError('unavailable', 'Usage is being summed anew, as after an upgrade; this will be there again in a while.', { retryAfterSeconds: 10 });
  if (!(error instanceof HTTPException)) return null;
  if (error.status === 415) return new ApiError('invalid_request', 'The body must be JSON, with `content-type: application/json`.');
  if (error.status === 400) return new ApiError('invalid_request', 'The body is not valid JSON.');
  return null;
}
