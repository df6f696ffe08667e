/** Upstream answers that are the operator's problem: they become a 502 that does not blame the buyer. */
import { GatewayError } from '../errors.ts';

/** What the buyer is told instead of the upstream's answer, or null: pass it on. */
export function operatorsFault(status: number, body: Buffer): GatewayError | null {
  if (status >= 300 && status < 400)
    return new GatewayError('upstream_redirect', 'The upstream answered with a redirect, which is never followed. The operator has been told.');
  if (status === 401 || status === 403 || status === 402 || (status === 400 && isCreditTooLow(body)))
    return new GatewayError('upstream_credential', 'The gateway could not use its upstream account. This is not your fault; the operator has been told.');
  return null;
}

/** By how the error's message begins: the words alone could be the buyer's own, repeated by the upstream. */
function isCreditTooLow(body: Buffer): boolean {
  try {
    const document = JSON.parse(body.toString('utf8')) as { error?: { message?: unknown } } | null;
    const message = document?.error?.message;
    return typeof message === 'string' && message.startsWith('Your credit balance is too low');
  } catch {
    return false;
  }
}
