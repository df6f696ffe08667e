import { describe, expect, test } from 'vitest';
import { dayName, nextDay, nextMonth, offsetAt, spansOf, startOfDay, startOfHour, startOfMonth, startOfNamedDay } from '../../src/reports/zone.ts';

const HOUR = 3_600_000;
const at = (text: string): number => Date.parse(text);
const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString().slice(0, 16));

describe('days', () => {
  test.each([
    ['UTC', '2026-11-23T15:37Z', '2026-11-23T00:00', '2026-11-24T00:00'],
    ['Europe/Helsinki', '2026-11-23T22:30Z', '2026-11-23T22:00', '2026-11-24T22:00'],
    ['Asia/Kolkata', '2026-11-23T18:29Z', '2026-11-22T18:30', '2026-11-23T18:30'],
    // 25 hours: the clock goes back.
    ['America/New_York', '2026-11-01T12:00Z', '2026-11-01T04:00', '2026-11-02T05:00'],
    // The clock skips midnight: the day begins at one o'clock.
    ['America/Santiago', '2026-09-06T12:00Z', '2026-09-06T04:00', '2026-09-07T03:00'],
    // The clock shows midnight twice, and the first one begins the day.
    ['America/Havana', '2026-11-01T12:00Z', '2026-11-01T04:00', '2026-11-02T05:00'],
    // A day that was left out.
    ['Pacific/Apia', '2011-12-30T09:00Z', '2011-12-29T10:00', '2011-12-30T10:00'],
  ])('in %s the day of %s begins at %s and ends at %s', (zone, ms, start, end) => {
    expect(iso(startOfDay(at(ms), zone))).toBe(start);
    expect(iso(nextDay(at(ms), zone))).toBe(end);
    expect(startOfDay(at(`${end}Z`) - 1, zone)).toBe(at(`${start}Z`));
    expect(startOfDay(at(`${end}Z`), zone)).toBe(at(`${end}Z`));
  });

  test('have the name that the clock shows', () => {
    expect(dayName(at('2026-11-23T22:30Z'), 'Europe/Helsinki')).toBe('2026-11-24');
    expect(dayName(at('2026-11-23T22:30Z'), 'UTC')).toBe('2026-11-23');
  });

  test('are found by name', () => {
    expect(iso(startOfNamedDay('2026-11-24', 'Europe/Helsinki'))).toBe('2026-11-23T22:00');
    for (const wrong of ['2026-02-30', '2026-13-01', '2026-1-1', 'today', '']) expect(startOfNamedDay(wrong, 'UTC')).toBeNull();
    expect(startOfNamedDay('2011-12-30', 'Pacific/Apia')).toBeNull();
  });
});

test('months begin with their first day, across years', () => {
  expect(iso(startOfMonth(at('2026-11-30T23:00Z'), 'Europe/Helsinki'))).toBe('2026-11-30T22:00');
  expect(iso(nextMonth(at('2026-12-31T12:00Z'), 'America/New_York'))).toBe('2027-01-01T05:00');
  expect(iso(startOfMonth(at('2026-01-15T12:00Z'), 'UTC', -1))).toBe('2025-12-01T00:00');
});

describe('hours', () => {
  test('begin where the clock shows a full hour', () => {
    expect(iso(startOfHour(at('2026-11-23T15:37Z'), 'Asia/Kolkata'))).toBe('2026-11-23T15:30');
    expect(iso(startOfHour(at('2026-11-23T15:37Z'), 'Asia/Kathmandu'))).toBe('2026-11-23T15:15');
  });

  test('cover every range without a gap, the first and the last cut to it', () => {
    for (const timezone of ['UTC', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'Africa/Cairo']) {
      const range = { since: at('2026-01-01T00:07Z'), until: at('2027-01-01T00:22Z'), timezone };
      const spans = spansOf('hour', range);
      expect(spans[0]!.start).toBe(range.since);
      expect(spans.at(-1)!.end).toBe(range.until);
      for (const [i, { start, end }] of spans.entries()) {
        if (i > 0) expect(start).toBe(spans[i - 1]!.end);
        if (i > 0) expect((start + offsetAt(start, timezone)) % HOUR).toBe(0);
        expect(startOfHour(end - 1, timezone)).toBe(i === 0 ? startOfHour(start, timezone) : start);
      }
    }
  });
});

test('a zone that nobody knows is refused', () => {
  expect(() => startOfDay(0, 'Mars/Olympus')).toThrow(/Mars\/Olympus/);
});
