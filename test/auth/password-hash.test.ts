import * as crypto from 'node:crypto';
import { expect, it } from 'vitest';
import { createPasswordHasher, HasherBusy, scrypt } from '../../src/auth/password-hash.ts';

it('keeps a password as salted scrypt with its parameters, never twice the same', async () => {
  const hasher = createPasswordHasher();
  const [first, second] = [await hasher.hash('velvet otter'), await hasher.hash('velvet otter')];
  expect(first).toMatch(/^scrypt\$32768\$8\$3\$[\w-]{22}\$[\w-]{43}$/);
  expect(second).not.toBe(first);
  expect(await hasher.verify('velvet otter', first)).toEqual({ ok: true, renewed: null });
  expect(await hasher.verify('velvet Otter', first)).toEqual({ ok: false, renewed: null });
});

it('reads the parameters from what is stored, and renews the hash of old ones', async () => {
  const salt = Buffer.alloc(16, 7);
  const hash = crypto.scryptSync('velvet otter', salt, 32, { N: 1024, r: 8, p: 1 });
  const old = `scrypt$1024$8$1$${salt.toString('base64url')}$${hash.toString('base64url')}`;
  const hasher = createPasswordHasher();
  const { ok, renewed } = await hasher.verify('velvet otter', old);
  expect(ok).toBe(true);
  expect(renewed).toMatch(/^scrypt\$32768\$8\$3\$/);
  expect(await hasher.verify('velvet otter', renewed)).toEqual({ ok: true, renewed: null });
  expect(await hasher.verify('another one', old)).toEqual({ ok: false, renewed: null });
});

it('does the same work for a login without a password, and says no', async () => {
  const calls: unknown[] = [];
  const hasher = createPasswordHasher((password, salt, parameters) => {
    calls.push({ ...parameters, salt: salt.length });
    return scrypt(password, salt, parameters);
  });
  const stored = await hasher.hash('velvet otter');
  calls.length = 0;
  await hasher.verify('guess', stored);
  expect(await hasher.verify('guess', null)).toEqual({ ok: false, renewed: null });
  expect(calls).toEqual([{ N: 32768, r: 8, p: 3, salt: 16 }, { N: 32768, r: 8, p: 3, salt: 16 }]);
});

it('takes the same letters for the same password, however a keyboard composes them', async () => {
  const hasher = createPasswordHasher();
  expect((await hasher.verify('cafe\u0301 velvet', await hasher.hash('caf\u00e9 velvet'))).ok).toBe(true);
});

it('hashes one at a time, lets 32 wait, and refuses more without hashing', async () => {
  let running = 0;
  let most = 0;
  let done = 0;
  const hasher = createPasswordHasher(async () => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
    done++;
    return Buffer.alloc(32);
  });
  const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => hasher.hash('x')));
  expect(most).toBe(1);
  expect(done).toBe(33);
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(refused).toHaveLength(7);
  expect(refused[0]?.reason).toBeInstanceOf(HasherBusy);
  await expect(hasher.hash('x')).resolves.toMatch(/^scrypt/);
});

it('goes on with the next one after one failed', async () => {
  let calls = 0;
  const hasher = createPasswordHasher(async () => {
    if (++calls === 1) throw new Error('out of memory');
    return Buffer.alloc(32);
  });
  await expect(hasher.hash('x')).rejects.toThrow('out of memory');
  await expect(hasher.hash('x')).resolves.toMatch(/^scrypt/);
});
