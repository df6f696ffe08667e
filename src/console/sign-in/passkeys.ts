/** Passkeys by the browser's own dialogs. */
import { browserSupportsWebAuthn, startAuthentication, startRegistration } from '@simplewebauthn/browser';
import type { Passkey, PasskeyChallenge, SignedIn } from '../../api/schemas/sign-in.ts';
import { send, type Item } from '../api-client.ts';
import type { Kind } from '../console-places.ts';

/** Browsers know passkeys by host names only, never by addresses. */
export function passkeysPossibleHere(): boolean {
  const { hostname } = window.location;
  return browserSupportsWebAuthn() && !hostname.startsWith('[') && !/^[\d.]+$/.test(hostname);
}

export async function signInWithPasskey(kind: Kind): Promise<void> {
  const { item } = await send<Item<PasskeyChallenge>>('POST', `/${kind}/login/passkey/options`, {});
  const response = await startAuthentication({ optionsJSON: item.options as unknown as Parameters<typeof startAuthentication>[0]['optionsJSON'] });
  await send<Item<SignedIn>>('POST', `/${kind}/login/passkey`, { challengeId: item.challengeId, response, transport: 'cookie' });
}

export async function addPasskey(kind: Kind, label: string, password: string): Promise<void> {
  const { item } = await send<Item<PasskeyChallenge>>('POST', `/${kind}/passkeys/options`, { password });
  const response = await startRegistration({ optionsJSON: item.options as unknown as Parameters<typeof startRegistration>[0]['optionsJSON'] });
  await send<Item<Passkey>>('POST', `/${kind}/passkeys`, { challengeId: item.challengeId, label, response });
}
