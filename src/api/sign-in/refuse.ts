import type { Refusal } from '../../auth/sign-in.ts';
import type { WeakPassword } from '../../auth/password-strength.ts';
import { ApiError } from '../api-error.ts';

const BUSY_SECONDS = 2;

/** A refusal of sign-in as the API answers it. `wrong`: what to say when the secret was not right. */
export function refusalError(refusal: Refusal, wrong: string): ApiError {
  switch (refusal.kind) {
    case 'wrong':
      return new ApiError('invalid_credentials', wrong);
    case 'wrongCode':
      return new ApiError('invalid_credentials', 'The code is not right, or it was used before.', { details: { field: 'code' } });
    case 'secondFactor':
      return new ApiError('second_factor_required', 'Give the code of your authenticator, or a recovery code, as `code`.', { details: { methods: ['totp', 'recovery_code'] } });
    case 'locked': {
      const seconds = refusal.retryAfterSeconds;
      return new ApiError('too_many_attempts', `Too many attempts failed. Try again in ${inWords(seconds)}.`, { retryAfterSeconds: seconds, details: { retryAfterSeconds: seconds } });
    }
    case 'busy':
      return new ApiError('too_many_attempts', 'Too many are signing in at this moment. Try again in a few seconds.', { retryAfterSeconds: BUSY_SECONDS, details: { retryAfterSeconds: BUSY_SECONDS } });
  }
}

function inWords(seconds: number): string {
  if (seconds < 100) return seconds === 1 ? '1 second' : `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}

export function weakPasswordError({ reason, suggestions }: WeakPassword): ApiError {
  return new ApiError('weak_password', [reason, ...suggestions].join(' '), { details: { reason, suggestions } });
}
