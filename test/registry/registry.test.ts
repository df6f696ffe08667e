import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setBuyerDisabled } from '../../src/registry/buyers.ts';
import { digestKey } from '../../src/registry/key-format.ts';
import { createKey, revokeKey, rotateKey } from '../../src/registry/keys.ts';
import type { AdmitOutcome, Registry } from '../../src/registry/registry.ts';
import { changeRoute, createRoute, deleteRoute } from '../../src/registry/routes.ts';
import { openRegistry } from '../../src/registry/sqlite.ts';
import type { BuyerId } from '../../src/ids.ts';
import { aliasOf, cardTimes, makeBuyer, openScratch } from './scratch.ts';
import type { Scratch } from './scratch.ts';

let scratch: Scratch;
let registry: Registry;
let acme: BuyerId;
let secret: string;

beforeEach(() => {
  scratch = openScratch();
  acme = makeBuyer(scratch.db, 'acme');
  secret = createKey(scratch.db, { buyerId: acme }).secret;
  createRoute(scratch.db, { alias: aliasOf('fast'), upstream: 'anthropic', card: cardTimes('0.8') });
  registry = openRegistry(scratch.file);
});

afterEach(() => {
  registry.close();
  scratch.remove();
});

const admit = (key: string = secret, alias = 'fast'): AdmitOutcome => registry.admit(digestKey(key), alias);

function admitted(outcome: AdmitOutcome): Extract<AdmitOutcome, { kind: 'admitted' }>['admission'] {
  if (outcome.kind !== 'admitted') throw new Error(`expected admitted, got ${outcome.kind}`);
  return outcome.admission;
}

describe('admission', () => {
  it('gives key, buyer, route, card and generation for a live key and an open route', () => {
    const { route, buyerId, generation } = admitted(admit());
    expect(buyerId).toBe(acme);
    expect(route).toMatchObject({ alias: 'fast', upstream: 'anthropic', holdOutputTokens: null });
    expect(route.card.byName.get('claude-opus-4-6')?.prices).toEqual({
      input: 4_000_000n,
      output: 20_000_000n,
      cacheWrite5m: 5_000_000n,
      cacheWrite1h: 8_000_000n,
      cacheRead: 400_000n,
    });
    expect(generation).toBeGreaterThan(0);
  });

  it.each([
    ['a key that was never made', () => digestKey(`rk_${'0'.repeat(36)}`)],
    ['the start of a real digest', () => digestKey(secret).slice(0, 32)],
    ['the digest in upper case', () => digestKey(secret).toUpperCase()],
    ['the key itself in place of its digest', () => secret],
    ['nothing', () => ''],
  ])('answers unauthenticated to %s', (_what, digest) => {
    expect(registry.admit(digest(), 'fast')).toEqual({ kind: 'unauthenticated' });
  });

  it('authenticates before it looks at routes: a bad key learns nothing of them', () => {
    expect(admit(`rk_${'0'.repeat(36)}`, 'no-such-route')).toEqual({ kind: 'unauthenticated' });
    expect(admit(secret, 'no-such-route')).toMatchObject({ kind: 'noRoute', buyerId: acme });
  });

  it('refuses a revoked key at once, on a connection that was open before', () => {
    const { keyId } = admitted(admit());
    expect(revokeKey(scratch.db, keyId)).toBe(true);
    expect(admit()).toEqual({ kind: 'unauthenticated' });
  });

  it('refuses the old key after a rotation and takes the new one', () => {
    const outcome = rotateKey(scratch.db, { buyerId: acme, keyId: null, rotationId: null });
    if (outcome.kind !== 'rotated') throw new Error(outcome.kind);
    expect(admit()).toEqual({ kind: 'unauthenticated' });
    expect(admit(outcome.created.secret).kind).toBe('admitted');
  });

  it("refuses a disabled buyer's keys, and takes them again once it is enabled", () => {
    setBuyerDisabled(scratch.db, acme, 1);
    expect(admit()).toEqual({ kind: 'unauthenticated' });
    setBuyerDisabled(scratch.db, acme, null);
    expect(admit().kind).toBe('admitted');
  });

  it('hides a route from buyers that it does not name', () => {
    const globex = makeBuyer(scratch.db, 'globex');
    const theirs = createKey(scratch.db, { buyerId: globex }).secret;
    createRoute(scratch.db, { alias: aliasOf('private'), upstream: 'anthropic', card: cardTimes('1'), buyers: [globex] });
    expect(admit(theirs, 'private').kind).toBe('admitted');
    expect(admit(secret, 'private').kind).toBe('noRoute');
    changeRoute(scratch.db, aliasOf('private'), () => ({ buyers: null }));
    expect(admit(secret, 'private').kind).toBe('admitted');
  });

  it('forgets a deleted route, and gives the alias to a new one with its own card', () => {
    const before = admitted(admit()).route;
    deleteRoute(scratch.db, 'fast');
    expect(admit().kind).toBe('noRoute');
    createRoute(scratch.db, { alias: aliasOf('fast'), upstream: 'other', card: cardTimes('2') });
    const after = admitted(admit()).route;
    expect(after.id).not.toBe(before.id);
    expect(after.upstream).toBe('other');
    expect(after.card.version).not.toBe(before.card.version);
  });

  it('prices by the new card after a change, and parses each version once', () => {
    const first = admitted(admit()).route.card;
    expect(admitted(admit()).route.card).toBe(first);
    changeRoute(scratch.db, aliasOf('fast'), () => ({ card: cardTimes('1') }));
    const second = admitted(admit()).route.card;
    expect(second.version).toBeGreaterThan(first.version);
    expect(second.byName.get('claude-opus-4-6')?.prices.input).toBe(5_000_000n);
    expect(first.byName.get('claude-opus-4-6')?.prices.input).toBe(4_000_000n);
  });
});

describe('the generation', () => {
  const generation = (key: string = secret): number => admitted(admit(key)).generation;

  it.each<[string, () => void]>([
    ['a new key', () => void createKey(scratch.db, { buyerId: acme })],
    ['a new buyer', () => void makeBuyer(scratch.db, 'other')],
    ['a disabled buyer', () => void setBuyerDisabled(scratch.db, makeBuyer(scratch.db, 'other'), 1)],
    ['a new route', () => void createRoute(scratch.db, { alias: aliasOf('slow'), upstream: 'anthropic', card: cardTimes('1') })],
    ['a change of prices', () => void changeRoute(scratch.db, aliasOf('fast'), () => ({ card: cardTimes('3') }))],
    ['a change of the hold', () => void changeRoute(scratch.db, aliasOf('fast'), () => ({ holdOutputTokens: 100 }))],
    ['a change of the permitted buyers', () => void changeRoute(scratch.db, aliasOf('fast'), () => ({ buyers: [acme] }))],
  ])('grows with %s', (_what, change) => {
    const before = generation();
    change();
    expect(generation()).toBeGreaterThan(before);
  });

  it('stays when a change changes nothing', () => {
    const before = generation();
    const outcome = changeRoute(scratch.db, aliasOf('fast'), () => ({ card: cardTimes('0.8'), upstream: 'anthropic', buyers: null }));
    expect(outcome.kind).toBe('unchanged');
    expect(generation()).toBe(before);
  });
});
