/**
 * Passwords at rest: `scrypt$N$r$p$salt$hash`. N = 2^15, r = 8, p = 3 is one of the settings that OWASP's "Password
 * Storage Cheat Sheet" gives: 32 MB of memory and about 0.2 s of one core each time.
 */
import * as crypto from 'node:crypto';

interface Parameters {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}
const CURRENT: Parameters = { N: 2 ** 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Hashes wait for each other: one core and 32 MB are what a flood of sign-ins can take. */
const WAITING_MAX = 32;

/** Too many passwords wait to be checked; nothing was computed. */
export class HasherBusy extends Error {
  constructor() {
    super('too many passwords wait to be checked');
    this.name = 'HasherBusy';
  }
}

export interface Verified {
  readonly ok: boolean;
  /** The same password under the parameters of now, where it was kept under others; else null. */
  readonly renewed: string | null;
}

export interface PasswordHasher {
  /** Throws `HasherBusy`. */
  hash(password: string): Promise<string>;
  /** `stored` null: computes as much and says no. Throws `HasherBusy`. */
  verify(password: string, stored: string | null): Promise<Verified>;
}

/** `derive` is scrypt itself, one call for one hash; tests count the calls. */
export function createPasswordHasher(derive: typeof scrypt = scrypt): PasswordHasher {
  const inTurn = createTurns();
  const absent = format(CURRENT, crypto.randomBytes(SALT_BYTES), crypto.randomBytes(HASH_BYTES));
  const hashNow = async (password: string): Promise<string> => {
    const salt = crypto.randomBytes(SALT_BYTES);
    return format(CURRENT, salt, await derive(password, salt, CURRENT));
  };
  return {
    hash: (password) => inTurn(() => hashNow(password)),
    verify: (password, stored) =>
      inTurn(async () => {
        const { parameters, salt, hash } = parse(stored ?? absent);
        const ok = crypto.timingSafeEqual(await derive(password, salt, parameters), hash) && stored !== null;
        return { ok, renewed: ok && !isCurrent(parameters) ? await hashNow(password) : null };
      }),
  };
}

/** Passwords are compared as typed on any keyboard: composed Unicode. */
export function scrypt(password: string, salt: Buffer, { N, r, p }: Parameters): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    crypto.scrypt(password.normalize('NFKC'), salt, HASH_BYTES, { N, r, p, maxmem: 256 * N * r }, (error, hash) => (error === null ? resolve(hash) : reject(error)));
  });
}

/** One at a time, in the order of asking. */
function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async (work) => {
    if (waiting > WAITING_MAX) throw new HasherBusy();
    waiting++;
    const turn = last.then(work);
    last = turn.then(
      () => undefined,
      () => undefined,
    );
    try {
      return await turn;
    } finally {
      waiting--;
    }
  };
}

const isCurrent = ({ N, r, p }: Parameters): boolean => N === CURRENT.N && r === CURRENT.r && p === CURRENT.p;

function format({ N, r, p }: Parameters, salt: Buffer, hash: Buffer): string {
  return ['scrypt', N, r, p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

function parse(stored: string): { readonly parameters: Parameters; readonly salt: Buffer; readonly hash: Buffer } {
  const match = /^scrypt\$(\d{1,8})\$(\d{1,2})\$(\d{1,2})\$([\w-]+)\$([\w-]{43})$/.exec(stored);
  if (match === null) throw new Error('a stored password has a form that this program does not know');
  const [, N, r, p, salt, hash] = match as unknown as [string, string, string, string, string, string];
  return { parameters: { N: Number(N), r: Number(r), p: Number(p) }, salt: Buffer.from(salt, 'base64url'), hash: Buffer.from(hash, 'base64url') };
}
