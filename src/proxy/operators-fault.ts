/** Upstream answers that are the operator's problem: they become a 502 that does not blame the buyer. */
import { GatewayError } from '../errors.ts';

/** What the buyer is told instead of the upstream's answer, or null: pass it on. */
export function operatorsFault(status: number, body: Buffer): GatewayError | null {
  if (status >= 300 && status < 400)
    return new GatewayError('upstream_redirect', 'The upstream answered with a redirect, which is never followed. The operator has been told.');
  if (status === 401 || status === 403 || status === 402 || (status === 400 && body.includes('credit balance is too low')))
    return new GatewayError('upstream_credential', 'The gateway could not use its upstream account. This is not your fault; the operator has been told.');
  return null;
}
