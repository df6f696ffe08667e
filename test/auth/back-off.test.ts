import { describe, expect, it } from 'vitest';
import { createBackOff, networkOf, type BackOff, type Claim } from '../../src/auth/back-off.ts';

const NOW = 1_800_000_000_000;
const claim = (changes: Partial<Claim> = {}): Claim => ({ kind: 'buyer', name: 'acme', address: '192.0.2.1', now: NOW, ...changes });

/** Null: let through, and it failed. Else how long it must wait. */
function fail(backOff: BackOff, changes: Partial<Claim> = {}): number | null {
  const admittance = backOff.begin(claim(changes));
  if (!admittance.ok) return admittance.retryAfterSeconds;
  admittance.attempt.failed();
  return null;
}

function succeed(backOff: BackOff, changes: Partial<Claim> = {}): boolean {
  const admittance = backOff.begin(claim(changes));
  if (admittance.ok) admittance.attempt.succeeded();
  return admittance.ok;
}

describe('an account from one address', () => {
  it('is locked for 2 s by the fifth failure, and twice as long by each further one, up to 15 minutes', () => {
    const backOff = createBackOff();
    for (let i = 0; i < 5; i++) expect(fail(backOff)).toBeNull();
    let now = NOW;
    const waits: number[] = [];
    for (let i = 0; i < 12; i++) {
      const wait = fail(backOff, { now }) as number;
      waits.push(wait);
      now += wait * 1000;
      expect(fail(backOff, { now: now - 1 })).toBe(1);
      expect(fail(backOff, { now })).toBeNull();
    }
    expect(waits).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
  });

  it('refuses the right password too while it is locked, and forgets all after a success', () => {
    const backOff = createBackOff();
    for (let i = 0; i < 5; i++) fail(backOff);
    expect(succeed(backOff)).toBe(false);
    expect(succeed(backOff, { now: NOW + 2000 })).toBe(true);
    for (let i = 0; i < 4; i++) expect(fail(backOff, { now: NOW + 3000 })).toBeNull();
    expect(succeed(backOff, { now: NOW + 3000 })).toBe(true);
  });

  it('is one whatever the case of the name, and another for the other kind', () => {
    const backOff = createBackOff();
    for (const name of ['acme', 'ACME', ' Acme', 'aCme', 'acmE']) fail(backOff, { name });
    expect(fail(backOff)).toBe(2);
    expect(fail(backOff, { kind: 'admin' })).toBeNull();
  });

  it('does not keep others from signing in to it elsewhere', () => {
    const backOff = createBackOff();
    for (let i = 0; i < 5; i++) fail(backOff);
    expect(fail(backOff)).toBe(2);
    expect(succeed(backOff, { address: '198.51.100.7' })).toBe(true);
  });

  it('does not let a thousand guesses through at once', () => {
    const backOff = createBackOff();
    const admitted = Array.from({ length: 1000 }, () => backOff.begin(claim())).filter(({ ok }) => ok);
    expect(admitted).toHaveLength(5);
  });

  it('lets one guess through at a time after a lock', () => {
    const backOff = createBackOff();
    for (let i = 0; i < 5; i++) fail(backOff);
    const later = { now: NOW + 2000 };
    expect(backOff.begin(claim(later)).ok).toBe(true);
    expect(backOff.begin(claim(later)).ok).toBe(false);
  });

  it('counts neither way what taught nothing', () => {
    const backOff = createBackOff();
    for (let i = 0; i < 4; i++) fail(backOff);
    const admittance = backOff.begin(claim());
    if (admittance.ok) admittance.attempt.withdrawn();
    expect(fail(backOff)).toBeNull();
    expect(fail(backOff)).toBe(2);
  });

  it('is forgotten an hour after its last failure', () => {
    const backOff = createBackOff();
    for (let i = 0; i < 5; i++) fail(backOff);
    for (let i = 0; i < 4; i++) expect(fail(backOff, { now: NOW + 3_600_001 })).toBeNull();
    expect(fail(backOff, { now: NOW + 3_600_001 })).toBeNull();
    expect(fail(backOff, { now: NOW + 3_600_001 })).toBe(2);
  });
});

it('locks an account everywhere after 50 failures from many addresses', () => {
  const backOff = createBackOff();
  for (let i = 0; i < 50; i++) expect(fail(backOff, { address: `198.51.100.${i}` })).toBeNull();
  expect(fail(backOff, { address: '203.0.113.9' })).toBe(2);
  expect(fail(backOff, { address: '203.0.113.9', name: 'globex' })).toBeNull();
});

it('locks an address after 20 failures at many accounts, and no success at one of them helps', () => {
  const backOff = createBackOff();
  for (let i = 0; i < 19; i++) expect(fail(backOff, { name: `name ${i}` })).toBeNull();
  expect(succeed(backOff, { name: 'mine' })).toBe(true);
  expect(fail(backOff, { name: 'one more' })).toBeNull();
  expect(fail(backOff, { name: 'other' })).toBe(2);
  expect(fail(backOff, { name: null })).toBe(2);
  expect(fail(backOff, { name: 'other', address: '192.0.2.2' })).toBeNull();
});

it('says which lock a failure made', () => {
  const backOff = createBackOff();
  const outcomes = Array.from({ length: 5 }, () => {
    const admittance = backOff.begin(claim());
    return admittance.ok ? admittance.attempt.failed() : null;
  });
  expect(outcomes).toEqual([null, null, null, null, { account: true, address: false, seconds: 2 }]);
});

it('remembers no more than 10,000 accounts, those that failed last', () => {
  const backOff = createBackOff();
  for (let i = 0; i < 5; i++) fail(backOff, { name: 'first', address: '10.9.9.9' });
  for (let i = 0; i < 10_001; i++) fail(backOff, { name: `n${i}`, address: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}` });
  expect(fail(backOff, { name: 'first', address: '10.9.9.9' })).toBeNull();
});

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('takes %s as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
