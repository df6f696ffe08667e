import { describe, expect, it } from 'vitest';
import { findWeakness } from '../../src/auth/password-strength.ts';

describe('the strength of a password', () => {
  it.each([
    ['short', 'at least 10 characters; this has 5'],
    ['x'.repeat(1001), 'at most 1000 characters'],
    ['password1234', 'commonly used password'],
    ['qwertyuiop[]', 'rows of keys'],
    ['aaaaaaaaaaaaaaaaaaaaaaaa', 'easy to guess'],
    ['acme-corp-acme', 'a name that everyone knows'],
    ['Ainogap.Ainogap!', 'a name that everyone knows'],
  ])('refuses %j and says why', async (password, why) => {
    const weakness = await findWeakness(password, ['Acme Corp', 'ainogap']);
    expect(weakness?.reason).toContain(why);
  });

  it('says what would be better', async () => {
    expect((await findWeakness('password1234', []))?.suggestions.length).toBeGreaterThan(0);
  });

  it.each(['velvet otter climbs 42', 'kT9#mQ2$vL7!x', 'ünglaublich schöne Überfahrt', 'correct horse battery staple'])('takes %j', async (password) => {
    expect(await findWeakness(password, ['acme', 'ainogap'])).toBeNull();
  });

  it('is not put off by a thousand characters', async () => {
    expect((await findWeakness('ab'.repeat(500), []))?.reason).toContain('guessed too soon');
  });
});
