/**
 * Passkeys (WebAuthn): discoverable credentials that verify their user, so one signs in without a name, a password or a
 * code. They are bound to the host name that the console is reached by.
 */
import { generateAuthenticationOptions, generateRegistrationOptions, verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server';
import * as net from 'node:net';
import type { Actor } from '../audit/actor.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Db } from '../db/open.ts';
import { prepared } from '../db/prepared.ts';
import { formatPasskeyId } from './auth-ids.ts';
import { concerning, existingLogin, subjectOf } from './logins.ts';
import type { Login } from './logins.ts';

const PRODUCT = 'ainogap';
const PER_LOGIN_MAX = 20;
/** As long as a challenge is good for. */
const TIMEOUT_MS = 5 * 60_000;
/** EdDSA, ES256 and RS256, as IANA's "COSE Algorithms" numbers them: what authenticators have. */
const ALGORITHMS = [-8, -7, -257];

type Options = Record<string, unknown>;
/** A document as the browser made it. */
export type BrowserDocument = Readonly<Record<string, unknown>>;

/** Browsers know passkeys by host names, never by IP addresses. */
export function passkeysPossible(origin: string): boolean {
  return net.isIP(hostOf(origin).replace(/^\[|\]$/g, '')) === 0;
}

const hostOf = (origin: string): string => new URL(origin).hostname;

export interface PasskeyEntry {
  readonly passkeyId: number;
  readonly label: string;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
}

export function listPasskeys(db: Db, loginId: number): PasskeyEntry[] {
  return prepared(db, 'SELECT id AS passkeyId, label, created_at AS createdAt, last_used_at AS lastUsedAt FROM passkeys WHERE login_id = ? ORDER BY id').all(loginId) as PasskeyEntry[];
}

/** What `navigator.credentials.create` is asked with, to add a passkey to the login. */
export async function passkeyCreationOptions(db: Db, { login, origin, challenge }: { readonly login: Login; readonly origin: string; readonly challenge: string }): Promise<Options> {
  const known = prepared(db, 'SELECT credential_id FROM passkeys WHERE login_id = ?', 'pluck').all(login.id) as string[];
  const options = await generateRegistrationOptions({
    rpName: PRODUCT,
    rpID: hostOf(origin),
    userName: login.name,
    userDisplayName: login.name,
    userID: new Uint8Array(login.webauthnUser),
    challenge: Uint8Array.from(Buffer.from(challenge, 'base64url')),
    timeout: TIMEOUT_MS,
    attestationType: 'none',
    excludeCredentials: known.map((id) => ({ id })),
    supportedAlgorithmIDs: ALGORITHMS,
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
  return { ...options };
}

export interface NewCredential {
  readonly credentialId: string;
  readonly publicKey: Buffer;
  readonly counter: number;
  readonly transports: readonly string[];
}

/** Null: the document does not answer this challenge on this origin. */
export async function verifyNewPasskey({ response, challenge, origin }: { readonly response: BrowserDocument; readonly challenge: string; readonly origin: string }): Promise<NewCredential | null> {
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: response as unknown as Parameters<typeof verifyRegistrationResponse>[0]['response'],
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: hostOf(origin),
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    });
    if (!verified) return null;
    const { id, publicKey, counter, transports = [] } = registrationInfo.credential;
    return { credentialId: id, publicKey: Buffer.from(publicKey), counter, transports: transports.filter((word) => /^[a-z-]{1,20}$/.test(word)) };
  } catch {
    // The library throws for every way in which a document can be wrong; it is the client's document.
    return null;
  }
}

export type AddPasskeyOutcome = { readonly kind: 'added'; readonly passkey: PasskeyEntry } | { readonly kind: 'known' } | { readonly kind: 'tooMany'; readonly most: number };

