/** The meter's record, newest first. Read-only: the rows are read at once, for an open reader lets the WAL grow. */
import type { Db } from '../db/open.ts';
import { prepared } from '../db/prepared.ts';
import { firstRequestIdAt } from '../ids.ts';
import type { BuyerId, CardVersion, KeyId, RequestId } from '../ids.ts';
import type { RequestDetail, RequestStatus } from '../ledger/ledger.ts';
import type { MicroUsdc } from '../money.ts';
import { micro } from '../money.ts';
import type { QuoteBasis, TokenCounts, Usage, UsageSource } from '../tokens.ts';

/** One request as the `requests` table keeps it. */
export interface RequestEntry {
  readonly requestId: RequestId;
  readonly buyerId: BuyerId;
  readonly buyerName: string;
  readonly keyId: KeyId;
  readonly keyLabel: string;
  /** The route's alias; null for requests that named no route. */
  readonly route: string | null;
  readonly cardVersion: CardVersion | null;
  readonly model: string | null;
  readonly responseModel: string | null;
  readonly status: RequestStatus;
  /** What the client was answered; 0 when it left before. */
  readonly httpStatus: number;
  readonly errorCode: string | null;
  readonly tokens: TokenCounts;
  /** The whole charge; what the balance could not cover of it is `shortfall`. */
  readonly charge: MicroUsdc;
  readonly hold: MicroUsdc | null;
  readonly shortfall: MicroUsdc;
  /** The same usage at list prices as they were at settlement; null where none applied or none was recorded. */
  readonly listCost: MicroUsdc | null;
  /** What it could produce at most; null when it was refused, or not recorded. */
  readonly outputTokensMax: number | null;
  readonly usageSource: UsageSource;
  readonly quoteBasis: QuoteBasis | null;
  readonly flags: readonly string[];
  readonly detail: RequestDetail | null;
  readonly upstream: string | null;
  readonly upstreamRequestId: string | null;
  readonly attempts: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly settledAt: number;
  readonly durationMs: number;
  readonly timeToFirstByteMs: number | null;
}

export interface RequestFilter {
  readonly buyerId?: BuyerId;
  /** An alias; requests to a deleted route of that alias count too. */
  readonly route?: string;
  readonly keyId?: KeyId;
  /** Canonical; what the client sent where it was refused. */
  readonly model?: string;
  readonly status?: RequestStatus;
  /** As the configuration names or named it. */
  readonly upstream?: string;
  /** Started at or after, in milliseconds since 1970. */
  readonly since?: number;
  /** Started before. */
  readonly until?: number;
  /** Only those with a smaller id: for the page after one that ended with it. */
  readonly beforeId?: RequestId;
  /** Only this id and greater ones. */
  readonly fromId?: RequestId;
  readonly limit: number;
}

/** A row with the names of whom it is of. Integers come as bigint: ids and money need it. */
export interface NamedRequestRow {
  readonly id: bigint;
  readonly buyer_id: bigint;
  readonly buyer_name: string;
  readonly key_id: bigint;
  readonly key_label: string | null;
  readonly alias: string | null;
  readonly card_version: bigint | null;
  readonly model: string | null;
  readonly response_model: string | null;
  readonly status: string;
  readonly http_status: bigint;
  readonly error_code: string | null;
  readonly input_tokens: bigint;
  readonly cache_write_5m_tokens: bigint;
  readonly cache_write_1h_tokens: bigint;
  readonly cache_read_tokens: bigint;
  readonly output_tokens: bigint;
  readonly charge: bigint;
  readonly hold: bigint | null;
  readonly shortfall: bigint;
  readonly list_cost: bigint | null;
  readonly output_tokens_max: bigint | null;
  readonly usage_source: string;
  readonly quote_basis: string | null;
  readonly flags: string | null;
  readonly detail: string | null;
  readonly upstream: string | null;
  readonly upstream_request_id: string | null;
  readonly attempts: bigint;
  readonly started_at: bigint;
  readonly duration_ms: bigint;
  readonly time_to_first_byte_ms: bigint | null;
  readonly settled_at: bigint;
}

const SELECT = `SELECT q.*, b.name AS buyer_name, k.label AS key_label, r.alias
FROM requests q JOIN buyers b ON b.id = q.buyer_id LEFT JOIN keys k ON k.id = q.key_id LEFT JOIN routes r ON r.id = q.route_id`;

const orNull = (value: bigint | null): number | null => (value === null ? null : Number(value));

export function requestEntryOf(row: NamedRequestRow): RequestEntry {
  return {
    requestId: row.id as RequestId,
    buyerId: Number(row.buyer_id) as BuyerId,
    buyerName: row.buyer_name,
    keyId: Number(row.key_id) as KeyId,
    keyLabel: row.key_label ?? '',
    route: row.alias,
    cardVersion: orNull(row.card_version) as CardVersion | null,
    model: row.model,
    responseModel: row.response_model,
    status: row.status as RequestStatus,
    httpStatus: Number(row.http_status),
    errorCode: row.error_code,
    tokens: {
      input: Number(row.input_tokens),
      output: Number(row.output_tokens),
      cacheWrite5m: Number(row.cache_write_5m_tokens),
      cacheWrite1h: Number(row.cache_write_1h_tokens),
      cacheRead: Number(row.cache_read_tokens),
    },
    charge: micro(row.charge),
    hold: row.hold === null ? null : micro(row.hold),
    shortfall: micro(row.shortfall),
    listCost: row.list_cost === null ? null : micro(row.list_cost),
    outputTokensMax: orNull(row.output_tokens_max),
    usageSource: row.usage_source as UsageSource,
    quoteBasis: row.quote_basis as QuoteBasis | null,
    flags: row.flags === null ? [] : (JSON.parse(row.flags) as string[]),
    detail: row.detail === null ? null : (JSON.parse(row.detail) as RequestDetail),
    upstream: row.upstream,
    upstreamRequestId: row.upstream_request_id,
    attempts: Number(row.attempts),
    startedAt: Number(row.started_at),
    settledAt: Number(row.settled_at),
    durationMs: Number(row.duration_ms),
    timeToFirstByteMs: orNull(row.time_to_first_byte_ms),
  };
}

