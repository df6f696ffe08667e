/**
 * Whose fault a request's end was: the one rule behind the health of upstreams in the live view and the alert
 * `upstream_down`. It reads a request's row; see proxy/delivery.ts and the relays for how rows come about.
 */
import { ERRORS, type ErrorCode } from '../errors.ts';

/**
 * `fault`: the upstream failed, or refused for reasons that are not the client's. `answered`: it did its part, be it by
 * telling the client of a mistake. `open`: the row says nothing of the upstream: the client left, the gateway stopped,
 * or nothing was sent.
 */
export type UpstreamVerdict = 'fault' | 'answered' | 'open';

export interface EndedRow {
  readonly status: string;
  readonly httpStatus: number;
  readonly errorCode: string | null;
}

/** What an upstream says of itself in an `event: error`; https://docs.anthropic.com/en/api/errors. */
const UPSTREAM_ERROR_TYPES: ReadonlySet<string> = new Set(['api_error', 'overloaded_error', 'rate_limit_error', 'timeout_error']);

/** Refused by the upstream's account or by a redirect: the operator must act, and no client can be served. */
const OPERATOR_CODES: ReadonlySet<string> = new Set(['upstream_credential', 'upstream_redirect']);

function isUpstreamCode(code: string | null): boolean {
  if (code === null) return false;
  return UPSTREAM_ERROR_TYPES.has(code) || OPERATOR_CODES.has(code) || (Object.hasOwn(ERRORS, code) && ERRORS[code as ErrorCode].fault === 'upstream');
}

export function upstreamVerdict({ status, httpStatus, errorCode }: EndedRow): UpstreamVerdict {
  switch (status) {
    case 'completed':
      return 'answered';
    case 'upstream_error':
      // Rate limits are those of the operator's account.
      return httpStatus >= 500 || httpStatus === 429 ? 'fault' : 'answered';
    case 'failed':
    case 'interrupted':
      return isUpstreamCode(errorCode) ? 'fault' : 'open';
    default:
      return 'open';
  }
}
