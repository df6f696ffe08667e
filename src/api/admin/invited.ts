/** From an invitation to the link that is shown once. */
import { isoTime } from '../../documents/iso-time.ts';
import { InviteRefusal, type NewInvite } from '../../auth/invites.ts';
import { ApiError } from '../api-error.ts';
import type { Changed } from '../change.ts';

/** `page`: where the link leads, such as `https://gateway.example.com/console/invite`. Refusals become `conflict`. */
export function invited(page: string, invite: () => NewInvite): Changed {
  try {
    const { name, token, expiresAt, reset } = invite();
    const made = { name, expiresAt: isoTime(expiresAt), reset };
    return { status: 201, body: { item: { ...made, url: `${page}#${token}` } }, replay: { item: { ...made, url: null } } };
  } catch (error) {
    if (!(error instanceof InviteRefusal)) throw error;
    throw new ApiError('conflict', error.message.charAt(0).toUpperCase() + error.message.slice(1));
  }
}
