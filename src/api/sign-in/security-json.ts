import { formatPasskeyId } from '../../auth/auth-ids.ts';
import { existingLogin } from '../../auth/logins.ts';
import { listPasskeys, passkeysPossible } from '../../auth/passkeys.ts';
import type { PasskeyEntry } from '../../auth/passkeys.ts';
import { recoveryCodesLeft } from '../../auth/recovery-codes.ts';
import type { Db } from '../../db/open.ts';
import { isoTime } from '../../documents/iso-time.ts';
import type { Passkey, Security } from '../schemas/sign-in.ts';

/** How a login is secured. `origin`: where its pages are reached. */
export function securityJson(db: Db, { loginId, origin }: { readonly loginId: number; readonly origin: string }): Security {
  const { passwordAt, totpConfirmedAt } = existingLogin(db, loginId);
  return {
    passwordChangedAt: passwordAt === null ? null : isoTime(passwordAt),
    totp: totpConfirmedAt !== null,
    recoveryCodesLeft: recoveryCodesLeft(db, loginId),
    passkeys: listPasskeys(db, loginId).map(passkeyJson),
    passkeysPossible: passkeysPossible(origin),
  };
}

export function passkeyJson({ passkeyId, label, createdAt, lastUsedAt }: PasskeyEntry): Passkey {
  return { passkeyId: formatPasskeyId(passkeyId), label, createdAt: isoTime(createdAt), lastUsedAt: lastUsedAt === null ? null : isoTime(lastUsedAt) };
}