/** Newest first. Ids are ordered by start, so `since` and `until` are ranges of ids and the order needs no sorting. */
export function listRequests(db: Db, filter: RequestFilter): RequestEntry[] {
  const conditions: string[] = [];
  const values: (number | bigint | string)[] = [];
  const where = (condition: string, value: number | bigint | string): void => {
    conditions.push(condition);
    values.push(value);
  };
  if (filter.buyerId !== undefined) where('q.buyer_id = ?', filter.buyerId);
  if (filter.route !== undefined) where('q.route_id IN (SELECT id FROM routes WHERE alias = ?)', filter.route);
  if (filter.keyId !== undefined) where('q.key_id = ?', filter.keyId);
  if (filter.model !== undefined) where('q.model = ?', filter.model);
  if (filter.status !== undefined) where('q.status = ?', filter.status);
  if (filter.upstream !== undefined) where('q.upstream = ?', filter.upstream);
  if (filter.since !== undefined) where('q.id >= ?', firstRequestIdAt(filter.since));
  if (filter.until !== undefined) where('q.id < ?', firstRequestIdAt(filter.until));
  if (filter.beforeId !== undefined) where('q.id < ?', filter.beforeId);
  if (filter.fromId !== undefined) where('q.id >= ?', filter.fromId);
  const clause = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const statement = prepared(db, `${SELECT} ${clause} ORDER BY q.id DESC LIMIT ?`, 'big rows');
  return (statement.all(...values, filter.limit) as NamedRequestRow[]).map(requestEntryOf);
}

/** Requests that held money and have ended, in the order of their ids, from after `after` on. */
export function settledRequestsAfter(db: Db, after: RequestId, limit: number): RequestEntry[] {
  const statement = prepared(db, `${SELECT} WHERE q.id > ? AND q.hold IS NOT NULL ORDER BY q.id LIMIT ?`, 'big rows');
  return (statement.all(after, limit) as NamedRequestRow[]).map(requestEntryOf);
}

export interface SettledPage {
  /** The least id that the page may have. */
  readonly from: RequestId;
  /** Rows looked at, most of which are in a window that reaches back from now. */
  readonly size: number;
  /** Settled in [since, until), Unix ms. */
  readonly since: number;
  readonly until: number;
  readonly buyerId?: BuyerId;
}

/**
 * One page of the requests that settled in a window, by id. `next` is where the next page begins, null after the last.
 * The page is bounded by the rows it looks at and not by those it finds, so each is a short read.
 */
export function readSettledPage(db: Db, page: SettledPage): { readonly entries: RequestEntry[]; readonly next: RequestId | null } {
  const { from, size, since, until, buyerId } = page;
  const [whose, values] = buyerId === undefined ? ['', []] : ['q.buyer_id = ? AND', [buyerId]];
  const end = prepared(db, `SELECT q.id FROM requests q WHERE ${whose} q.id >= ? ORDER BY q.id LIMIT 1 OFFSET ?`, 'big pluck');
  const next = (end.get(...values, from, size) as RequestId | undefined) ?? null;
  const upTo = next === null ? '' : 'AND q.id < ?';
  const rows = prepared(db, `${SELECT} WHERE ${whose} q.id >= ? ${upTo} AND q.settled_at >= ? AND q.settled_at < ? ORDER BY q.id`, 'big rows');
  return { entries: (rows.all(...values, from, ...(next === null ? [] : [next]), since, until) as NamedRequestRow[]).map(requestEntryOf), next };
}

/** What a request was billed for, from its record. Null: no price ever applied to it. */
export function billedUsage(entry: Pick<RequestEntry, 'detail' | 'responseModel' | 'model' | 'tokens'>): Usage | null {
  const { detail, responseModel, model, tokens } = entry;
  if (model === null) return null;
  return {
    parts: detail?.parts ?? [{ model: responseModel ?? model, tokens }],
    webSearchRequests: detail?.webSearchRequests ?? 0,
    inferenceGeo: detail?.inferenceGeo ?? null,
    serviceTier: detail?.serviceTier ?? null,
  };
}

/** Null: no request of that id was ever recorded. */
export function findRequest(db: Db, id: RequestId): RequestEntry | null {
  const row = prepared(db, `${SELECT} WHERE q.id = ?`, 'big rows').get(id) as NamedRequestRow | undefined;
  return row === undefined ? null : requestEntryOf(row);
}

/** The ids of the requests that started around an id, for one that was mistyped: at most `count` before it and after it. */
export function requestIdsNear(db: Db, id: RequestId, count: number = 100): RequestId[] {
  const before = prepared(db, 'SELECT id FROM requests WHERE id <= ? ORDER BY id DESC LIMIT ?', 'big pluck');
  const after = prepared(db, 'SELECT id FROM requests WHERE id > ? ORDER BY id LIMIT ?', 'big pluck');
  return [...(before.all(id, count) as RequestId[]), ...(after.all(id, count) as RequestId[])];
}
