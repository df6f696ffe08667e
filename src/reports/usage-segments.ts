/** How a range of minutes is put together from whole days, whole hours and single minutes. All are counted since 1970, UTC. */

export const HOUR_MINUTES = 60;
export const DAY_MINUTES = 1_440;

/** [from, to) of days, hours or minutes, and the number of the range that it belongs to. */
export type Segment = readonly [range: number, from: number, to: number];

export interface Segments {
  readonly days: readonly Segment[];
  readonly hours: readonly Segment[];
  readonly minutes: readonly Segment[];
}

/** [from, to) in minutes. */
export interface MinuteRange {
  readonly from: number;
  readonly to: number;
}

const up = (minute: number, span: number): number => Math.ceil(minute / span);
const down = (minute: number, span: number): number => Math.floor(minute / span);

/**
 * `folded`: the last minute that the tables of hours and days contain. What is later is only among the minutes, so the
 * hour and the day of that minute are whole as far as they go, and stand for the range that reaches beyond it.
 */
export function segmentsOf(ranges: readonly MinuteRange[], folded: number): Segments {
  const open = folded + 1;
  const segments = { days: [] as Segment[], hours: [] as Segment[], minutes: [] as Segment[] };
  ranges.forEach(({ from, to }, range) => {
    const add = (kind: keyof Segments, first: number, end: number): void => {
      if (first < end) segments[kind].push([range, first, end]);
    };
    add('minutes', Math.max(from, open), to);
    const end = Math.min(to, open);
    if (from >= end) return;
    const reach = to >= open ? up(open, DAY_MINUTES) * DAY_MINUTES : to;
    const days = { from: up(from, DAY_MINUTES), to: down(reach, DAY_MINUTES) };
    const hours = { from: up(from, HOUR_MINUTES), to: down(reach, HOUR_MINUTES) };
    if (hours.from >= hours.to) return add('minutes', from, end);
    add('minutes', from, Math.min(hours.from * HOUR_MINUTES, end));
    add('minutes', hours.to * HOUR_MINUTES, end);
    if (days.from >= days.to) return add('hours', hours.from, hours.to);
    add('hours', hours.from, (days.from * DAY_MINUTES) / HOUR_MINUTES);
    add('days', days.from, days.to);
    add('hours', (days.to * DAY_MINUTES) / HOUR_MINUTES, hours.to);
  });
  return segments;
}
