import { describe, expect, test } from 'vitest';
import { duration, lasting, percent, timeUtc, tokens, usdc } from '../../src/console/format.ts';

describe('figures on the pages', () => {
  test('money has its decimals and thousands apart, and what is not zero never reads as zero', () => {
    expect(usdc(212_400_000)).toBe('212.40');
    expect(usdc(1_234_567_890_123, 2)).toBe('1,234,567.89');
    expect(usdc(2_505, 6)).toBe('0.002505');
    expect(usdc(2_505)).toBe('<0.01');
    expect(usdc(-2_505)).toBe('>-0.01');
    expect(usdc(0)).toBe('0.00');
    expect(usdc(null)).toBe('—');
  });

  test('counts and shares say when there is no figure', () => {
    expect([tokens(1_204_331), tokens(undefined)]).toEqual(['1,204,331', '—']);
    expect([percent(0.0421), percent(0), percent(0.00001), percent(-0.00001), percent(null)]).toEqual(['4.2%', '0.0%', '<0.1%', '>-0.1%', '—']);
  });

  test('times are in UTC and say so', () => {
    expect(timeUtc('2026-11-23T13:05:01.250+01:00')).toBe('2026-11-23 12:05:01 UTC');
    expect(timeUtc('2026-11-23T12:05:01Z', 'clock')).toBe('12:05:01 UTC');
    expect(timeUtc('2026-11-23T12:05:01Z', 'minute')).toBe('2026-11-23 12:05 UTC');
    expect(timeUtc('2026-11-23T12:05:01Z', 'day')).toBe('2026-11-23');
    expect(timeUtc(null)).toBe('—');
  });

  test('spans never round up to a unit that they have not reached', () => {
    expect([duration(840), duration(1_240), duration(59_940), duration(59_960), duration(125_000)]).toEqual(['840 ms', '1.2 s', '59.9 s', '1 min 0 s', '2 min 5 s']);
    expect([lasting(0.4), lasting(45), lasting(330), lasting(12 * 1440 + 240), lasting(null)]).toEqual(['<1m', '45m', '5h 30m', '12d 4h', '—']);
  });
});
