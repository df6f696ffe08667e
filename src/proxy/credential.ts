import * as crypto from 'node:crypto';
import { GatewayError } from '../errors.ts';

/** The shape of a buyer's key; what has not this shape is never looked up. */
const KEY = /^rk_[A-Za-z0-9_-]{27,128}$/;

const unauthenticated = (): GatewayError =>
  new GatewayError('unauthenticated', 'Invalid API key. Send the rk_… key you were given as x-api-key or Authorization: Bearer.');

/**
 * The digest (lower-case hex SHA-256) of the one buyer's key among the credentials. Other credentials beside it are
 * dropped, for some clients send both headers; two different keys are refused.
 */
export function keyDigest(credentials: readonly string[]): string {
  let key: string | null = null;
  for (const candidate of credentials) {
    if (!KEY.test(candidate) || candidate === key) continue;
    if (key !== null) throw unauthenticated();
    key = candidate;
  }
  if (key === null) throw unauthenticated();
  return crypto.hash('sha256', key, 'hex');
}

export { unauthenticated };
