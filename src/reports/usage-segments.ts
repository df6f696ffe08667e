/** How a range of minutes is put together from days, hours, quarters of an hour and minutes. All are counted since 1970, UTC. */

export const QUARTER_MINUTES = 15;
export const HOUR_MINUTES = 60;
export const DAY_MINUTES = 1_440;

/** [from, to) of days, hours, quarters or minutes, and the number of the range that it belongs to. */
export type Segment = readonly [range: number, from: number, to: number];

export interface Segments {
  readonly days: readonly Segment[];
  readonly hours: readonly Segment[];
  readonly quarters: readonly Segment[];
  readonly minutes: readonly Segment[];
}

/** [from, to) in minutes. */
export interface MinuteRange {
  readonly from: number;
  readonly to: number;
}

export interface SegmentsOptions {
  /** The last minute that the tables of days, hours and quarters contain. */
  readonly folded: number;
  /** Whether there are quarters; else minutes stand for them. */
  readonly quarters: boolean;
}

interface Level {
  readonly kind: keyof Segments;
  readonly span: number;
}
const COARSE: readonly Level[] = [
  { kind: 'days', span: DAY_MINUTES },
  { kind: 'hours', span: HOUR_MINUTES },
];
const MINUTES: Level = { kind: 'minutes', span: 1 };
const WITHOUT_QUARTERS = [...COARSE, MINUTES];
const WITH_QUARTERS = [...COARSE, { kind: 'quarters', span: QUARTER_MINUTES } as const, MINUTES];

/**
 * What is later than `folded` is only among the minutes, so the quarter, the hour and the day of that minute are whole as
 * far as they go, and stand for the range that reaches beyond it.
 */
export function segmentsOf(ranges: readonly MinuteRange[], { folded, quarters }: SegmentsOptions): Segments {
  const open = folded + 1;
  const levels = quarters ? WITH_QUARTERS : WITHOUT_QUARTERS;
  const segments = { days: [] as Segment[], hours: [] as Segment[], quarters: [] as Segment[], minutes: [] as Segment[] };
  ranges.forEach(({ from, to }, range) => {
    const add = (kind: keyof Segments, first: number, end: number): void => {
      if (first < end) segments[kind].push([range, first, end]);
    };
    /** Whole buckets of the level, and what is before and after them by finer ones. */
    const cover = (start: number, end: number, level: number): void => {
      if (start >= end) return;
      const { kind, span } = levels[level] as Level;
      if (kind === 'minutes') return add(kind, start, Math.min(end, open));
      const [first, last] = [Math.ceil(start / span), Math.floor(end / span)];
      if (first >= last) return cover(start, end, level + 1);
      cover(start, first * span, level + 1);
      add(kind, first, last);
      cover(last * span, end, level + 1);
    };
    if (from < open) cover(from, to >= open ? Math.ceil(open / DAY_MINUTES) * DAY_MINUTES : to, 0);
    add('minutes', Math.max(from, open), to);
  });
  return segments;
}