export function addPasskey(db: Db, by: Actor, { loginId, label, credential, now }: { readonly loginId: number; readonly label: string; readonly credential: NewCredential; readonly now: number }): AddPasskeyOutcome {
  const add = db.transaction((): AddPasskeyOutcome => {
    if (prepared(db, 'SELECT 1 FROM passkeys WHERE credential_id = ?').get(credential.credentialId) !== undefined) return { kind: 'known' };
    if (listPasskeys(db, loginId).length >= PER_LOGIN_MAX) return { kind: 'tooMany', most: PER_LOGIN_MAX };
    const { credentialId, publicKey, counter, transports } = credential;
    const { lastInsertRowid } = db
      .prepare('INSERT INTO passkeys(login_id, credential_id, public_key, counter, transports, label, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)')
      .run(loginId, credentialId, publicKey, counter, JSON.stringify(transports), label, now);
    const passkeyId = Number(lastInsertRowid);
    const login = existingLogin(db, loginId);
    recordAudit(db, { at: now, by, action: 'passkey.add', subject: subjectOf(login), ...concerning(login), after: { passkey: formatPasskeyId(passkeyId), label } });
    return { kind: 'added', passkey: { passkeyId, label, createdAt: now, lastUsedAt: null } };
  });
  return add.immediate();
}

/** False: the login has no such passkey. */
export function removePasskey(db: Db, by: Actor, { loginId, passkeyId, now }: { readonly loginId: number; readonly passkeyId: number; readonly now: number }): boolean {
  const remove = db.transaction((): boolean => {
    const passkey = listPasskeys(db, loginId).find((entry) => entry.passkeyId === passkeyId);
    if (passkey === undefined) return false;
    db.prepare('DELETE FROM passkeys WHERE id = ?').run(passkeyId);
    const login = existingLogin(db, loginId);
    recordAudit(db, { at: now, by, action: 'passkey.remove', subject: subjectOf(login), ...concerning(login), before: { passkey: formatPasskeyId(passkeyId), label: passkey.label } });
    return true;
  });
  return remove.immediate();
}

/** What `navigator.credentials.get` is asked with: whichever passkey the browser has for this host. */
export async function passkeyRequestOptions({ origin, challenge }: { readonly origin: string; readonly challenge: string }): Promise<Options> {
  const options = await generateAuthenticationOptions({ rpID: hostOf(origin), challenge: Uint8Array.from(Buffer.from(challenge, 'base64url')), timeout: TIMEOUT_MS, userVerification: 'required' });
  return { ...options };
}

/** A passkey that answered its challenge. */
export interface UsedPasskey {
  readonly passkeyId: number;
  readonly login: Login;
  readonly counterBefore: number;
  readonly counter: number;
}

interface PasskeyRow {
  readonly id: number;
  readonly loginId: number;
  readonly publicKey: Buffer;
  readonly counter: number;
}

/** Null: unknown, of another kind of login, or the document does not answer this challenge on this origin. */
export async function verifyPasskey(
  db: Db,
  { response, challenge, origin, kind }: { readonly response: BrowserDocument; readonly challenge: string; readonly origin: string; readonly kind: Login['kind'] },
): Promise<UsedPasskey | null> {
  const credentialId = response['id'];
  if (typeof credentialId !== 'string') return null;
  const row = prepared(db, 'SELECT id, login_id AS loginId, public_key AS publicKey, counter FROM passkeys WHERE credential_id = ?').get(credentialId) as PasskeyRow | undefined;
  if (row === undefined) return null;
  const login = existingLogin(db, row.loginId);
  if (login.kind !== kind || !isOwner(login, response)) return null;
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: response as unknown as Parameters<typeof verifyAuthenticationResponse>[0]['response'],
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: hostOf(origin),
      credential: { id: credentialId, publicKey: new Uint8Array(row.publicKey), counter: row.counter },
      requireUserVerification: true,
    });
    return verified ? { passkeyId: row.id, login, counterBefore: row.counter, counter: authenticationInfo.newCounter } : null;
  } catch {
    return null;
  }
}

/** A discoverable credential says whose it is, and it must be the one that it was made for. */
function isOwner({ webauthnUser }: Login, response: BrowserDocument): boolean {
  const inner = response['response'] as { readonly userHandle?: unknown } | undefined;
  return inner?.userHandle === undefined || inner.userHandle === null || inner.userHandle === webauthnUser.toString('base64url');
}

/** Notes the use, inside the caller's transaction. False: it was removed or used since it was verified. */
export function notePasskeyUse(db: Db, { passkeyId, counterBefore, counter }: UsedPasskey, now: number): boolean {
  return db.prepare('UPDATE passkeys SET counter = ?, last_used_at = ? WHERE id = ? AND counter = ?').run(counter, now, passkeyId, counterBefore).changes === 1;
}
