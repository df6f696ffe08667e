/** A refusal of the API: thrown by handlers, answered as `{"error":{"code","message","details"}}`. */
export const API_ERRORS = {
  invalid_request: 400,
  unauthenticated: 401,
  invalid_credentials: 401,
  second_factor_required: 401,
  forbidden: 403,
  wrong_origin: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  several_keys: 409,
  idempotency_conflict: 409,
  gone: 410,
  body_too_large: 413,
  weak_password: 422,
  refused: 422,
  too_many_attempts: 429,
  internal: 500,
  unavailable: 503,
} as const;
export type ApiErrorCode = keyof typeof API_ERRORS;

export class ApiError extends Error {
  readonly code: ApiErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ApiErrorCode, message: string, options: { readonly details?: Readonly<Record<string, unknown>>; readonly retryAfterSeconds?: number } = {}) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.details = options.details ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
