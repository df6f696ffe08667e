/**
 * How usage grew over the last minutes: totals since some beginning, known at the ends of closed minutes and at the
 * reader's own reads; in between they are taken to have grown evenly. So the first frame has rates at once, from the
 * minute buckets, and each read makes them sharper.
 */
import { between, type UsageTotals } from './usage-totals.ts';

interface Point {
  /** Unix ms. */
  readonly at: number;
  readonly totals: UsageTotals;
}

/** What the view looks back on, and a minute's end before it. */
const KEPT_MS = 6.5 * 60_000;
/** Reads closer to each other than this share a point. */
const POINT_EVERY_MS = 1_000;

export class Timeline {
  /** In the order of time. */
  #points: Point[] = [];
  #head: Point | null = null;

  /** A minute in which something ended is closed. Times in Unix ms; totals before and after it. */
  closeMinute(minute: { readonly start: number; readonly before: UsageTotals; readonly end: number; readonly after: UsageTotals }): void {
    const { start, before, end, after } = minute;
    // What was observed at its end may lack what ended in its last moment.
    while ((this.#points.at(-1)?.at ?? -Infinity) >= end) this.#points.pop();
    this.#head = null;
    this.#push(start, before);
    this.#points.push({ at: end, totals: after });
    this.#forget(end - KEPT_MS);
  }

  /** The totals now, and those at the start of the minute that still grows. */
  observe(now: Point, running: { readonly start: number; readonly end: number; readonly before: UsageTotals }): void {
    this.#push(running.start, running.before);
    // Nothing can have ended since that minute was over.
    const at = Math.min(now.at, running.end);
    const last = this.#points.at(-1);
    if (last === undefined || at - last.at >= POINT_EVERY_MS) this.#points.push({ at, totals: now.totals });
    this.#head = { at, totals: now.totals };
    this.#forget(now.at - KEPT_MS);
  }

  /** The totals at some time within the last five minutes. Throws before the first `observe`. */
  totalsAt(at: number): UsageTotals {
    const head = this.#head;
    if (head === null) throw new Error('nothing was observed yet');
    if (at >= head.at) return head.totals;
    let later = head;
    for (let i = this.#points.length - 1; i >= 0; i--) {
      const point = this.#points[i] as Point;
      if (point.at <= at) return later.at === point.at ? point.totals : between({ a: point.totals, b: later.totals }, at - point.at, later.at - point.at);
      later = point;
    }
    return later.totals;
  }

  /** How many points are kept. */
  get size(): number {
    return this.#points.length;
  }

  #push(at: number, totals: UsageTotals): void {
    const last = this.#points.at(-1);
    if (last === undefined || last.at < at) this.#points.push({ at, totals });
  }

  /** One point before the time stays: what lies after it is measured from there. */
  #forget(before: number): void {
    const first = this.#points.findIndex(({ at }) => at >= before);
    const kept = first < 0 ? this.#points.length - 1 : first - 1;
    if (kept > 0) this.#points.splice(0, kept);
  }
}
