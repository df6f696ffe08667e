/** Every SQL statement of the engine, prepared once. Statements that read money or ids give bigints. */
import type { Db, Statement } from '../db/open.ts';
import { ChunkedStatement } from './chunked-statement.ts';
import type { Hold } from './ledger.ts';
import type { RequestRow } from './operations.ts';

export const TRANSFER = { deposit: 1, adjust: 2, post: 3, void: 4, excess: 5, shortfall: 6 } as const;

const REQUEST_COLUMNS =
  'id,buyer_id,key_id,route_id,card_version,model,response_model,status,http_status,error_code,input_tokens,' +
  'cache_write_5m_tokens,cache_write_1h_tokens,cache_read_tokens,output_tokens,charge,hold,shortfall,usage_source,' +
  'quote_basis,flags,detail,upstream,upstream_request_id,attempts,started_at,duration_ms,time_to_first_byte_ms,settled_at,list_cost,output_tokens_max';
const REQUEST_WIDTH = REQUEST_COLUMNS.split(',').length;

const OPEN_COLUMNS =
  'id,instance,buyer_id,key_id,route_id,card_version,model,hold,worst_case,quote_basis,output_tokens_max,upstream,started_at';
const OPEN_WIDTH = OPEN_COLUMNS.split(',').length;

export type Statements = ReturnType<typeof prepareStatements>;

export function prepareStatements(db: Db) {
  const big = (sql: string): Statement => db.prepare(sql).raw().safeIntegers() as Statement;
  return {
    begin: db.prepare('BEGIN IMMEDIATE'),
    commit: db.prepare('COMMIT'),
    rollback: db.prepare('ROLLBACK'),
    /** One row: generation, ledger time, the last minute that is folded, and the largest ids of transfers, open requests and requests. */
    head: big(
      'SELECT value, (SELECT at FROM ledger_clock), (SELECT folded FROM usage_state), (SELECT max(id) FROM transfers), (SELECT max(id) FROM open_requests), (SELECT max(id) FROM requests) FROM registry_generation',
    ),
    setClock: db.prepare('UPDATE ledger_clock SET at = ?'),
    account: big('SELECT debits_pending, debits_posted, credits_pending, credits_posted FROM accounts WHERE id = ?'),
    setAccount: db.prepare('UPDATE accounts SET debits_pending = ?, debits_posted = ?, credits_pending = ?, credits_posted = ? WHERE id = ?'),
    openRequest: big(`SELECT ${OPEN_COLUMNS} FROM open_requests WHERE id = ?`),
    requestExists: db.prepare('SELECT 1 FROM requests WHERE id = ?').pluck(),
    transferKind: db.prepare('SELECT kind FROM transfers WHERE id = ?').pluck(),
    transferByReference: big('SELECT id, kind, debit, credit, amount FROM transfers WHERE reference = ?'),
    insertOpen: new ChunkedStatement(db, OPEN_WIDTH, (rows) => `INSERT INTO open_requests(${OPEN_COLUMNS}) VALUES ${rows}`),
    takeOpen: new ChunkedStatement(db, 1, (ids) => `DELETE FROM open_requests WHERE id IN (${ids.replace(/[()]/g, '')}) RETURNING id, buyer_id, hold`),
    insertTransfers: new ChunkedStatement(db, 7, (rows) => `INSERT INTO transfers(id,kind,debit,credit,amount,hold,at) VALUES ${rows}`),
    insertDeposit: db.prepare('INSERT INTO transfers(id,kind,debit,credit,amount,at,reference,reason) VALUES (?,?,?,?,?,?,?,?)'),
    insertRequests: new ChunkedStatement(db, REQUEST_WIDTH, (rows) => `INSERT INTO requests(${REQUEST_COLUMNS}) VALUES ${rows}`),
    insertRefusal: db.prepare(
      `INSERT INTO requests(${REQUEST_COLUMNS}) VALUES (${Array.from({ length: REQUEST_WIDTH }, () => '?').join(',')}) ON CONFLICT DO NOTHING`,
    ),
    progress: db.prepare(
      `UPDATE open_requests SET progress_model = ?, input_tokens = ?, cache_write_5m_tokens = ?, cache_write_1h_tokens = ?,
       cache_read_tokens = ?, output_tokens = ?, delta_bytes = ?, web_search_requests = ?, inference_geo = ?, service_tier = ?,
       progress_at = ? WHERE id = ?`,
    ),
    touchInstance: db.prepare('UPDATE instances SET started_at = started_at WHERE id = ?'),
    endInstance: db.prepare(
      `UPDATE instances SET ended_at = @at WHERE id = @instance AND ended_at IS NULL
       AND NOT EXISTS (SELECT 1 FROM open_requests WHERE instance = @instance)`,
    ),
  };
}

export function pushOpen(values: unknown[], hold: Hold, instance: number): void {
  values.push(
    hold.requestId,
    instance,
    hold.buyerId,
    hold.keyId,
    hold.routeId,
    hold.cardVersion,
    hold.model,
    hold.amount,
    hold.worstCase,
    hold.quoteBasis,
    hold.outputTokensMax,
    hold.upstream,
    hold.startedAt,
  );
}

/** The parts of a request's row that the ledger itself decides. */
export interface SettledAmounts {
  readonly charge: bigint;
  readonly hold: bigint | null;
  readonly shortfall: bigint;
  readonly at: number;
}

export function pushRequest(values: unknown[], r: RequestRow, { charge, hold, shortfall, at }: SettledAmounts): void {
  values.push(
    r.requestId,
    r.buyerId,
    r.keyId,
    r.routeId,
    r.cardVersion,
    r.model,
    r.responseModel,
    r.status,
    r.httpStatus,
    r.errorCode,
    r.tokens.input,
    r.tokens.cacheWrite5m,
    r.tokens.cacheWrite1h,
    r.tokens.cacheRead,
    r.tokens.output,
    charge,
    hold,
    shortfall,
    r.usageSource,
    r.quoteBasis,
    r.flags,
    r.detail,
    r.upstream,
    r.upstreamRequestId,
    r.attempts,
    r.startedAt,
    r.durationMs,
    r.timeToFirstByteMs,
    at,
    r.listCost,
    r.outputTokensMax,
  );
}
