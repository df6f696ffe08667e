/**
 * Sums what ends, in the transaction that ends it. With little to do a batch adds to the rows of its minute at once.
 * Under load it appends what it adds as one row, which costs a fifth of that, and keeps the sum in memory; the first
 * batch some moments later, or when there is much, adds the sum to the rows instead and deletes what was appended.
 */
import { randomInt } from 'node:crypto';
import type { Db } from '../db/open.ts';
import { GROW_BY_EXCLUDED, SUMS_AND_FIRST, USAGE_WHO } from '../db/usage-columns.ts';
import { ChunkedStatement } from './chunked-statement.ts';
import { createUsageFold } from './fold-usage.ts';
import type { ChargeSplit } from './ledger.ts';
import type { RequestRow } from './operations.ts';
import { isError, isEstimated, isRefused, TALLY_WIDTH, UsageTally, type Member } from './usage-tally.ts';

export const MINUTE_MS = 60_000;
/** Ledger time after which what was appended is merged: a reader then has little of it to unpack. */
const MERGE_AFTER_MS = 250;
/** Or earlier: when the rows to be written are few beside the requests in them. */
const MERGE_FROM = 512;
const REQUESTS_PER_ROW = 10;

export class UsageWriter {
  readonly #fold: (minutes: { readonly from: number; readonly to: number }) => void;
  readonly #merge: ChunkedStatement;
  readonly #append;
  readonly #countOwn;
  readonly #deleteOwn;
  /** Marks what this one appended and has in memory too. */
  #writer = randomInt(2 ** 47);
  /** What this batch adds and, of its minute, what earlier ones appended. */
  readonly #tally = new UsageTally();
  #appendedRows = 0;
  #minute = -1;
  #at = 0;
  #mergedAt = -Infinity;
  /** This batch merges, and does not append. */
  #merging = true;
  #addedTo = false;
  #text = '';

  constructor(db: Db) {
    this.#fold = createUsageFold(db);
    this.#merge = new ChunkedStatement(
      db,
      TALLY_WIDTH,
      (rows) => `INSERT INTO usage_minutes_merged(minute, ${USAGE_WHO.join(', ')}, ${SUMS_AND_FIRST}) VALUES ${rows} ${GROW_BY_EXCLUDED}`,
    );
    this.#append = db.prepare('INSERT INTO usage_pending(writer, minute, deltas) VALUES (?, ?, ?)');
    this.#countOwn = db.prepare('SELECT count(*) FROM usage_pending WHERE writer = ?').pluck();
    this.#deleteOwn = db.prepare('DELETE FROM usage_pending WHERE writer = ?');
  }

  /** First thing in a batch's transaction. `folded`: the last minute that hours, days and sums contain. */
  begin(at: number, folded: number): void {
    const minute = Math.floor(at / MINUTE_MS);
    if (folded < minute - 1) this.#fold({ from: folded, to: minute - 1 });
    // What was appended for an earlier minute is merged by now: just here, or by whoever came first.
    if (minute !== this.#minute) this.#forget();
    this.#minute = minute;
    this.#at = at;
    this.#merging = at - this.#mergedAt >= MERGE_AFTER_MS || this.#tally.requests >= Math.max(MERGE_FROM, this.#tally.size * REQUESTS_PER_ROW);
  }

  /** A request that ended in this batch. */
  add(record: RequestRow, split: ChargeSplit, shortfall: bigint): void {
    if (!this.#addedTo && this.#merging && this.#appendedRows > 0) this.#takeBack();
    this.#addedTo = true;
    const member = this.#tally.add(record, split, shortfall);
    if (!this.#merging) this.#text += (this.#text === '' ? '[' : ',') + whoText(member) + deltaText(record, split, shortfall);
  }

  /** Last thing in the batch's transaction. */
  end(): void {
    if (!this.#addedTo) return;
    if (this.#merging) this.#merge.run(this.#tally.values(this.#minute));
    else this.#append.run(this.#writer, this.#minute, `${this.#text}]`);
  }

  committed(): void {
    if (!this.#addedTo) return;
    if (this.#merging) {
      this.#forget();
      this.#mergedAt = this.#at;
    } else this.#appendedRows++;
    this.#rest();
  }

  /** The batch was rolled back, so memory says too much. */
  failed(): void {
    this.#disown();
    this.#rest();
  }

  /** What was appended is deleted, to be written as sums; unless some of it is merged already. */
  #takeBack(): void {
    if (this.#countOwn.get(this.#writer) === this.#appendedRows) this.#deleteOwn.run(this.#writer);
    else this.#disown();
  }

  /** What was appended is on disk, and is merged by whoever closes its minute. */
  #disown(): void {
    this.#writer = randomInt(2 ** 47);
    this.#forget();
  }

  #forget(): void {
    this.#tally.clear();
    this.#appendedRows = 0;
    this.#mergedAt = -Infinity;
  }

  #rest(): void {
    this.#addedTo = false;
    this.#text = '';
  }
}

/** The first part of a request as `usage_pending.deltas` has it: all columns but the minute. */
function whoText({ buyerId, keyId, routeId, model }: Member): string {
  return `[${buyerId},${keyId},${routeId},${PLAIN.test(model) ? `"${model}"` : JSON.stringify(model.toWellFormed())}`;
}

/** Lone surrogates, which no text of SQLite's has, become what they become where a string is bound. */
const PLAIN = /^[\w.:/@-]*$/;

/** The rest. */
function deltaText(record: RequestRow, { byClass, webSearch, cacheSaved }: ChargeSplit, shortfall: bigint): string {
  const { tokens } = record;
  return (
    `${kindText(record)},${tokens.input},${tokens.output},${tokens.cacheWrite5m},${tokens.cacheWrite1h},${tokens.cacheRead}` +
    `,${digits(byClass.input)},${digits(byClass.output)},${digits(byClass.cacheWrite5m)},${digits(byClass.cacheWrite1h)},${digits(byClass.cacheRead)}` +
    `,${digits(webSearch)},${digits(shortfall)},${digits(record.listCost ?? 0n)},${digits(cacheSaved)},${record.requestId}]`
  );
}

/** Many amounts are zero, which need not be converted. */
const digits = (amount: bigint): string => (amount === 0n ? '0' : amount.toString());

/** One request, and whether it is an error, refused, estimated. */
function kindText(record: RequestRow): string {
  const [error, refused, estimated] = [isError(record), isRefused(record), isEstimated(record)];
  return error || refused || estimated ? `,1,${Number(error)},${Number(refused)},${Number(estimated)}` : ',1,0,0,0';
}
