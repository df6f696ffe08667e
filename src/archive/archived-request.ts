/** One request in an archive: all columns of its row, whatever later versions add to them, and what the ledger wrote. */
import type { Db } from '../db/open.ts';
import { excessIdOf, formatRequestId, parseRequestId, shortfallIdOf, type RequestId, type TransferId } from '../ids.ts';
import { micro } from '../money.ts';
import type { RequestTransfer } from '../reports/request-transfers.ts';
import { requestEntryOf, type NamedRequestRow, type RequestEntry } from '../reports/requests.ts';
import { ArchiveError } from './archive-error.ts';
import { fieldsOf, integerField, REQUEST_START, textField, type Fields } from './archive-format.ts';

export interface ArchivedRequest {
  readonly entry: RequestEntry;
  readonly transfers: readonly RequestTransfer[];
}

type Value = bigint | string | null;

export interface WrittenRequest {
  readonly id: RequestId;
  readonly line: string;
  readonly cardVersion: bigint | null;
  readonly charge: bigint;
  readonly shortfall: bigint;
}

export interface RequestPageQuery {
  /** Only greater ids. */
  readonly after: bigint;
  /** No greater id. */
  readonly lastId: bigint;
  /** Unix ms. */
  readonly settledBefore: number;
  readonly limit: number;
}

/** Reads pages of requests by id, as lines without their ends. Each page is one read. */
export function createRequestLines(db: Db): (query: RequestPageQuery) => WrittenRequest[] {
  const columns = (db.pragma('table_info(requests)') as { name: string }[]).map(({ name }) => name);
  const place = (name: string): number => columns.indexOf(name);
  const [id, card, charge, shortfall] = [place('id'), place('card_version'), place('charge'), place('shortfall')];
  const kept = columns.map((name, i) => [`"${name}":`, i] as const).filter(([, i]) => i !== id);
  const width = columns.length;
  const statement = db
    .prepare(
      `SELECT ${columns.map((name) => `q.${name}`).join(', ')}, b.name, k.label, r.alias, t.kind, t.amount, t.hold, t.at, e.amount, s.amount
       FROM requests q LEFT JOIN buyers b ON b.id = q.buyer_id LEFT JOIN keys k ON k.id = q.key_id LEFT JOIN routes r ON r.id = q.route_id
         LEFT JOIN transfers t ON t.id = q.id LEFT JOIN transfers e ON e.id = q.id | 1 LEFT JOIN transfers s ON s.id = q.id | 2
       WHERE q.id > @after AND q.id <= @lastId AND q.settled_at < @settledBefore ORDER BY q.id LIMIT @limit`,
    )
    .raw()
    .safeIntegers();
  return (query) =>
    (statement.all(query) as Value[][]).map((values) => {
      const requestId = values[id] as RequestId;
      const row = kept.map(([name, i]) => name + jsonOf(values[i] as Value)).join(',');
      const names = `"buyer":${jsonOf(values[width] ?? '')},"key":${jsonOf(values[width + 1] ?? '')},"route":${jsonOf(values[width + 2] ?? null)}`;
      return {
        id: requestId,
        line: `${REQUEST_START}"${formatRequestId(requestId)}",${names},"row":{${row}},"transfers":${transfersJson(values.slice(width + 3))}}`,
        cardVersion: values[card] as bigint | null,
        charge: values[charge] as bigint,
        shortfall: values[shortfall] as bigint,
      };
    });
}

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

function jsonOf(value: Value): string {
  if (typeof value !== 'bigint') return JSON.stringify(value);
  if (value > SAFE || value < -SAFE) throw new RangeError(`${value} does not fit a JSON integer`);
  return value.toString();
}

