/**
 * Operating failures and refusals of the data plane, one row per code. Types and statuses are those of the Messages
 * API (https://docs.anthropic.com/en/api/errors). `shouldRetry: false` is sent as `x-should-retry: false`, which the
 * official clients obey; without it a 401 makes Claude Code retry for minutes.
 */

export type Fault = 'buyer' | 'operator' | 'upstream' | 'gateway';
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

interface ErrorRow {
  readonly status: number;
  readonly type: string;
  readonly fault: Fault;
  readonly shouldRetry: boolean | null;
  readonly level: LogLevel;
}

const row = (status: number, type: string, fault: Fault, shouldRetry: boolean | null, level: LogLevel): ErrorRow => ({
  status,
  type,
  fault,
  shouldRetry,
  level,
});

export const ERRORS = {
  malformed_http: row(400, 'invalid_request_error', 'buyer', false, 'info'),
  malformed_body: row(400, 'invalid_request_error', 'buyer', false, 'info'),
  unsupported_encoding: row(400, 'invalid_request_error', 'buyer', false, 'info'),
  model_not_offered: row(400, 'invalid_request_error', 'buyer', false, 'info'),
  not_meterable: row(400, 'invalid_request_error', 'buyer', false, 'info'),
  thread_unsupported: row(400, 'invalid_request_error', 'buyer', null, 'info'),
  unauthenticated: row(401, 'authentication_error', 'buyer', false, 'info'),
  insufficient_funds: row(402, 'billing_error', 'buyer', false, 'info'),
  not_found: row(404, 'not_found_error', 'buyer', false, 'info'),
  body_timeout: row(408, 'timeout_error', 'buyer', null, 'info'),
  body_too_large: row(413, 'request_too_large', 'buyer', false, 'info'),
  headers_too_large: row(431, 'invalid_request_error', 'buyer', false, 'info'),
  hold_timeout: row(429, 'rate_limit_error', 'buyer', null, 'info'),
  internal: row(500, 'api_error', 'gateway', null, 'error'),
  upstream_unreachable: row(502, 'api_error', 'upstream', null, 'warn'),
  upstream_credential: row(502, 'api_error', 'operator', false, 'error'),
  upstream_redirect: row(502, 'api_error', 'operator', false, 'error'),
  upstream_encoding: row(502, 'api_error', 'upstream', false, 'error'),
  upstream_broken: row(502, 'api_error', 'upstream', null, 'warn'),
  overloaded: row(503, 'overloaded_error', 'gateway', null, 'warn'),
  ledger_unavailable: row(503, 'overloaded_error', 'gateway', null, 'error'),
  shutting_down: row(503, 'overloaded_error', 'gateway', null, 'info'),
  upstream_timeout: row(504, 'timeout_error', 'upstream', false, 'warn'),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

export interface GatewayErrorOptions {
  /** Seconds for the `retry-after` header. */
  readonly retryAfterSeconds?: number;
  /** Goes into `error.details` of the answer, e.g. `{ error_code: 'thread_unsupported_request' }`. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** An operating failure or refusal with words for the caller. Never carries a secret. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly retryAfterSeconds: number | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, options: GatewayErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'GatewayError';
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.details = options.details;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
}

/** The Messages API's error document. */
export function errorBody(error: GatewayError, requestId: string): string {
  return JSON.stringify({
    type: 'error',
    error: { type: ERRORS[error.code].type, message: error.message, ...(error.details ? { details: error.details } : {}) },
    request_id: requestId,
  });
}
