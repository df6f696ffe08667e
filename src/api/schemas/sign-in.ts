/** Signing in, sessions and second factors: the same for buyers and admins. */
import { z } from '@hono/zod-openapi';
import { time } from './parts.ts';

/** `cookie`: for the pages; the answer carries no token. `token`: for programs, sent as `Authorization: Bearer`. */
const transport = z.enum(['token', 'cookie']).default('token');
export const password = z.string().min(1).max(1000);
const name = z.string().min(1).max(64);
/** Six digits of an authenticator, or a recovery code. */
const code = z.string().min(6).max(32);

export const loginBody = z.strictObject({ name, password, code: code.optional(), transport });
export const inviteCheckBody = z.strictObject({ token: z.string().min(20).max(100) });
export const inviteAcceptBody = z.strictObject({ token: z.string().min(20).max(100), password, transport });
export const passwordBody = z.strictObject({ currentPassword: password, newPassword: password });
export const passwordOnlyBody = z.strictObject({ password });
export const totpConfirmBody = z.strictObject({ code });
/** WebAuthn's own documents pass as they are; @simplewebauthn checks them. */
const webauthn = z.record(z.string(), z.unknown());
export const passkeyLoginBody = z.strictObject({ challengeId: z.string().max(100), response: webauthn, transport });
export const passkeyOptionsBody = z.strictObject({ password });
export const passkeyAddBody = z.strictObject({ challengeId: z.string().max(100), label: z.string().min(1).max(64), response: webauthn });

export const signedIn = z
  .object({
    name: z.string(),
    sessionToken: z.string().nullable().openapi({ description: 'Shown once; null when the session travels in a cookie.' }),
    expiresAt: time,
  })
  .openapi('SignedIn');

export const invitation = z
  .object({ name: z.string(), kind: z.enum(['buyer', 'admin']), reset: z.boolean(), expiresAt: time })
  .openapi('Invitation');

export const passkeyChallenge = z.object({ challengeId: z.string(), options: webauthn }).openapi('PasskeyChallenge');

export const session = z
  .object({
    sessionId: z.string().openapi({ example: 'session_12' }),
    current: z.boolean(),
    transport: z.enum(['token', 'cookie']),
    method: z.string(),
    address: z.string().nullable(),
    userAgent: z.string().nullable(),
    createdAt: time,
    lastSeenAt: time,
    expiresAt: time,
  })
  .openapi('Session');

/** How many ended by this request. */
export const endedSessions = z.object({ ended: z.int() }).openapi('EndedSessions');

export const passkey = z
  .object({ passkeyId: z.string().openapi({ example: 'passkey_2' }), label: z.string(), createdAt: time, lastUsedAt: time.nullable() })
  .openapi('Passkey');

export const security = z
  .object({
    passwordChangedAt: time.nullable(),
    totp: z.boolean(),
    recoveryCodesLeft: z.int(),
    passkeys: z.array(passkey),
    /** Browsers know passkeys by names only, never by IP addresses. */
    passkeysPossible: z.boolean(),
  })
  .openapi('Security');

export const totpSecret = z.object({ secret: z.string(), uri: z.string() }).openapi('TotpSecret');
export const recoveryCodes = z.object({ recoveryCodes: z.array(z.string()) }).openapi('RecoveryCodes');

export type SignedIn = z.output<typeof signedIn>;
export type Invitation = z.output<typeof invitation>;
export type Session = z.output<typeof session>;
export type EndedSessions = z.output<typeof endedSessions>;
export type Passkey = z.output<typeof passkey>;
export type Security = z.output<typeof security>;
export type TotpSecret = z.output<typeof totpSecret>;
export type RecoveryCodes = z.output<typeof recoveryCodes>;
export type PasskeyChallenge = z.output<typeof passkeyChallenge>;
