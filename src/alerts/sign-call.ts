/**
 * A call's signature, so that its receiver knows who sent it and when: HMAC-SHA-256 (RFC 2104) over the timestamp, a
 * full stop and the body. The timestamp is that of the attempt, so that a receiver can refuse old ones.
 */
import { createHmac } from 'node:crypto';

/** The value of `x-ainogap-signature`. `timestamp`: Unix seconds, as in `x-ainogap-timestamp`. */
export function signCall(secret: string, { timestamp, body }: { timestamp: number; body: string }): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}