function transfersJson([kind, amount, hold, at, excess, shortfall]: Value[]): string {
  if (kind === null || kind === undefined) return '[]';
  const beyond = (name: string, value: Value | undefined): string[] => (value === null || value === undefined ? [] : [`{"kind":"${name}","amount":${jsonOf(value)},"hold":null,"at":${jsonOf(at ?? null)}}`]);
  const end = `{"kind":"${kind === 3n ? 'post' : 'void'}","amount":${jsonOf(amount ?? null)},"hold":${jsonOf(hold ?? null)},"at":${jsonOf(at ?? null)}}`;
  return `[${[end, ...beyond('excess', excess), ...beyond('shortfall', shortfall)].join(',')}]`;
}

const ID_AT = REQUEST_START.length + 1;
const ID_LENGTH = 'req_'.length + 13;

/** From the line of a request alone, without reading the rest of it. */
export function idOfLine(line: string): RequestId {
  const id = parseRequestId(line.slice(ID_AT, ID_AT + ID_LENGTH));
  if (id === null) throw new ArchiveError('it has a request without an id');
  return id;
}

/** How a line begins that is of this request. */
export const lineStartOf = (id: RequestId): string => `${REQUEST_START}"${formatRequestId(id)}"`;

const INTEGERS = `buyer_id key_id http_status input_tokens cache_write_5m_tokens cache_write_1h_tokens cache_read_tokens output_tokens charge shortfall
  attempts started_at duration_ms settled_at`.split(/\s+/);
const TEXTS = ['status', 'usage_source'];
const INTEGERS_OR_NULL = ['card_version', 'hold', 'list_cost', 'output_tokens_max', 'time_to_first_byte_ms'];
const TEXTS_OR_NULL = ['model', 'response_model', 'error_code', 'quote_basis', 'flags', 'detail', 'upstream', 'upstream_request_id'];

/** Throws `ArchiveError` where something is missing or of another kind. */
export function parseRequestLine(line: string): ArchivedRequest {
  const id = idOfLine(line);
  const fields = fieldsOf(line);
  const row = fields['row'];
  const transfers = fields['transfers'];
  if (typeof row !== 'object' || row === null || !Array.isArray(transfers)) throw new ArchiveError(`its record of ${formatRequestId(id)} lacks the row or the transfers`);
  return { entry: requestEntryOf(rowOf(id, fields, row as Fields)), transfers: transfers.map((transfer) => transferOf(id, transfer as Fields)) };
}

function rowOf(id: RequestId, fields: Fields, row: Fields): NamedRequestRow {
  const orNull = (name: string, value: (name: string) => Value): Value => (row[name] === null ? null : value(name));
  const integer = (name: string): bigint => BigInt(integerField(row, name));
  const text = (name: string): string => textField(row, name);
  const read = [
    ...INTEGERS.map((name) => [name, integer(name)]),
    ...TEXTS.map((name) => [name, text(name)]),
    ...INTEGERS_OR_NULL.map((name) => [name, orNull(name, integer)]),
    ...TEXTS_OR_NULL.map((name) => [name, orNull(name, text)]),
  ];
  const named = { buyer_name: textField(fields, 'buyer'), key_label: textField(fields, 'key'), alias: fields['route'] === null ? null : textField(fields, 'route') };
  return { id, ...named, ...Object.fromEntries(read) } as unknown as NamedRequestRow;
}

const TRANSFER_IDS = { post: (id: RequestId) => id as bigint as TransferId, void: (id: RequestId) => id as bigint as TransferId, excess: excessIdOf, shortfall: shortfallIdOf };

function transferOf(id: RequestId, fields: Fields): RequestTransfer {
  const kind = textField(fields, 'kind') as RequestTransfer['kind'];
  if (!Object.hasOwn(TRANSFER_IDS, kind)) throw new ArchiveError(`its record of ${formatRequestId(id)} has a transfer of an unknown kind`);
  const hold = fields['hold'] === null ? null : micro(integerField(fields, 'hold'));
  return { transferId: TRANSFER_IDS[kind](id), kind, amount: micro(integerField(fields, 'amount')), hold, at: integerField(fields, 'at') };
}
