import { describe, expect, it } from 'vitest';
import { createChallenges } from '../../src/auth/challenges.ts';

const NOW = 1_800_000_000_000;
const SIGN_IN = { use: 'signIn', kind: 'buyer' } as const;
const from = (address = '192.0.2.1') => ({ address, now: NOW });

describe('a challenge', () => {
  it('is good for one answer, even a wrong one', () => {
    const challenges = createChallenges();
    const { challengeId, challenge } = challenges.give(SIGN_IN, from());
    expect(challenges.take(challengeId, SIGN_IN, NOW)).toBe(challenge);
    expect(challenges.take(challengeId, SIGN_IN, NOW)).toBeNull();
  });

  it('lasts for five minutes', () => {
    const challenges = createChallenges();
    const [young, old] = [challenges.give(SIGN_IN, from()), challenges.give(SIGN_IN, from())];
    expect(challenges.take(young.challengeId, SIGN_IN, NOW + 299_999)).not.toBeNull();
    expect(challenges.take(old.challengeId, SIGN_IN, NOW + 300_000)).toBeNull();
  });

  it('serves only the purpose, the kind, the login and the session that it was given for', () => {
    const challenges = createChallenges();
    const add = { use: 'add', loginId: 1, sessionId: 2 } as const;
    for (const other of [SIGN_IN, { use: 'signIn', kind: 'admin' } as const, { ...add, loginId: 2 }, { ...add, sessionId: 3 }])
      expect(challenges.take(challenges.give(add, from()).challengeId, other, NOW)).toBeNull();
    expect(challenges.take(challenges.give(SIGN_IN, from()).challengeId, { use: 'signIn', kind: 'admin' }, NOW)).toBeNull();
  });

  it('goes when its address asks for twenty more, and another address does not push it out', () => {
    const challenges = createChallenges();
    const first = challenges.give(SIGN_IN, from());
    for (let i = 0; i < 500; i++) challenges.give(SIGN_IN, from('198.51.100.1'));
    const more = Array.from({ length: 20 }, () => challenges.give(SIGN_IN, from()));
    expect(challenges.take(first.challengeId, SIGN_IN, NOW)).toBeNull();
    expect(challenges.take(more[0]?.challengeId ?? '', SIGN_IN, NOW)).not.toBeNull();
  });

  it('goes when there are ten thousand newer ones', () => {
    const challenges = createChallenges();
    const first = challenges.give(SIGN_IN, from());
    for (let i = 0; i < 10_000; i++) challenges.give(SIGN_IN, from(`10.0.${i >> 8}.${i & 255}`));
    expect(challenges.take(first.challengeId, SIGN_IN, NOW)).toBeNull();
  });
});
