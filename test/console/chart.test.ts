import { describe, expect, test } from 'vitest';
import { stackBars, type StackPoint } from '../../src/console/chart-geometry.ts';
import { chartPoints } from '../../src/console/chart-points.ts';
import { TOKEN_CLASSES } from '../../src/tokens.ts';

const BOX = { width: 600, height: 240, left: 50, bottom: 24 };
const point = (label: string, input: number, output: number, cacheRead: number = 0): StackPoint => ({ label, short: label, values: { input, output, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead } });

describe('the stacked chart', () => {
  test('stacks the classes from the baseline up in their order, without gaps', () => {
    const { bars, baseline } = stackBars([point('a', 100, 200, 100)], BOX);
    const segments = bars[0]?.segments ?? [];
    expect(segments.map(({ name }) => name)).toEqual(TOKEN_CLASSES.filter((name) => ['input', 'output', 'cacheRead'].includes(name)));
    let foot = baseline;
    for (const { y, height } of segments) {
      expect(y + height).toBeCloseTo(foot, 6);
      foot = y;
    }
    expect((segments[1]?.height ?? 0) / (segments[0]?.height ?? 1)).toBeCloseTo(2, 6);
  });

  test('keeps every bar within the box, and bars of the same total equally high', () => {
    const { bars, baseline } = stackBars([point('a', 300, 0), point('b', 0, 300), point('c', 100, 0)], BOX);
    for (const bar of bars) {
      expect(bar.x).toBeGreaterThanOrEqual(BOX.left);
      expect(bar.x + bar.width).toBeLessThanOrEqual(BOX.width);
      for (const { y } of bar.segments) expect(y).toBeGreaterThanOrEqual(0);
    }
    expect(baseline - (bars[0]?.segments[0]?.y ?? 0)).toBeCloseTo(baseline - (bars[1]?.segments[0]?.y ?? 0), 6);
  });

  test('has an axis though nothing was used, and no bar of no height', () => {
    const { bars, ticks } = stackBars([point('a', 0, 0)], BOX);
    expect(bars[0]?.segments).toEqual([]);
    expect(ticks.length).toBeGreaterThan(1);
    expect(ticks.every(({ y }) => Number.isFinite(y))).toBe(true);
  });

  test('names the newest bar, and no more than there is room for', () => {
    const many = Array.from({ length: 30 }, (_, at) => point(`day ${at}`, at, 0));
    const { names } = stackBars(many, BOX);
    expect(names.at(-1)?.text).toBe('day 29');
    expect(names.length).toBeLessThanOrEqual(10);
  });
});

const NONE = { uncachedInputTokens: 0, outputTokens: 0, cacheWrite5mTokens: 0, cacheWrite1hTokens: 0, cacheReadTokens: 0, inputChargeUsdMicros: 0, outputChargeUsdMicros: 0, cacheWrite5mChargeUsdMicros: 0, cacheWrite1hChargeUsdMicros: 0, cacheReadChargeUsdMicros: 0 };

describe('the points of a report', () => {
  test('hours without usage are there too, and the running one says so', () => {
    const rows = [
      { ...NONE, label: '2026-11-23 10:00', running: false, outputChargeUsdMicros: 700, outputTokens: 7 },
      { ...NONE, label: '2026-11-23 12:00', running: true, inputChargeUsdMicros: 50, uncachedInputTokens: 5 },
    ];
    const report = { since: '2026-11-23T09:00:00Z', until: '2026-11-23T12:05:00Z', timezone: 'UTC', rows };
    const points = chartPoints(report, 'hour', 'charge');
    expect(points.map(({ label }) => label)).toEqual(['2026-11-23 09:00 UTC', '2026-11-23 10:00 UTC', '2026-11-23 11:00 UTC', '2026-11-23 12:00 UTC']);
    expect(points.map(({ values }) => values.output)).toEqual([0, 700, 0, 0]);
    expect(points.map(({ running }) => running)).toEqual([false, false, false, true]);
    expect(chartPoints(report, 'hour', 'tokens').map(({ values }) => values.input + values.output)).toEqual([0, 7, 0, 5]);
  });

  test('days are those of the report’s zone, also where the clock changes', () => {
    const report = { since: '2026-10-24T22:00:00Z', until: '2026-10-26T23:00:00Z', timezone: 'Europe/Berlin', rows: [] };
    expect(chartPoints(report, 'day', 'charge').map(({ label }) => label)).toEqual(['2026-10-25', '2026-10-26']);
  });
});
