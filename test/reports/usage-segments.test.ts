import fc from 'fast-check';
import { expect, test } from 'vitest';
import { segmentsOf, type Segments } from '../../src/reports/usage-segments.ts';

const SPANS = { days: 1_440, hours: 60, quarters: 15, minutes: 1 } as const;
const KINDS = ['days', 'hours', 'quarters', 'minutes'] as const;
const DAY = 20_000 * 1_440;

/** How often each minute is read, of those that have rows: buckets above the minutes contain none that is not folded. */
function timesRead(segments: Segments, folded: number, range: number): Map<number, number> {
  const times = new Map<number, number>();
  for (const kind of KINDS)
    for (const [of, first, end] of segments[kind])
      for (let minute = first * SPANS[kind]; of === range && minute < end * SPANS[kind]; minute++)
        if (kind === 'minutes' || minute <= folded) times.set(minute, (times.get(minute) ?? 0) + 1);
  return times;
}

const edge = fc.oneof(fc.nat(3 * 1_440), fc.nat(12 * 24).map((quarter) => quarter * 15), fc.nat(72).map((hour) => hour * 60), fc.nat(3).map((day) => day * 1_440)).map((minute) => DAY + minute);

test('every minute of a range is read once and no other, whatever is folded', () => {
  const ranges = fc.array(fc.record({ from: edge, to: edge }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(ranges, edge, fc.constantFrom(-1, 0), fc.boolean(), (of, end, before, quarters) => {
      const folded = end + before;
      const segments = segmentsOf(of, { folded, quarters });
      of.forEach(({ from, to }, range) => {
        const minutes = Array.from({ length: Math.max(0, to - from) }, (_, i) => [from + i, 1] as const);
        expect([...timesRead(segments, folded, range)].sort(([a], [b]) => a - b)).toEqual(minutes);
      });
    }),
    { numRuns: 300 },
  );
});

test('a range is read by the coarsest buckets there are', () => {
  const range = { from: DAY + 22 * 60 + 28, to: DAY + 3 * 1_440 + 75 + 17 };
  expect(segmentsOf([range], { folded: DAY + 9 * 1_440, quarters: true })).toEqual({
    days: [[0, 20_001, 20_003]],
    hours: [[0, 20_000 * 24 + 23, 20_001 * 24], [0, 20_003 * 24, 20_003 * 24 + 1]],
    quarters: [[0, 20_000 * 96 + 90, 20_000 * 96 + 92], [0, 20_003 * 96 + 4, 20_003 * 96 + 6]],
    minutes: [[0, DAY + 22 * 60 + 28, DAY + 22 * 60 + 30], [0, DAY + 3 * 1_440 + 90, DAY + 3 * 1_440 + 92]],
  });
});

test('a range that reaches beyond what is folded is read by the day that is folded so far', () => {
  const range = { from: DAY, to: DAY + 700 };
  expect(segmentsOf([range], { folded: DAY + 688, quarters: true })).toEqual({ days: [[0, 20_000, 20_001]], hours: [], quarters: [], minutes: [[0, DAY + 689, DAY + 700]] });
});

test('hours that begin at a quarter of UTC’s are four quarters each, and no minutes', () => {
  const hours = Array.from({ length: 30 }, (_, i) => ({ from: DAY + 15 + i * 60, to: DAY + 75 + i * 60 }));
  const { quarters, ...others } = segmentsOf(hours, { folded: DAY + 2_000, quarters: true });
  expect(others).toEqual({ days: [], hours: [], minutes: [] });
  expect(quarters).toEqual(hours.map(({ from, to }, range) => [range, from / 15, to / 15]));
});
