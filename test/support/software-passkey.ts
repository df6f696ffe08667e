/**
 * A passkey in software: answers WebAuthn challenges as a browser with a platform authenticator does, with "none"
 * attestation and an ES256 key (W3C Web Authentication Level 2, sections 5.8.1, 6.1 and 6.5.4).
 */
import * as crypto from 'node:crypto';

type Json = Record<string, unknown>;

export interface SoftwarePasskey {
  /** Answers `navigator.credentials.create`. */
  create(options: Json, origin: string): Json;
  /** Answers `navigator.credentials.get`. */
  get(options: Json, origin: string, changes?: { readonly userVerified?: boolean; readonly counter?: number; readonly rpId?: string }): Json;
}

const [PRESENT, VERIFIED, ATTESTED] = [0x01, 0x04, 0x40];
const url64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64url');

export function createSoftwarePasskey(): SoftwarePasskey {
  const { publicKey, privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const id = crypto.randomBytes(32);
  let counter = 0;
  let userHandle: unknown;
  return {
    create({ challenge, rp, user }, origin) {
      userHandle = (user as Json)['id'];
      const { x, y } = publicKey.export({ format: 'jwk' });
      const cose = cborMap([[1, 2], [3, -7], [-1, 1], [-2, Buffer.from(x as string, 'base64url')], [-3, Buffer.from(y as string, 'base64url')]]);
      const length = Buffer.from([0, id.length]);
      const data = Buffer.concat([authenticatorData((rp as Json)['id'] as string, PRESENT | VERIFIED | ATTESTED, counter), Buffer.alloc(16), length, id, cose]);
      const attestation = cborMap([['fmt', 'none'], ['attStmt', new Map<never, never>()], ['authData', data]]);
      const response = { clientDataJSON: clientData('webauthn.create', challenge, origin), attestationObject: url64(attestation), transports: ['internal'] };
      return { id: url64(id), rawId: url64(id), type: 'public-key', clientExtensionResults: {}, response };
    },
    get({ challenge, rpId }, origin, changes = {}) {
      counter = changes.counter ?? counter + 1;
      const flags = PRESENT | (changes.userVerified === false ? 0 : VERIFIED);
      const data = authenticatorData(changes.rpId ?? (rpId as string), flags, counter);
      const clientDataJSON = clientData('webauthn.get', challenge, origin);
      const digest = crypto.createHash('sha256').update(Buffer.from(clientDataJSON, 'base64url')).digest();
      const signature = crypto.sign('sha256', Buffer.concat([data, digest]), privateKey);
      const response = { clientDataJSON, authenticatorData: url64(data), signature: url64(signature), userHandle };
      return { id: url64(id), rawId: url64(id), type: 'public-key', clientExtensionResults: {}, response };
    },
  };
}

function clientData(type: string, challenge: unknown, origin: string): string {
  return url64(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
}

function authenticatorData(rpId: string, flags: number, counter: number): Buffer {
  const count = Buffer.alloc(4);
  count.writeUInt32BE(counter);
  return Buffer.concat([crypto.createHash('sha256').update(rpId).digest(), Buffer.from([flags]), count]);
}

type Cbor = number | string | Buffer | Map<never, never>;

/** The few forms of CBOR (RFC 8949) that such documents need. */
function cborMap(entries: readonly (readonly [number | string, Cbor])[]): Buffer {
  return Buffer.concat([head(5, entries.length), ...entries.flatMap(([key, value]) => [cbor(key), cbor(value)])]);
}

function cbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  return Buffer.isBuffer(value) ? Buffer.concat([head(2, value.length), value]) : head(5, 0);
}

function head(major: number, length: number): Buffer {
  if (length < 24) return Buffer.from([(major << 5) | length]);
  return length < 256 ? Buffer.from([(major << 5) | 24, length]) : Buffer.from([(major << 5) | 25, length >> 8, length & 255]);
}
