/** What `ainogap usage` shows: summed usage in rows, with the names that belong to their ids. Read-only. */
import type { Db } from '../db/open.ts';
import { prepared } from '../db/prepared.ts';
import { formatBuyerId, formatKeyId, formatRouteId, type BuyerId } from '../ids.ts';
import { addUsage, NO_USAGE, type UsageSums } from './usage-sums.ts';
import { readUsage, type UsageRow } from './usage.ts';
import { dayName, offsetAt, spansOf } from './zone.ts';

export const USAGE_GROUPS = ['class', 'buyer', 'key', 'route', 'model', 'day', 'hour'] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number];

export interface UsageReportQuery {
  readonly by: UsageGroup;
  /** Unix ms, whole minutes, by settlement: [since, until). */
  readonly since: number;
  readonly until: number;
  readonly timezone: string;
  readonly now: number;
  readonly buyerId?: BuyerId;
}

export interface UsageReportRow {
  /** For people: a name, a label, an alias, a model, a day (`2026-11-23`) or an hour (`2026-11-23 12:00`). */
  readonly label: string;
  /** `buyer_3`, `key_7` or `route_2`; null where there is none. */
  readonly id: string | null;
  /** The name of the buyer whose key it is. */
  readonly buyer: string | null;
  /** Of an hour or a day, cut to the window: [start, end). */
  readonly span: { readonly start: number; readonly end: number; /** It is not over. */ readonly running: boolean } | null;
  readonly sums: UsageSums;
}

export interface UsageReport {
  /** By charge, the highest first; hours and days by time, those without use included. Empty for `class`: all is in the total. */
  readonly rows: readonly UsageReportRow[];
  readonly total: UsageSums;
}

/** Throws what `readUsage` throws. All is read on one snapshot. */
export function readUsageReport(db: Db, query: UsageReportQuery): UsageReport {
  const read = db.transaction((): UsageReport => {
    const { by, since, until, timezone, buyerId } = query;
    const found = readUsage(db, { since, until, timezone, by: by === 'class' ? 'none' : by, ...(buyerId === undefined ? {} : { buyerId }) });
    const total = found.reduce((sum, { sums }) => addUsage(sum, sums), NO_USAGE);
    if (by === 'class') return { rows: [], total };
    return { rows: by === 'day' || by === 'hour' ? spanRows(by, query, found) : namedRows(db, by, found), total };
  });
  return read.deferred();
}

/** Nothing settles after now, so a window that reaches beyond ends with the span that runs. */
function spanRows(by: 'day' | 'hour', { since, until, timezone, now }: UsageReportQuery, found: readonly UsageRow[]): UsageReportRow[] {
  const sums = new Map(found.map((row) => [row.start, row.sums]));
  return spansOf(by, { since, until, timezone })
    .filter(({ start }) => start <= now || sums.has(start))
    .map(({ start, end }) => ({
      label: by === 'day' ? dayName(start, timezone) : hourName(start, timezone),
      id: null,
      buyer: null,
      span: { start, end, running: now < end },
      sums: sums.get(start) ?? NO_USAGE,
    }));
}

const hourName = (ms: number, timezone: string): string => new Date(ms + offsetAt(ms, timezone)).toISOString().slice(0, 16).replace('T', ' ');

interface Naming {
  readonly label: string;
  readonly id: string | null;
  readonly buyer: string | null;
}

function namedRows(db: Db, by: 'buyer' | 'key' | 'route' | 'model', found: readonly UsageRow[]): UsageReportRow[] {
  const name = { buyer: buyerNaming, key: keyNaming, route: routeNaming, model: () => modelNaming }[by](db);
  return found
    .map(({ sums, ...row }) => ({ ...name(row), span: null, sums }))
    .toSorted((a, b) => Number(b.sums.charge - a.sums.charge) || b.sums.requests - a.sums.requests || (a.label < b.label ? -1 : 1));
}

type Name = (row: Omit<UsageRow, 'sums'>) => Naming;

function buyerNaming(db: Db): Name {
  const names = new Map(prepared(db, 'SELECT id, name FROM buyers', 'raw').all() as [number, string][]);
  return ({ buyerId }) => ({ label: names.get(Number(buyerId)) ?? '', id: formatBuyerId(buyerId as BuyerId), buyer: null });
}

function keyNaming(db: Db): Name {
  const rows = prepared(db, 'SELECT k.id, k.label, b.name FROM keys k JOIN buyers b ON b.id = k.buyer_id', 'raw').all() as [number, string, string][];
  const keys = new Map(rows.map(([id, label, buyer]) => [id, { label, buyer }]));
  return ({ keyId = 0 }) => ({ label: keys.get(keyId)?.label ?? '', id: formatKeyId(keyId as Parameters<typeof formatKeyId>[0]), buyer: keys.get(keyId)?.buyer ?? null });
}

/** An alias may have belonged to several routes, so those that are gone say so. */
function routeNaming(db: Db): Name {
  const rows = prepared(db, 'SELECT id, alias, deleted_at IS NOT NULL FROM routes', 'raw').all() as [number, string, number][];
  const aliases = new Map(rows.map(([id, alias, deleted]) => [id, deleted === 1 ? `${alias} (deleted)` : alias]));
  return ({ routeId = null }) => ({
    label: routeId === null ? '(no route)' : (aliases.get(routeId) ?? ''),
    id: routeId === null ? null : formatRouteId(routeId),
    buyer: null,
  });
}

const modelNaming: Name = ({ model = '' }) => ({ label: model === '' ? '(refused)' : model, id: null, buyer: null });
