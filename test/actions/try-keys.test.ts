import { afterEach, beforeEach, expect, it } from 'vitest';
import { createKey } from '../../src/actions/create-key.ts';
import { rotateKey } from '../../src/actions/rotate-key.ts';
import { createTryKey, endAllTryKeys, endTryKey } from '../../src/actions/try-keys.ts';
import type { Db } from '../../src/db/open.ts';
import type { BuyerId } from '../../src/ids.ts';
import { digestKey } from '../../src/registry/key-format.ts';
import { keyById, listKeys } from '../../src/registry/keys.ts';
import { openRegistry } from '../../src/registry/sqlite.ts';
import { createLiveReader } from '../../src/reports/live/live-reader.ts';
import { aliasOf, cardTimes, makeBuyer, openScratch, type Scratch } from '../registry/scratch.ts';
import { createRoute } from '../../src/actions/create-route.ts';
import { auditOf, EVA, NOW } from './acting.ts';

let scratch: Scratch;
let db: Db;
let buyerId: BuyerId;
beforeEach(() => {
  scratch = openScratch();
  db = scratch.db;
  buyerId = makeBuyer(db, 'acme');
});
afterEach(() => scratch.remove());

it('works for a request until it is ended', () => {
  createRoute(db, EVA, { alias: aliasOf('fast'), upstream: 'anthropic', card: cardTimes('1'), now: NOW });
  const registry = openRegistry(scratch.file);
  const made = createTryKey(db, { buyerId, now: NOW });
  const admit = () => registry.admit(digestKey(made.secret), aliasOf('fast')).kind;
  expect(admit()).toBe('admitted');
  expect(endTryKey(db, made.key.id, NOW)).toBe(true);
  expect(endTryKey(db, made.key.id, NOW)).toBe(false);
  expect(admit()).not.toBe('admitted');
  registry.close();
});

it('is in no list, but can be named by its id', () => {
  const own = createKey(db, EVA, { buyerId, label: 'ci', now: NOW });
  const made = createTryKey(db, { buyerId, now: NOW });
  expect(listKeys(db).map(({ id }) => id)).toEqual([own.key.id]);
  expect(listKeys(db, buyerId).map(({ id }) => id)).toEqual([own.key.id]);
  expect(keyById(db, made.key.id)).toMatchObject({ label: 'try it', buyerName: 'acme' });
  const reader = createLiveReader(db, { timezone: 'UTC', origin: 'http://127.0.0.1:1', upstreams: [], now: () => NOW, alive: () => 0 });
  const { keys, buyers } = reader.read();
  expect(keys.map(({ keyId }) => keyId)).toEqual([own.key.id]);
  expect(buyers.map(({ keys: count }) => count)).toEqual([1]);
});

it('is never what a rotation replaces', () => {
  const own = createKey(db, EVA, { buyerId, label: 'ci', now: NOW });
  const made = createTryKey(db, { buyerId, now: NOW });
  expect(rotateKey(db, EVA, { buyerId, keyId: made.key.id, rotationId: null, now: NOW }).kind).toBe('notFound');
  const outcome = rotateKey(db, EVA, { buyerId, keyId: null, rotationId: null, now: NOW });
  expect(outcome).toMatchObject({ kind: 'rotated', old: { id: own.key.id } });
});

it('leaves the log alone, and those of the buyer too when all are ended', () => {
  const own = createKey(db, EVA, { buyerId, label: 'ci', now: NOW });
  const made = [1, 2, 3].map(() => createTryKey(db, { buyerId, now: NOW }));
  expect(endTryKey(db, own.key.id, NOW)).toBe(false);
  expect(endAllTryKeys(db, NOW)).toBe(3);
  expect(endAllTryKeys(db, NOW)).toBe(0);
  expect(made.map(({ key }) => keyById(db, key.id)?.revokedAt)).toEqual([NOW, NOW, NOW]);
  expect(keyById(db, own.key.id)?.revokedAt).toBeNull();
  expect(auditOf(db).map(({ action }) => action)).toEqual(['key.create']);
});
