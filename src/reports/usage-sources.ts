/** The SQL that reads a report's buckets: for days, hours, quarters and minutes each the narrowest table that can answer. */
import { SUM_COLUMNS, sumsSql } from './usage-columns.ts';
import { DAY_MINUTES, HOUR_MINUTES, QUARTER_MINUTES } from './usage-segments.ts';
import type { UsageQuery } from './usage.ts';

/** The number of the range, then up to two columns. */
export type Group = readonly [range: number, first?: number | string, second?: number | string];

export interface UsageSources {
  /** Statements with `@segments` (JSON of `Segment[]`) and, where a buyer is named, `@buyer`. */
  readonly days: string;
  readonly hours: string;
  /** Null: not kept by these columns; minutes tell. */
  readonly quarters: string | null;
  readonly minutes: string;
  /** Minutes that batches have appended and not merged yet: with `minutes`. */
  readonly pending: string;
  /** How many columns come before the sums. */
  readonly groupWidth: number;
}

const TABLE = { days: 'usage_days', hours: 'usage_hours', minutes: 'usage_minutes_merged' } as const;
const TIME = { days: 'day', hours: 'hour', minutes: 'minute' } as const;
type Kind = keyof typeof TABLE;

/** `dimension` numbers are those of `usage_sums`. */
const BY = {
  none: { columns: [], dimension: 0 },
  hour: { columns: [], dimension: 0 },
  day: { columns: [], dimension: 0 },
  buyer: { columns: ['buyer_id'], dimension: 1 },
  key: { columns: ['buyer_id', 'key_id'], dimension: 2 },
  route: { columns: ['route_id'], dimension: 3 },
  model: { columns: ['model'], dimension: 4 },
} as const satisfies Record<UsageQuery['by'], { columns: readonly string[]; dimension: number }>;

/** The order of `usage_pending.deltas`. */
const DELTAS: readonly string[] = ['buyer_id', 'key_id', 'route_id', 'model', ...SUM_COLUMNS];

/** CROSS JOIN keeps the order of the loops: each segment is one range of a primary key. */
const SEGMENTS = 'FROM json_each(@segments) g CROSS JOIN';
const within = (column: string): string => `${column} >= g.value ->> 1 AND ${column} < g.value ->> 2`;

export function usageSources({ by, buyerId }: Pick<UsageQuery, 'by' | 'buyerId'>): UsageSources {
  const one = buyerId !== undefined;
  const { columns, dimension } = BY[by];
  const rest = { minutes: detailed('minutes', columns, one), pending: pending(columns, one), groupWidth: 1 + columns.length };
  if (dimension === 0 || dimension === 1) {
    // Sums are kept by one dimension; a buyer's own are those of dimension 1.
    const sums = (span: number): string => (one ? ofMember(span, by === 'buyer') : summed(span, dimension, 'member'));
    return { days: sums(DAY_MINUTES), hours: sums(HOUR_MINUTES), quarters: sums(QUARTER_MINUTES), ...rest };
  }
  // A key has one buyer, so its buyer can be looked up.
  const days = one ? detailed('days', columns, one) : summed(DAY_MINUTES, dimension, by === 'key' ? '(SELECT buyer_id FROM keys WHERE id = member), member' : 'member');
  return { days, hours: detailed('hours', columns, one), quarters: null, ...rest };
}

/** Whole rows of minutes, hours or days; those of days, which are ordered by buyer first, only of one buyer. */
function detailed(kind: Kind, columns: readonly string[], oneBuyer: boolean): string {
  const group = ['g.value ->> 0', ...columns.map((column) => `u.${column}`)].join(', ');
  const whose = oneBuyer ? 'AND u.buyer_id = @buyer' : '';
  return `SELECT ${group}, ${sumsSql('u.')} ${SEGMENTS} ${TABLE[kind]} u WHERE ${within(`u.${TIME[kind]}`)} ${whose} GROUP BY ${group}`;
}

/** The view `usage_minutes` without its merged rows: a join to the view would read it whole. */
function pending(columns: readonly string[], oneBuyer: boolean): string {
  const group = ['g.value ->> 0', ...columns.map((column) => `d.value ->> ${DELTAS.indexOf(column)}`)].join(', ');
  const sums = SUM_COLUMNS.map((column) => `sum(d.value ->> ${DELTAS.indexOf(column)})`).join(', ');
  const whose = oneBuyer ? `AND d.value ->> ${DELTAS.indexOf('buyer_id')} = @buyer` : '';
  return `SELECT ${group}, ${sums} ${SEGMENTS} usage_pending p CROSS JOIN json_each(p.deltas) d WHERE ${within('p.minute')} ${whose} GROUP BY ${group}`;
}

/** Sums of one buyer; `named`: with its id as a column. */
function ofMember(span: number, named: boolean): string {
  const group = ['g.value ->> 0', ...(named ? ['u.member'] : [])].join(', ');
  return `SELECT ${group}, ${sumsSql('u.')} ${SEGMENTS} usage_sums u
    WHERE u.span = ${span} AND u.dimension = 1 AND u.member = @buyer AND ${within('u.start')} GROUP BY ${group}`;
}

/** Sums of all members of a dimension. The members are found one after the other, each by one step in the index. */
function summed(span: number, dimension: number, member: string): string {
  if (dimension === 0)
    return `SELECT g.value ->> 0, ${sumsSql('u.')} ${SEGMENTS} usage_sums u
      WHERE u.span = ${span} AND u.dimension = 0 AND u.member = 0 AND ${within('u.start')} GROUP BY 1`;
  const ofDimension = `FROM usage_sums WHERE span = ${span} AND dimension = ${dimension}`;
  return `WITH RECURSIVE members(member) AS MATERIALIZED (
      SELECT min(member) ${ofDimension}
      UNION ALL SELECT (SELECT min(member) ${ofDimension} AND member > members.member) FROM members WHERE member IS NOT NULL)
    SELECT g.value ->> 0, ${member.replaceAll('member', 'm.member')}, ${sumsSql('u.')}
    ${SEGMENTS} members m CROSS JOIN usage_sums u
    WHERE u.span = ${span} AND u.dimension = ${dimension} AND u.member = m.member AND ${within('u.start')} GROUP BY g.value ->> 0, m.member`;
}
