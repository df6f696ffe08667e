import type { Labels, Sample } from './exposition.ts';

/** Seconds, rising. Made for the whole process at its start; each costs a series per label set. */
export const LEDGER_BOUNDS: readonly number[] = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
export const LAG_BOUNDS: readonly number[] = [0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
export const FIRST_BYTE_BOUNDS: readonly number[] = [0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120];
export const DURATION_BOUNDS: readonly number[] = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600];

/** Counts durations by how long they are. An observation costs a walk over the bounds below it and no allocation. */
export class Histogram {
  readonly #bounds: readonly number[];
  /** One for each bound, and what is above the last. */
  readonly #counts: Float64Array;
  #sum = 0;

  /** @param bounds upper bounds in seconds, rising; a value that equals one is within it. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(seconds: number): void {
    const bounds = this.#bounds;
    let at = 0;
    while (at < bounds.length && seconds > (bounds[at] as number)) at++;
    this.#counts[at]!++;
    this.#sum += seconds;
  }

  samples(labels: Labels): Sample[] {
    let count = 0;
    const buckets = [...this.#counts].map((here, i): Sample => {
      count += here;
      return { suffix: '_bucket', labels: { ...labels, le: i < this.#bounds.length ? String(this.#bounds[i]) : '+Inf' }, value: count };
    });
    return [...buckets, { suffix: '_sum', labels, value: this.#sum }, { suffix: '_count', labels, value: count }];
  }
}
