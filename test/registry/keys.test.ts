import * as fs from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BuyerId, KeyId } from '../../src/ids.ts';
import { digestKey, generateKey, keyHints, KEY_SHAPE } from '../../src/registry/key-format.ts';
import { createKey, keyById, listKeys, parseKeyLabel, revokeKey, rotateKey } from '../../src/registry/keys.ts';
import { makeBuyer, openScratch } from './scratch.ts';
import type { Scratch } from './scratch.ts';

let scratch: Scratch;
let acme: BuyerId;

beforeEach(() => {
  scratch = openScratch();
  acme = makeBuyer(scratch.db, 'acme');
});
afterEach(() => scratch.remove());

describe('the format of a key', () => {
  it('has a fixed shape and at least 160 secret random bits beyond what is shown of it', () => {
    const key = generateKey();
    expect(key).toMatch(KEY_SHAPE);
    const { prefix, last4 } = keyHints(key);
    const hidden = key.length - prefix.length - last4.length;
    expect(hidden * Math.log2(62)).toBeGreaterThan(160);
  });

  it('draws every digit about equally often', () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 2000; i++) for (const digit of generateKey().slice(3)) counts.set(digit, (counts.get(digit) ?? 0) + 1);
    expect(counts.size).toBe(62);
    // 72,000 draws over 62 digits: 1,161 expected, a standard deviation of 34. Taking bytes modulo 62 would give 8 digits 25% more.
    for (const count of counts.values()) expect(Math.abs(count - 1161)).toBeLessThan(34 * 6);
  });

  it.each(['rk_short', `rk_${'a'.repeat(35)}`, `rk_${'a'.repeat(37)}`, `sk_${'a'.repeat(36)}`, ` rk_${'a'.repeat(36)}`, `rk_${'a'.repeat(35)}-`, `rk_${'a'.repeat(36)}\n`])(
    'does not take %j for a key',
    (text) => expect(text).not.toMatch(KEY_SHAPE),
  );
});

describe('a created key', () => {
  it('is kept as digest, prefix and last four; the secret is in no file of the database', () => {
    const { key, secret } = createKey(scratch.db, { buyerId: acme, label: 'ci' });
    expect(key).toMatchObject({ label: 'ci', buyerName: 'acme', revokedAt: null, prefix: secret.slice(0, 7), last4: secret.slice(-4) });
    const stored = scratch.db.prepare('SELECT digest FROM keys WHERE id = ?').get(key.id) as { digest: Buffer };
    expect(stored.digest.toString('hex')).toBe(digestKey(secret));
    const files = fs.readdirSync(scratch.folder).map((name) => fs.readFileSync(`${scratch.folder}/${name}`));
    const everything = Buffer.concat(files);
    expect(everything.includes(Buffer.from('acme'))).toBe(true);
    expect(everything.includes(Buffer.from(secret))).toBe(false);
    expect(everything.includes(Buffer.from(secret.slice(3, 20)))).toBe(false);
  });

  it.each(['', '   ', 'x'.repeat(65), 'a\nb', 'a\u202eb', 'a\tb'])('does not take the label %j', (label) => {
    expect(parseKeyLabel(label).ok).toBe(false);
  });
});

describe('rotation', () => {
  it('makes a key with the same label and revokes the old one', () => {
    const old = createKey(scratch.db, { buyerId: acme, label: 'prod' }).key;
    const outcome = rotateKey(scratch.db, { buyerId: acme, keyId: null, rotationId: null, now: 5000 });
    if (outcome.kind !== 'rotated') throw new Error(outcome.kind);
    expect(outcome.created.key).toMatchObject({ label: 'prod', revokedAt: null });
    expect(keyById(scratch.db, old.id)).toMatchObject({ revokedAt: 5000, replacedBy: outcome.created.key.id });
  });

  it('changes nothing when its id is repeated, and does not repeat the secret', () => {
    createKey(scratch.db, { buyerId: acme });
    const rotation = { buyerId: acme, keyId: null, rotationId: 'r1' };
    const first = rotateKey(scratch.db, rotation);
    const keys = listKeys(scratch.db);
    const second = rotateKey(scratch.db, rotation);
    if (first.kind !== 'rotated' || second.kind !== 'repeated') throw new Error(`${first.kind}, ${second.kind}`);
    expect(second.key.id).toBe(first.created.key.id);
    expect(JSON.stringify(second)).not.toContain(first.created.secret);
    expect(listKeys(scratch.db)).toEqual(keys);
  });

  it('still answers the repeat after the new key has been rotated away', () => {
    createKey(scratch.db, { buyerId: acme });
    rotateKey(scratch.db, { buyerId: acme, keyId: null, rotationId: 'r1' });
    rotateKey(scratch.db, { buyerId: acme, keyId: null, rotationId: 'r2' });
    expect(rotateKey(scratch.db, { buyerId: acme, keyId: null, rotationId: 'r1' })).toMatchObject({ kind: 'repeated', key: { id: 2 } });
    expect(listKeys(scratch.db)).toHaveLength(3);
  });

  it('refuses an id that another buyer or another key has used', () => {
    const globex = makeBuyer(scratch.db, 'globex');
    const first = createKey(scratch.db, { buyerId: acme }).key;
    const second = createKey(scratch.db, { buyerId: acme }).key;
    createKey(scratch.db, { buyerId: globex });
    rotateKey(scratch.db, { buyerId: acme, keyId: first.id, rotationId: 'r1' });
    expect(rotateKey(scratch.db, { buyerId: globex, keyId: null, rotationId: 'r1' })).toMatchObject({ kind: 'conflict', field: 'buyer' });
    expect(rotateKey(scratch.db, { buyerId: acme, keyId: second.id, rotationId: 'r1' })).toMatchObject({ kind: 'conflict', field: 'key' });
    expect(keyById(scratch.db, second.id)?.revokedAt).toBeNull();
  });

  it('lists the live keys when there are several and none is named', () => {
    const ids = [1, 2].map(() => createKey(scratch.db, { buyerId: acme }).key.id);
    const outcome = rotateKey(scratch.db, { buyerId: acme, keyId: null, rotationId: null });
    expect(outcome.kind === 'severalKeys' && outcome.keys.map(({ id }) => id)).toEqual(ids);
    expect(listKeys(scratch.db).every((key) => key.revokedAt === null)).toBe(true);
  });

  it("does not touch another buyer's key, a revoked key or none", () => {
    const globex = makeBuyer(scratch.db, 'globex');
    const theirs = createKey(scratch.db, { buyerId: globex }).key;
    const rotate = (keyId: KeyId | null): string => rotateKey(scratch.db, { buyerId: acme, keyId, rotationId: null }).kind;
    expect(rotate(theirs.id)).toBe('notFound');
    expect(rotate(null)).toBe('noLiveKey');
    const own = createKey(scratch.db, { buyerId: acme }).key;
    revokeKey(scratch.db, own.id);
    expect(rotate(own.id)).toBe('revoked');
    expect(revokeKey(scratch.db, own.id)).toBe(false);
    expect(keyById(scratch.db, theirs.id)?.revokedAt).toBeNull();
  });
});
