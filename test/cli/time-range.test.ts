import { describe, expect, it } from 'vitest';
import { CliError } from '../../src/cli/cli-error.ts';
import { parseWindow, windowWords } from '../../src/cli/time-range.ts';
import type { TimeWindow } from '../../src/reports/time-range.ts';

const NOW = Date.UTC(2026, 10, 23, 12, 4, 17, 250);
const BERLIN = 'Europe/Berlin';

interface Given {
  readonly since?: string;
  readonly until?: string;
  readonly timezone?: string;
  readonly now?: number;
  readonly clockHours?: boolean;
}
const windowOf = ({ since, until, timezone = 'UTC', now = NOW, clockHours = false }: Given): TimeWindow =>
  parseWindow({ since, until, sinceDefault: 'today', now, timezone, clockHours });
const iso = (ms: number): string => new Date(ms).toISOString().slice(0, 16);
const range = (given: Given): string => {
  const { since, until } = windowOf(given);
  return `${iso(since)} ${iso(until)}`;
};

describe('a window of time', () => {
  it.each([
    [{}, '2026-11-23T00:00 2026-11-23T12:05'],
    [{ since: '7d' }, '2026-11-17T00:00 2026-11-23T12:05'],
    [{ since: '1d' }, '2026-11-23T00:00 2026-11-23T12:05'],
    [{ since: '2w' }, '2026-11-10T00:00 2026-11-23T12:05'],
    [{ since: '2h' }, '2026-11-23T10:04 2026-11-23T12:05'],
    [{ since: '90s' }, '2026-11-23T12:02 2026-11-23T12:05'],
    [{ since: '2h', clockHours: true }, '2026-11-23T11:00 2026-11-23T12:05'],
    [{ since: '24h', clockHours: true }, '2026-11-22T13:00 2026-11-23T12:05'],
    [{ since: 'yesterday' }, '2026-11-22T00:00 2026-11-23T12:05'],
    [{ since: 'month' }, '2026-11-01T00:00 2026-11-23T12:05'],
    [{ since: '2026-10' }, '2026-10-01T00:00 2026-11-23T12:05'],
    // A day or a month is in it whole, a time is where it ends.
    [{ since: 'yesterday', until: 'yesterday' }, '2026-11-22T00:00 2026-11-23T00:00'],
    [{ since: '2026-11-01', until: '2026-11-15' }, '2026-11-01T00:00 2026-11-16T00:00'],
    [{ since: '2026-10', until: '2026-10' }, '2026-10-01T00:00 2026-11-01T00:00'],
    [{ since: 'month', until: 'month' }, '2026-11-01T00:00 2026-12-01T00:00'],
    [{ since: 'today', until: 'today' }, '2026-11-23T00:00 2026-11-24T00:00'],
    [{ since: 'today', until: '2026-11-23T11:00' }, '2026-11-23T00:00 2026-11-23T11:00'],
    [{ since: 'today', until: '2026-11-23T11:00+01:00' }, '2026-11-23T00:00 2026-11-23T10:00'],
    // The week before this one, without a gap between them.
    [{ since: '14d', until: '7d' }, '2026-11-10T00:00 2026-11-17T00:00'],
    [{ since: 'today', until: '1h' }, '2026-11-23T00:00 2026-11-23T11:04'],
    [{ since: '999999d' }, '1970-01-01T00:00 2026-11-23T12:05'],
  ])('reads %j as %s', (given, expected) => expect(range(given)).toBe(expected));

  it.each([
    [{ since: '2026-11-23' }, '2026-11-22T23:00 2026-11-23T12:05'],
    [{ since: '2026-11-23T00:30', until: '2026-11-23T11:00Z' }, '2026-11-22T23:30 2026-11-23T11:00'],
    // The clock goes back on 25 October: that day has 25 hours, and October begins in summer time.
    [{ since: '2026-10-25', until: '2026-10-25' }, '2026-10-24T22:00 2026-10-25T23:00'],
    [{ since: '2026-10', until: '2026-10' }, '2026-09-30T22:00 2026-10-31T23:00'],
    // Half past two is shown twice then, and never on 29 March.
    [{ since: '2026-10-25T02:30', until: '2026-10-25T03:30' }, '2026-10-25T00:30 2026-10-25T02:30'],
    [{ since: '2026-03-29T02:30', until: '2026-03-29T04:00' }, '2026-03-29T01:30 2026-03-29T02:00'],
    [{ since: '30d' }, '2026-10-24T22:00 2026-11-23T12:05'],
  ])('reads %j in Berlin as %s', (given, expected) => expect(range({ ...given, timezone: BERLIN })).toBe(expected));

  it('has days and months as the zone has them now, not as UTC does', () => {
    const now = Date.UTC(2026, 10, 30, 23, 30);
    expect(range({ since: 'today', timezone: BERLIN, now })).toBe('2026-11-30T23:00 2026-11-30T23:31');
    expect(range({ since: 'month', timezone: BERLIN, now })).toBe('2026-11-30T23:00 2026-11-30T23:31');
    expect(range({ since: 'yesterday', until: 'yesterday', timezone: 'America/St_Johns', now })).toBe('2026-11-29T03:30 2026-11-30T03:30');
  });

  it('is said in the words of its zone, and whether it is over', () => {
    expect(windowWords(windowOf({ timezone: BERLIN }), NOW)).toBe('2026-11-23 00:00 to 2026-11-23 13:04, Europe/Berlin, so far');
    expect(windowWords(windowOf({ since: 'month', until: 'month' }), NOW)).toBe('2026-11-01 00:00 to 2026-11-23 12:04, UTC, so far');
    expect(windowWords(windowOf({ since: 'yesterday', until: 'yesterday' }), NOW)).toBe('2026-11-22 00:00 to 2026-11-23 00:00, UTC');
  });

  it.each([
    [{ since: 'soon' }, '--since: "soon" is not a time: write 30m, 2h, 7d, today, yesterday, month, 2026-11, 2026-11-23 or 2026-11-23T12:00Z (UTC unless it has an offset).'],
    [{ until: '2026-02-30' }, '--until: "2026-02-30" is not a time'],
    [{ since: '2026-11-23T12:05' }, '--since: "2026-11-23T12:05" lies in the future.'],
    [{ since: '0d' }, '--since: "0d" lies in the future.'],
    [{ since: '1h', until: '2h' }, '--until: "2h" is not after --since, 2026-11-23 11:04 UTC.'],
    [{ since: '2026-11-23T12:00:01' }, '--since: "2026-11-23T12:00:01" is not a whole minute'],
  ])('refuses %j', (given, words) => {
    expect(() => windowOf(given)).toThrow(expect.objectContaining({ name: CliError.name, exitCode: 2, message: expect.stringContaining(words) }));
  });
});
