import { TOTP } from 'otpauth';

/** What an authenticator with this secret (base32) shows at a time in Unix milliseconds. */
export function codeAt(secret: string, now: number): string {
  return new TOTP({ secret, algorithm: 'SHA1', digits: 6, period: 30 }).generate({ timestamp: now });
}
