/** The simulator's refusals, in the Messages API's own shape (https://docs.anthropic.com/en/api/errors). */

const TYPE_BY_STATUS: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

export interface ApiErrorOptions {
  /** Goes out as the `retry-after` header. */
  readonly retryAfterSeconds?: number;
  /** Goes out as `error.details`. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Thrown while a request is read; ends as an HTTP answer with `status`. */
export class ApiError extends Error {
  readonly status: number;
  readonly options: ApiErrorOptions;

  constructor(status: number, message: string, options: ApiErrorOptions = {}) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.options = options;
  }

  body(requestId: string): string {
    const type = TYPE_BY_STATUS[this.status] ?? (this.status >= 500 ? 'api_error' : 'invalid_request_error');
    const { details } = this.options;
    return JSON.stringify({ type: 'error', error: { type, message: this.message, ...(details ? { details } : {}) }, request_id: requestId });
  }
}

export const badRequest = (message: string): ApiError => new ApiError(400, message);
