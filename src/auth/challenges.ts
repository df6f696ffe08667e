/** What passkeys have to sign: random, kept in memory for five minutes, good for one answer. */
import * as crypto from 'node:crypto';
import { networkOf } from './back-off.ts';
import type { LoginKind } from './logins.ts';

const LIFE_MS = 5 * 60_000;
const ALL_MAX = 10_000;
const ADDRESS_MAX = 20;

/** What the challenge was given for; it is good for nothing else. */
export type Purpose = { readonly use: 'signIn'; readonly kind: LoginKind } | { readonly use: 'add'; readonly loginId: number; readonly sessionId: number };

export interface Challenge {
  readonly challengeId: string;
  /** base64url. */
  readonly challenge: string;
}

export interface Challenges {
  /** The oldest go when there are too many, of this address or of all. */
  give(purpose: Purpose, from: { readonly address: string; readonly now: number }): Challenge;
  /** The challenge, once; null when it is unknown, used, too old, or was given for another purpose. */
  take(challengeId: string, purpose: Purpose, now: number): string | null;
}

interface Given {
  readonly challenge: string;
  readonly purpose: string;
  readonly place: string;
  readonly until: number;
}

export function createChallenges(): Challenges {
  // Both in the order of giving.
  const given = new Map<string, Given>();
  const byPlace = new Map<string, Set<string>>();
  const drop = (id: string): Given | undefined => {
    const entry = given.get(id);
    if (entry === undefined) return undefined;
    given.delete(id);
    const ids = byPlace.get(entry.place);
    ids?.delete(id);
    if (ids?.size === 0) byPlace.delete(entry.place);
    return entry;
  };
  const dropOldest = (ids: Iterable<string>): void => {
    for (const id of ids) return void drop(id);
  };
  return {
    give(purpose, { address, now }) {
      const [challengeId, challenge] = [crypto.randomBytes(18).toString('base64url'), crypto.randomBytes(32).toString('base64url')];
      const place = networkOf(address);
      const ids = byPlace.get(place) ?? new Set<string>();
      byPlace.set(place, ids.add(challengeId));
      given.set(challengeId, { challenge, purpose: wordOf(purpose), place, until: now + LIFE_MS });
      if (ids.size > ADDRESS_MAX) dropOldest(ids);
      if (given.size > ALL_MAX) dropOldest(given.keys());
      return { challengeId, challenge };
    },
    take(challengeId, purpose, now) {
      const entry = drop(challengeId);
      if (entry === undefined || entry.until <= now || entry.purpose !== wordOf(purpose)) return null;
      return entry.challenge;
    },
  };
}

const wordOf = (purpose: Purpose): string => (purpose.use === 'signIn' ? `signIn ${purpose.kind}` : `add ${purpose.loginId} ${purpose.sessionId}`);
