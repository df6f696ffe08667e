/** Words for labels out of values that upstreams and clients have a hand in: whatever they send, there are only so many. */
import { ERRORS } from '../errors.ts';

/** What is beyond a bound, or known to nobody. */
export const OTHER = 'other';

const STATUSES: ReadonlySet<number> = new Set([0, 200, ...Object.values(ERRORS).map(({ status }) => status as number), 403, 409, 422, 529]);

/** `200`; one that is rare is told by its class, `4xx`. 0: the client left before an answer. */
export function statusLabel(status: number): string {
  return STATUSES.has(status) ? String(status) : `${Math.trunc(status / 100)}xx`;
}

/** What upstreams call their errors; https://docs.anthropic.com/en/api/errors. The rest is settlement's own. */
const CODES: ReadonlySet<string> = new Set([
  ...Object.keys(ERRORS),
  'api_error',
  'authentication_error',
  'billing_error',
  'invalid_request_error',
  'not_found_error',
  'overloaded_error',
  'permission_error',
  'rate_limit_error',
  'request_too_large',
  'timeout_error',
  'client_closed',
  'process_died',
]);

export const codeLabel = (code: string): string => (CODES.has(code) ? code : OTHER);
