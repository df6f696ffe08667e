/**
 * What was used: sums of any range of time, by whom or by when. Reads the buckets that the range spans (days, hours at
 * its edges, quarters of an hour and minutes at theirs, minutes after the last fold) in one short read transaction, and never the requests.
 */
import type { Db } from '../db/open.ts';
import { prepared } from '../db/prepared.ts';
import type { BuyerId, KeyId, RequestId, RouteId } from '../ids.ts';
import { addUsage, type UsageSums } from './usage-sums.ts';
import { sumsOf } from './usage-columns.ts';
import { DAY_MINUTES, HOUR_MINUTES, QUARTER_MINUTES, segmentsOf, type MinuteRange } from './usage-segments.ts';
import { usageSources, type Group } from './usage-sources.ts';
import { readUsageState } from './usage-state.ts';
import { spansOf } from './zone.ts';

export const USAGE_DIMENSIONS = ['buyer', 'key', 'route', 'model'] as const;
export type UsageDimension = (typeof USAGE_DIMENSIONS)[number];
export type UsageBucket = 'hour' | 'day';

const MINUTE_MS = 60_000;

export interface UsageQuery {
  /** Unix ms by settlement, [since, until): both whole minutes. `until` may lie in the future. */
  readonly since: number;
  readonly until: number;
  readonly by: UsageDimension | UsageBucket | 'none';
  /** Only this buyer's. */
  readonly buyerId?: BuyerId;
  /** IANA name of the zone whose days and hours are meant. */
  readonly timezone: string;
}

export interface UsageRow {
  /** By buyer and by key. */
  readonly buyerId?: BuyerId;
  /** By key. */
  readonly keyId?: KeyId;
  /** By route. Null: requests that named no route. */
  readonly routeId?: RouteId | null;
  /** By model, canonical; '' for requests that were refused. */
  readonly model?: string;
  /** By hour and by day: [start, end) of the bucket in Unix ms, cut to the range that was asked for. */
  readonly start?: number;
  readonly end?: number;
  readonly sums: UsageSums;
}

/**
 * One row for each that has used anything, ordered by id, model or time; none at all without usage, also by `none`.
 * Throws RangeError for times that are no whole minutes, `UsageNotSummedError` before an upgraded database is summed.
 */
export function readUsage(db: Db, query: UsageQuery): UsageRow[] {
  const { since, until, by } = query;
  if (since % MINUTE_MS !== 0 || until % MINUTE_MS !== 0) throw new RangeError(`usage is summed by whole minutes: ${since} to ${until} (Unix ms) are none`);
  const spans = by === 'hour' || by === 'day' ? spansOf(by, query) : [{ start: since, end: Math.max(since, until) }];
  const ranges = spans.map(({ start, end }) => ({ from: start / MINUTE_MS, to: end / MINUTE_MS }));
  const found = collect(db, query, ranges);
  return [...found.values()].sort(inOrder).map(({ group, sums }) => {
    const { start, end } = spans[group[0]] as (typeof spans)[number];
    return by === 'hour' || by === 'day' ? { start, end, sums } : { ...named(by, group), sums };
  });
}

interface Found {
  /** The range's number, and the columns that the rows are grouped by. */
  readonly group: Group;
  sums: UsageSums;
}

function collect(db: Db, query: UsageQuery, ranges: readonly MinuteRange[]): Map<string, Found> {
  const sources = usageSources(query);
  const found = new Map<string, Found>();
  const read = db.transaction((): void => {
    const { folded } = readUsageState(db);
    const segments = segmentsOf(ranges, { folded, quarters: sources.quarters !== null });
    const buyer = query.buyerId === undefined ? {} : { buyer: query.buyerId };
    for (const kind of ['days', 'hours', 'quarters', 'minutes', 'pending'] as const) {
      const of = segments[kind === 'pending' ? 'minutes' : kind];
      const source = sources[kind];
      if (source === null || of.length === 0) continue;
      const rows = prepared(db, source, 'big raw').all({ segments: JSON.stringify(of), ...buyer });
      for (const row of rows as (bigint | string)[][]) add(found, row, sources.groupWidth);
    }
  });
  read.deferred();
  return found;
}

function add(found: Map<string, Found>, row: readonly (bigint | string)[], width: number): void {
  const group = row.slice(0, width).map((value) => (typeof value === 'bigint' ? Number(value) : value)) as unknown as Group;
  const sums = sumsOf(row.slice(width) as bigint[]);
  const key = JSON.stringify(group);
  const known = found.get(key);
  if (known === undefined) found.set(key, { group, sums });
  else known.sums = addUsage(known.sums, sums);
}

function inOrder(a: Found, b: Found): number {
  for (let i = 0; i < a.group.length; i++) {
    const [x, y] = [a.group[i], b.group[i]] as [number | string, number | string];
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}

function named(by: UsageQuery['by'], [, first, second]: Group): Omit<UsageRow, 'sums'> {
  if (by === 'buyer') return { buyerId: first as BuyerId };
  if (by === 'key') return { buyerId: first as BuyerId, keyId: second as KeyId };
  if (by === 'route') return { routeId: first === 0 ? null : (first as RouteId) };
  return by === 'model' ? { model: first as string } : {};
}

/** The smallest id among the requests that ended at or after `since` (floored to its minute): where a reader by id begins. Null: none did. */
export function firstRequestSettledSince(db: Db, since: number): RequestId | null {
  const read = db.transaction((): RequestId | null => {
    const { folded } = readUsageState(db);
    const range = { from: Math.floor(since / MINUTE_MS), to: Number.MAX_SAFE_INTEGER };
    const segments = segmentsOf([range], { folded, quarters: true });
    const ofSums = `SELECT min(first_request) FROM usage_sums WHERE span = ? AND dimension = 0 AND member = 0 AND start >= ? AND start < ?`;
    const ofMinutes = 'SELECT min(first_request) FROM usage_minutes WHERE minute >= ? AND minute < ?';
    const least = (sql: string, ...values: number[]): bigint | null => prepared(db, sql, 'big pluck').get(...values) as bigint | null;
    const firsts = [
      ...segments.days.map(([, from, to]) => least(ofSums, DAY_MINUTES, from, to)),
      ...segments.hours.map(([, from, to]) => least(ofSums, HOUR_MINUTES, from, to)),
      ...segments.quarters.map(([, from, to]) => least(ofSums, QUARTER_MINUTES, from, to)),
      ...segments.minutes.map(([, from, to]) => least(ofMinutes, from, to)),
    ];
    return firsts.reduce((first, id) => (id !== null && (first === null || id < first) ? id : first), null) as RequestId | null;
  });
  return read.deferred();
}
