/** Fills the temporary minutes with what the request rows give. */
import type { Db, Statement } from '../db/open.ts';
import type { RequestId } from '../ids.ts';
import { addTokens, type TokenCounts } from '../tokens.ts';
import type { RequestUsage } from './request-usage.ts';
import { SUM_COLUMNS } from './usage-columns.ts';
import { columnsOf, expected } from './usage-tables.ts';

interface Minute {
  readonly who: readonly [number, number, number, string, number];
  requests: number;
  errors: number;
  refused: number;
  estimated: number;
  tokens: TokenCounts;
  /** The charges in the order of their columns, then shortfall, list cost and what the cache saved. */
  readonly money: bigint[];
  first: RequestId;
}

/** So many are summed in memory before they are written; rows come ordered by start, so few minutes come twice. */
const KEPT = 5_000;
const ROWS = 32;

/** Add every request once, then `write`. */
export class ExpectedMinutes {
  readonly #db: Db;
  readonly #some: Statement;
  readonly #one: Statement;
  readonly #minutes = new Map<string, Minute>();

  constructor(db: Db) {
    this.#db = db;
    const columns = columnsOf('minutes');
    const group = `(${columns.map(() => '?').join(',')})`;
    const added = SUM_COLUMNS.map((column) => `${column} = ${column} + excluded.${column}`).join(', ');
    const insert = (rows: number): Statement =>
      db.prepare(
        `INSERT INTO ${expected('minutes')}(${columns.join(',')}) VALUES ${Array.from({ length: rows }, () => group).join(',')}
         ON CONFLICT DO UPDATE SET ${added}, first_request = min(first_request, excluded.first_request)`,
      ) as Statement;
    this.#some = insert(ROWS);
    this.#one = insert(1);
  }

  add(id: RequestId, usage: RequestUsage): void {
    const { minute, keyId, routeId, model, buyerId } = usage;
    const key = `${minute} ${keyId} ${routeId} ${model}`;
    const money = moneyOf(usage);
    const known = this.#minutes.get(key);
    if (known === undefined) {
      const who = [minute, keyId, routeId, model, buyerId] as const;
      const { error, refused, estimated, tokens } = usage;
      this.#minutes.set(key, { who, requests: 1, errors: +error, refused: +refused, estimated: +estimated, tokens, money, first: id });
      if (this.#minutes.size >= KEPT) this.write();
      return;
    }
    known.requests++;
    known.errors += +usage.error;
    known.refused += +usage.refused;
    known.estimated += +usage.estimated;
    known.tokens = addTokens(known.tokens, usage.tokens);
    for (let i = 0; i < money.length; i++) known.money[i] = (known.money[i] as bigint) + (money[i] as bigint);
    if (id < known.first) known.first = id;
  }

  write(): void {
    const rows = [...this.#minutes.values()];
    this.#minutes.clear();
    const insert = (): void => {
      let from = 0;
      for (; rows.length - from >= ROWS; from += ROWS) this.#some.run(rows.slice(from, from + ROWS).flatMap(valuesOf));
      for (const row of rows.slice(from)) this.#one.run(valuesOf(row));
    };
    if (this.#db.inTransaction) insert();
    else this.#db.transaction(insert)();
  }
}

function moneyOf({ split, shortfall, listCost }: RequestUsage): bigint[] {
  const { input, output, cacheWrite5m, cacheWrite1h, cacheRead } = split.byClass;
  return [input, output, cacheWrite5m, cacheWrite1h, cacheRead, split.webSearch, shortfall, listCost, split.cacheSaved];
}

function valuesOf({ who, requests, errors, refused, estimated, tokens, money, first }: Minute): unknown[] {
  const { input, output, cacheWrite5m, cacheWrite1h, cacheRead } = tokens;
  return [...who, requests, errors, refused, estimated, input, output, cacheWrite5m, cacheWrite1h, cacheRead, ...money, first];
}
