/** What all buyers or all routes have used today and in the last hour, by one query each. */
import type { Db } from '../../db/open.ts';
import { presentOf } from '../../reports/present.ts';
import { NO_USAGE, type UsageSums } from '../../reports/usage-sums.ts';
import { readUsage, type UsageRow } from '../../reports/usage.ts';
import { startOfDay } from '../../reports/zone.ts';

const MINUTE_MS = 60_000;

export interface RecentUsageQuery {
  readonly timezone: string;
  /** Unix ms. */
  readonly now: number;
}

/** From the zone's midnight on. */
export function buyersToday(db: Db, { timezone, now }: RecentUsageQuery): (buyerId: number) => UsageSums {
  const { start, end } = today(db, { timezone, now });
  return byId(readUsage(db, { since: start, until: end, by: 'buyer', timezone }), ({ buyerId }) => buyerId);
}

export interface RoutesLately {
  readonly lastHour: (routeId: number) => UsageSums;
  readonly today: (routeId: number) => UsageSums;
}

/** The last hour is the running minute and the 59 before it. */
export function routesLately(db: Db, { timezone, now }: RecentUsageQuery): RoutesLately {
  const { start, end } = today(db, { timezone, now });
  const of = (since: number) => byId(readUsage(db, { since, until: end, by: 'route', timezone }), ({ routeId }) => routeId);
  return { lastHour: of(end - 60 * MINUTE_MS), today: of(start) };
}

function today(db: Db, { timezone, now }: RecentUsageQuery): { start: number; end: number } {
  const present = presentOf(db, now);
  return { start: startOfDay(present, timezone), end: Math.floor(present / MINUTE_MS + 1) * MINUTE_MS };
}

function byId(rows: readonly UsageRow[], idOf: (row: UsageRow) => number | null | undefined): (id: number) => UsageSums {
  const sums = new Map(rows.map((row) => [idOf(row), row.sums]));
  return (id) => sums.get(id) ?? NO_USAGE;
}
