/**
 * How often one may fail to sign in. Three things are counted, in memory:
 *
 * | what                        | fails freely | then each failure locks it for                |
 * | --------------------------- | ------------ | --------------------------------------------- |
 * | an account from one address | 4 times      | 2 s from the 5th on, doubling up to 15 min    |
 * | an account from anywhere    | 49 times     | 2 s from the 50th on, doubling up to 15 min   |
 * | an address, at any account  | 19 times     | 2 s from the 20th on, doubling up to 15 min   |
 *
 * An account is a kind and a name, whether there is such a one or not; an address is an IPv4 address, or the /64 of an
 * IPv6 address. Attempts under way count as failures until they turn out well, so that a thousand at once are not a
 * thousand guesses. A success forgets the account's own counts, not the address's: whoever has one account could else
 * guess at others for ever. Counts are forgotten an hour after the last failure, or when 10,000 newer ones came.
 */
import { foldName } from './logins.ts';
import type { LoginKind } from './logins.ts';

const PAIR_FAILURES = 5;
const ACCOUNT_FAILURES = 50;
const ADDRESS_FAILURES = 20;
const FIRST_MS = 2_000;
const LONGEST_MS = 15 * 60_000;
const FORGOTTEN_MS = 60 * 60_000;
const ENTRIES_MAX = 10_000;

export interface Claim {
  readonly kind: LoginKind;
  /** As it was typed. Null where the account is not known beforehand: a passkey, an invitation. */
  readonly name: string | null;
  readonly address: string;
  readonly now: number;
}

/** One attempt that was let through. It must be ended by one of these. */
export interface Attempt {
  /** Returns what this failure locked, and for how long. */
  failed(): { readonly account: boolean; readonly address: boolean; readonly seconds: number } | null;
  succeeded(): void;
  /** Nothing was learnt by it: it counts neither way. */
  withdrawn(): void;
}

export type Admittance = { readonly ok: true; readonly attempt: Attempt } | { readonly ok: false; readonly retryAfterSeconds: number };

export interface BackOff {
  begin(claim: Claim): Admittance;
}

interface Count {
  failures: number;
  underWay: number;
  lockedUntil: number;
  last: number;
}

interface Counted {
  readonly table: CountTable;
  readonly key: string;
  readonly free: number;
  readonly ofAccount: boolean;
}

export function createBackOff(): BackOff {
  const [pairs, accounts, addresses] = [new CountTable(), new CountTable(), new CountTable()];
  const countedBy = ({ kind, name, address }: Claim): Counted[] => {
    const place = networkOf(address);
    const byAddress: Counted = { table: addresses, key: place, free: ADDRESS_FAILURES, ofAccount: false };
    if (name === null) return [byAddress];
    const account = `${kind}:${foldName(name)}`;
    const byPair: Counted = { table: pairs, key: `${account}\n${place}`, free: PAIR_FAILURES, ofAccount: true };
    return [byPair, { table: accounts, key: account, free: ACCOUNT_FAILURES, ofAccount: true }, byAddress];
  };
  return {
    begin(claim) {
      const counted = countedBy(claim);
      const waitMs = Math.max(...counted.map(({ table, key, free }) => table.waitMs(key, free, claim.now)));
      if (waitMs > 0) return { ok: false, retryAfterSeconds: Math.ceil(waitMs / 1000) };
      for (const { table, key } of counted) table.enter(key, claim.now);
      return { ok: true, attempt: attemptOf(counted, claim.now) };
    },
  };
}

function attemptOf(counted: readonly Counted[], now: number): Attempt {
  let ended = false;
  const once = (): void => {
    if (ended) throw new Error('an attempt to sign in ended twice');
    ended = true;
    for (const { table, key } of counted) table.leave(key);
  };
  return {
    failed() {
      once();
      const locks = counted.map(({ table, key, free, ofAccount }) => ({ ofAccount, ms: table.fail(key, free, now) })).filter(({ ms }) => ms > 0);
      if (locks.length === 0) return null;
      return { account: locks.some(({ ofAccount }) => ofAccount), address: locks.some(({ ofAccount }) => !ofAccount), seconds: Math.max(...locks.map(({ ms }) => ms)) / 1000 };
    },
    succeeded() {
      once();
      for (const { table, key, ofAccount } of counted) if (ofAccount) table.forget(key);
    },
    withdrawn: once,
  };
}

/** The least recently touched go first when there are too many. */
class CountTable {
  readonly #counts = new Map<string, Count>();

  /** How long this one has to wait: until its lock ends, or, where guesses under way fill what is free, a moment. */
  waitMs(key: string, free: number, now: number): number {
    const count = this.#read(key, now);
    if (count === undefined) return 0;
    if (count.lockedUntil > now) return count.lockedUntil - now;
    // After a lock one guess at a time is let through.
    const left = Math.max(1, free - count.failures);
    return count.underWay >= left ? FIRST_MS : 0;
  }

  enter(key: string, now: number): void {
    const count = this.#read(key, now) ?? { failures: 0, underWay: 0, lockedUntil: 0, last: now };
    count.underWay++;
    this.#keep(key, count);
  }

  leave(key: string): void {
    const count = this.#counts.get(key);
    if (count === undefined) return;
    count.underWay = Math.max(0, count.underWay - 1);
    if (count.underWay === 0 && count.failures === 0) this.#counts.delete(key);
  }

  /** Returns for how long it is locked from now on. */
  fail(key: string, free: number, now: number): number {
    const count = this.#read(key, now) ?? { failures: 0, underWay: 0, lockedUntil: 0, last: now };
    count.failures++;
    count.last = now;
    const ms = count.failures < free ? 0 : Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(30, count.failures - free));
    if (ms > 0) count.lockedUntil = Math.max(count.lockedUntil, now + ms);
    this.#keep(key, count);
    return ms;
  }

  forget(key: string): void {
    const count = this.#counts.get(key);
    if (count === undefined) return;
    if (count.underWay === 0) this.#counts.delete(key);
    else count.failures = count.lockedUntil = 0;
  }

  #read(key: string, now: number): Count | undefined {
    const count = this.#counts.get(key);
    if (count !== undefined && count.underWay === 0 && now - count.last > FORGOTTEN_MS) {
      this.#counts.delete(key);
      return undefined;
    }
    return count;
  }

  #keep(key: string, count: Count): void {
    this.#counts.delete(key);
    this.#counts.set(key, count);
    if (this.#counts.size <= ENTRIES_MAX) return;
    const oldest = this.#counts.keys().next();
    if (oldest.done !== true) this.#counts.delete(oldest.value);
  }
}

/** An IPv4 address as it is, one written as IPv6 too; of IPv6 the first 64 bits, for whoever has one address has all of those. */
export function networkOf(address: string): string {
  const text = address.split('%')[0] ?? '';
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text);
  if (mapped !== null) return mapped[1] as string;
  if (!text.includes(':')) return text;
  const [head, tail] = text.split('::', 2) as [string, string | undefined];
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return `${[...left, ...zeros, ...right].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
