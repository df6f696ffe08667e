/** The sums of usage once more, by plain loops over every request, for comparison. */
import type { Db } from '../../src/db/open.ts';
import type { ChargeSplit } from '../../src/ledger/ledger.ts';
import type { RequestRow } from '../../src/ledger/operations.ts';

export interface EndedRequest {
  readonly record: RequestRow;
  readonly split: ChargeSplit;
  readonly shortfall: bigint;
  readonly settledAt: number;
}

type Row = Readonly<Record<string, number | string>>;
type Tables = Readonly<Record<'minutes' | 'hours' | 'days' | 'sums', readonly Row[]>>;

const FIGURES = [
  'requests', 'errors', 'refused', 'estimated', 'input_tokens', 'output_tokens', 'cache_write_5m_tokens', 'cache_write_1h_tokens', 'cache_read_tokens',
  'input_charge', 'output_charge', 'cache_write_5m_charge', 'cache_write_1h_charge', 'cache_read_charge', 'web_search_charge', 'shortfall', 'list_cost', 'cache_saved',
] as const;

function figuresOf({ record, split, shortfall }: EndedRequest): Record<string, number> {
  const { status, usageSource, tokens } = record;
  const { byClass } = split;
  const values = [
    1,
    ['upstream_error', 'failed', 'interrupted', 'recovered'].includes(status) ? 1 : 0,
    status === 'refused' ? 1 : 0,
    ['estimated', 'recovered'].includes(usageSource) ? 1 : 0,
    tokens.input, tokens.output, tokens.cacheWrite5m, tokens.cacheWrite1h, tokens.cacheRead,
    byClass.input, byClass.output, byClass.cacheWrite5m, byClass.cacheWrite1h, byClass.cacheRead,
    split.webSearch, shortfall, record.listCost ?? 0n, split.cacheSaved,
  ];
  return Object.fromEntries(FIGURES.map((name, i) => [name, Number(values[i])]));
}

/** Requests by what `keyOf` says of them, each group with its key and its sums; in no order. */
function grouped(requests: readonly EndedRequest[], keyOf: (request: EndedRequest) => Row): Row[] {
  const groups = new Map<string, Record<string, number | string>>();
  for (const request of requests) {
    const key = keyOf(request);
    const name = JSON.stringify(key);
    const sums = figuresOf(request);
    const first = String(request.record.requestId);
    const group = groups.get(name);
    if (!group) groups.set(name, { ...key, ...sums, first_request: first });
    else {
      for (const figure of FIGURES) group[figure] = (group[figure] as number) + (sums[figure] as number);
      if (first < String(group['first_request'])) group['first_request'] = first;
    }
  }
  return [...groups.values()];
}

function whoOf({ record }: EndedRequest): Row {
  // A half of a surrogate pair has no UTF-8.
  const model = record.status === 'refused' ? '' : (record.model ?? '').toWellFormed();
  return { buyer_id: record.buyerId, key_id: record.keyId, route_id: record.routeId ?? 0, model };
}

const MEMBERS: readonly ((who: Row) => number | string)[] = [() => 0, (w) => w['buyer_id']!, (w) => w['key_id']!, (w) => w['route_id']!, (w) => w['model']!];

/** All tables as they should be when `folded` is the last minute that hours, days and sums contain. */
export function expectedUsage(requests: readonly EndedRequest[], folded: number): Tables {
  const minute = ({ settledAt }: EndedRequest): number => Math.floor(settledAt / 60_000);
  const closed = requests.filter((request) => minute(request) <= folded);
  const sums = [15, 60, 1440].flatMap((span) =>
    MEMBERS.flatMap((memberOf, dimension) =>
      span < 1440 && dimension > 1
        ? []
        : grouped(closed, (request) => ({ span, dimension, member: memberOf(whoOf(request)), start: Math.floor(minute(request) / span) })),
    ),
  );
  return {
    minutes: sorted(grouped(requests, (request) => ({ minute: minute(request), ...whoOf(request) }))),
    hours: sorted(grouped(closed, (request) => ({ hour: Math.floor(minute(request) / 60), ...whoOf(request) }))),
    days: sorted(grouped(closed, (request) => ({ day: Math.floor(minute(request) / 1440), ...whoOf(request) }))),
    sums: sorted(sums),
  };
}

/** All tables as they are. */
export function readUsage(db: Db): Tables {
  const summed = FIGURES.map((name) => `sum(${name}) AS ${name}`).join(', ');
  const first = 'CAST(min(first_request) AS TEXT) AS first_request';
  const who = 'buyer_id, key_id, route_id, model';
  const read = (key: string, from: string): Row[] => sorted(db.prepare(`SELECT ${key}, ${summed}, ${first} FROM ${from} GROUP BY ${key}`).all() as Row[]);
  return {
    minutes: read(`minute, ${who}`, 'usage_minutes'),
    hours: read(`hour, ${who}`, 'usage_hours'),
    days: read(`day, ${who}`, 'usage_days'),
    sums: read('span, dimension, member, start', 'usage_sums'),
  };
}

function sorted(rows: readonly Row[]): Row[] {
  const text = (row: Row): string => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));
  return rows.toSorted((a, b) => (text(a) < text(b) ? -1 : 1));
}
