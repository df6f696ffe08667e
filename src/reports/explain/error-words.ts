/** What the error of a request means: our own codes, what may end a request besides, and the upstream's types. */
import { ERRORS, type ErrorCode, type Fault } from '../../errors.ts';

const OUR_WORDS: Readonly<Record<ErrorCode, string>> = {
  malformed_http: 'the request was no HTTP that can be read without doubt',
  malformed_body: 'its body was not the JSON that the upstream would read',
  unsupported_encoding: 'its body had an encoding that the gateway does not read',
  model_not_offered: 'the route does not have the model that it asked for',
  not_meterable: 'it asked for a feature that cannot be metered here',
  thread_unsupported: 'it asked to keep its history upstream, where its cost could not be bounded',
  unauthenticated: 'its key was not good',
  insufficient_funds: 'what it could cost at worst was more than the balance',
  not_found: 'there is no such path or route for this buyer',
  body_timeout: 'its body did not come in time',
  body_too_large: 'its body was too large',
  headers_too_large: 'its headers were too large',
  hold_timeout: "the balance stayed held by the buyer's other requests for too long",
  internal: 'the gateway itself failed',
  upstream_unreachable: 'the upstream could not be reached',
  upstream_credential: 'the upstream refused the account that the gateway uses',
  upstream_redirect: 'the upstream answered with a redirect, which is never followed',
  upstream_encoding: 'the upstream answered in an encoding that cannot be decoded',
  upstream_broken: 'the upstream broke off or answered nonsense',
  overloaded: 'the gateway had all the bodies or connections that it may have',
  ledger_unavailable: 'the ledger could not take it',
  shutting_down: 'the gateway was stopping',
  upstream_timeout: 'the upstream was silent for too long',
};

/** Not answers of ours to a client, so they are not in the table of errors. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  client_closed: 'the client closed its connection',
  process_died: 'the process that served it died',
};

const UPSTREAM_WORDS: Readonly<Record<string, string>> = {
  invalid_request_error: 'the upstream found the request invalid',
  authentication_error: 'the upstream did not accept the credential',
  permission_error: 'the upstream did not permit it',
  billing_error: "the upstream has a problem with the account's billing",
  not_found_error: 'the upstream does not have what was asked for',
  request_too_large: 'the upstream found the request too large',
  rate_limit_error: 'the upstream had too many requests of this account',
  api_error: 'the upstream failed inside',
  timeout_error: 'the upstream took too long by its own account',
  overloaded_error: 'the upstream was overloaded',
};

/** Who is told the story: the words for whose matter something is depend on it. */
export type Listener = 'operator' | 'buyer';

const ELSEWHERE = { upstream: "that is the upstream's fault", gateway: "that is the gateway's fault" } as const;
const FAULT_WORDS: Readonly<Record<Listener, Readonly<Record<Fault, string>>>> = {
  operator: { buyer: 'the buyer can mend that', operator: "that is yours to mend, not the buyer's", ...ELSEWHERE },
  buyer: { buyer: 'that is yours to mend', operator: 'that is for the operator of this gateway to mend', ...ELSEWHERE },
};

/** `insufficient_funds: what it could cost at worst was more than the balance; the buyer can mend that` */
export function errorWords(code: string, listener: Listener = 'operator'): string {
  if (isOurs(code)) return `${code}: ${OUR_WORDS[code]}; ${FAULT_WORDS[listener][ERRORS[code].fault]}`;
  const words = OTHER_WORDS[code] ?? UPSTREAM_WORDS[code];
  if (words !== undefined) return `${code}: ${words}`;
  const status = /^http_(\d{3})$/.exec(code)?.[1];
  return status === undefined ? `${code}, as the upstream calls it` : `the upstream answered ${status} without saying why`;
}

/** Whether official clients were told not to try again. */
export const toldNotToRetry = (code: string): boolean => isOurs(code) && ERRORS[code].shouldRetry === false;

const isOurs = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code);
