/** When each error of the gateway's own occurs, and what helps. Codes, statuses and retries are those of errors.ts. */
import type { ErrorCode } from '../errors.ts';

export const ERROR_WORDS: Readonly<Record<ErrorCode, string>> = {
  malformed_http: 'A header came twice, or the request is not well-formed HTTP. Mend the client.',
  malformed_body: 'The body is not the JSON that the model would read: duplicate keys, a byte order mark, invalid UTF-8, trailing data, too deep. The message gives the position.',
  unsupported_encoding: 'The body’s content-encoding is not gzip, deflate, br or zstd.',
  model_not_offered: 'The route does not have this model. The message names those it has.',
  not_meterable: 'The request uses a feature whose cost cannot be metered. The message names it.',
  thread_unsupported: 'The request refers to a history kept elsewhere. Official SDKs go on without by themselves.',
  unauthenticated: 'No key, an unknown or revoked key, or a disabled account.',
  insufficient_funds: 'The request could cost more than the balance. The message says what is missing, and which max_tokens would fit.',
  not_found: 'No such path, or no such route for you.',
  body_timeout: 'The body stopped arriving for 10 s.',
  body_too_large: 'The body is larger than this gateway takes.',
  headers_too_large: 'The headers are larger than 32 KiB.',
  hold_timeout: 'The balance stayed held by your own running requests. Wait as retry-after says.',
  internal: 'A fault of the gateway. This request alone failed.',
  upstream_unreachable: 'The model could not be reached. Nothing was charged.',
  upstream_credential: 'The gateway’s own account with the supplier was refused. The operator has been told.',
  upstream_redirect: 'The supplier answered with a redirect, which is never followed. The operator has been told.',
  upstream_encoding: 'The answer came in an encoding that cannot be read.',
  upstream_broken: 'The answer broke off or was unreadable.',
  overloaded: 'The gateway is at its limits. Wait as retry-after says.',
  ledger_unavailable: 'The ledger is busy. Nothing was forwarded or charged.',
  shutting_down: 'The gateway is stopping or restarting.',
  upstream_timeout: 'No first byte in time, or silence within a stream. Not retried by itself, since the first try may still be billed.',
};
