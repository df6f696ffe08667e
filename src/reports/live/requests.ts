/** Requests that run and those that ended last. */
import type { Db, Statement } from '../../db/open.ts';
import type { BuyerId, KeyId, RequestId } from '../../ids.ts';
import { micro } from '../../money.ts';
import { createChargeSoFar, type SoFar } from './charge-so-far.ts';
import type { RegistryNames } from './registry-names.ts';
import { ENDED_MAX, OPEN_MAX, type LiveRequest, type LiveRequests } from './snapshot.ts';

type Row = Readonly<Record<string, unknown>>;

/** An open request's figures as of one progress report: priced once a report. */
interface Priced {
  readonly progressAt: bigint;
  readonly soFar: SoFar | null;
}

function prepare(db: Db) {
  const big = (sql: string): Statement => db.prepare(sql).safeIntegers();
  return {
    totals: big('SELECT count(*) AS count, coalesce(sum(hold), 0) AS held FROM open_requests'),
    byUpstream: db.prepare('SELECT upstream, count(*) FROM open_requests GROUP BY upstream').raw(),
    newest: big(`SELECT * FROM open_requests ORDER BY id DESC LIMIT ${OPEN_MAX}`),
    ofBuyer: big(`SELECT * FROM open_requests WHERE buyer_id = ? ORDER BY id DESC LIMIT ?`),
    reported: db.prepare('SELECT id, progress_at FROM open_requests WHERE progress_at IS NOT NULL').raw().safeIntegers(),
    one: big('SELECT * FROM open_requests WHERE id = ?'),
    ended: big(`SELECT * FROM requests ORDER BY id DESC LIMIT ${ENDED_MAX}`),
    endedOfBuyer: big('SELECT * FROM requests WHERE buyer_id = ? ORDER BY id DESC LIMIT ?'),
  };
}


export class LiveRequestList {
  #sql: ReturnType<typeof prepare>;
  #chargeSoFar: (row: Row) => SoFar | null;
  /** Of the requests that are open, replaced at every read. */
  #priced = new Map<bigint, Priced>();

  constructor(db: Db) {
    this.#sql = prepare(db);
    this.#chargeSoFar = createChargeSoFar(db);
  }

  /** To be called inside a read transaction. `at`: Unix ms. */
  read(names: RegistryNames, at: number): LiveRequests {
    const { count, held } = this.#sql.totals.get() as { count: bigint; held: bigint };
    const chargedSoFar = this.#priceAll();
    const open = (this.#sql.newest.all() as Row[]).map((row) => this.#open(row, names, at));
    const ended = (this.#sql.ended.all() as Row[]).map((row) => endedRequest(row, names));
    return { openCount: Number(count), held: micro(held), chargedSoFar: micro(chargedSoFar), open, ended };
  }

  /** How many are open at each upstream. */
  openByUpstream(): Map<string, number> {
    return new Map(this.#sql.byUpstream.all() as [string, number][]);
  }

  /** A buyer's last requests, newest first, those that run among them. */
  ofBuyer(buyerId: BuyerId, names: RegistryNames, { at, limit }: { at: number; limit: number }): LiveRequest[] {
    const open = (this.#sql.ofBuyer.all(buyerId, limit) as Row[]).map((row) => this.#open(row, names, at));
    const ended = (this.#sql.endedOfBuyer.all(buyerId, limit) as Row[]).map((row) => endedRequest(row, names));
    return [...open, ...ended].sort((a, b) => (a.requestId < b.requestId ? 1 : -1)).slice(0, limit);
  }

  #priceAll(): bigint {
    const priced = new Map<bigint, Priced>();
    let sum = 0n;
    for (const [id, progressAt] of this.#sql.reported.all() as [bigint, bigint][]) {
      const known = this.#priced.get(id);
      const now = known?.progressAt === progressAt ? known : { progressAt, soFar: this.#chargeSoFar(this.#sql.one.get(id) as Row) };
      priced.set(id, now);
      sum += now.soFar?.charge ?? 0n;
    }
    this.#priced = priced;
    return sum;
  }

  #open(row: Row, names: RegistryNames, at: number): LiveRequest {
    const reported = row['progress_at'] !== null;
    const soFar = reported ? (this.#priced.get(row['id'] as bigint)?.soFar ?? this.#chargeSoFar(row)) : null;
    return {
      ...whoOf(row, names),
      state: reported ? 'streaming' : 'waiting',
      failed: false,
      ageMs: Math.max(0, at - Number(row['started_at'])),
      tokens: soFar?.tokens ?? null,
      charge: soFar?.charge ?? null,
      held: micro(row['hold'] as bigint),
    };
  }
}

function whoOf(row: Row, names: RegistryNames): Pick<LiveRequest, 'requestId' | 'buyerName' | 'keyId' | 'route' | 'model'> {
  return {
    requestId: row['id'] as RequestId,
    buyerName: names.buyerById.get(Number(row['buyer_id']))?.name ?? '',
    keyId: Number(row['key_id']) as KeyId,
    route: row['route_id'] === null ? null : (names.routeById.get(Number(row['route_id']))?.alias ?? null),
    model: row['model'] as string | null,
  };
}

const FAILED: ReadonlySet<unknown> = new Set(['upstream_error', 'failed', 'interrupted', 'recovered', 'refused']);

function endedRequest(row: Row, names: RegistryNames): LiveRequest {
  return {
    ...whoOf(row, names),
    state: row['status'] as string,
    failed: FAILED.has(row['status']),
    ageMs: Number(row['duration_ms']),
    tokens: {
      input: Number(row['input_tokens']),
      output: Number(row['output_tokens']),
      cacheWrite5m: Number(row['cache_write_5m_tokens']),
      cacheWrite1h: Number(row['cache_write_1h_tokens']),
      cacheRead: Number(row['cache_read_tokens']),
    },
    charge: micro(row['charge'] as bigint),
    held: null,
  };
}
