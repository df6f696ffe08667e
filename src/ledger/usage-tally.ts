/** Usage of one minute in memory, summed by key, route and model, as `usage_minutes_merged` keeps it. */
import type { ChargeSplit } from './ledger.ts';
import type { RequestRow } from './operations.ts';
import { USAGE_WHO } from '../db/usage-columns.ts';

/** Counts come first in the columns, then money. */
const COUNTS = 9;
const MONEY = 9;
/** Values of a row: its minute, who, the sums and the first request. */
export const TALLY_WIDTH = 1 + USAGE_WHO.length + COUNTS + MONEY + 1;

/** Whom a request counts for: a refused one names what it likes, so its model is left out. */
function modelOf({ status, model }: RequestRow): string {
  return status === 'refused' ? '' : (model ?? '');
}

const BROKEN: ReadonlySet<string> = new Set(['upstream_error', 'failed', 'interrupted', 'recovered']);
export const isError = ({ status }: RequestRow): boolean => BROKEN.has(status);
export const isRefused = ({ status }: RequestRow): boolean => status === 'refused';
export const isEstimated = ({ usageSource }: RequestRow): boolean => usageSource === 'estimated' || usageSource === 'recovered';

/** What a row is of. */
export interface Member {
  readonly place: number;
  readonly buyerId: number;
  readonly keyId: number;
  readonly routeId: number;
  readonly model: string;
  first: bigint;
}

/** More routes than a gateway will ever have had. */
const ROUTES = 2 ** 24;

export class UsageTally {
  /** Requests that were added. */
  requests = 0;
  /** By key and route as one number: those of each model. */
  readonly #byKeyAndRoute = new Map<number, Member[]>();
  readonly #members: Member[] = [];
  #counts = new Float64Array(COUNTS * 64);
  // Sums in here cost no allocation each, and stay exact: no sum of ours comes near 2^63.
  #money = new BigInt64Array(MONEY * 64);

  /** Different keys, routes and models. */
  get size(): number {
    return this.#members.length;
  }

  /** Answers what it was added to. */
  add(record: RequestRow, { byClass, webSearch, cacheSaved }: ChargeSplit, shortfall: bigint): Member {
    const member = this.#memberOf(record);
    const { place } = member;
    const { tokens } = record;
    const counts = this.#counts;
    let at = place * COUNTS;
    counts[at++]! += 1;
    counts[at++]! += isError(record) ? 1 : 0;
    counts[at++]! += isRefused(record) ? 1 : 0;
    counts[at++]! += isEstimated(record) ? 1 : 0;
    counts[at++]! += tokens.input;
    counts[at++]! += tokens.output;
    counts[at++]! += tokens.cacheWrite5m;
    counts[at++]! += tokens.cacheWrite1h;
    counts[at]! += tokens.cacheRead;
    const money = this.#money;
    at = place * MONEY;
    money[at++]! += byClass.input;
    money[at++]! += byClass.output;
    money[at++]! += byClass.cacheWrite5m;
    money[at++]! += byClass.cacheWrite1h;
    money[at++]! += byClass.cacheRead;
    money[at++]! += webSearch;
    money[at++]! += shortfall;
    money[at++]! += record.listCost ?? 0n;
    money[at]! += cacheSaved;
    this.requests++;
    return member;
  }

  /** The values of every row, one row after the other. */
  values(minute: number): unknown[] {
    const values: unknown[] = [];
    for (const { place, buyerId, keyId, routeId, model, first } of this.#members) {
      values.push(minute, buyerId, keyId, routeId, model);
      for (let i = place * COUNTS; i < (place + 1) * COUNTS; i++) values.push(this.#counts[i]);
      for (let i = place * MONEY; i < (place + 1) * MONEY; i++) values.push(this.#money[i]);
      values.push(first);
    }
    return values;
  }

  clear(): void {
    this.#counts.fill(0, 0, this.size * COUNTS);
    this.#money.fill(0n, 0, this.size * MONEY);
    this.#byKeyAndRoute.clear();
    this.#members.length = 0;
    this.requests = 0;
  }

  #memberOf(record: RequestRow): Member {
    const keyAndRoute = record.keyId * ROUTES + (record.routeId ?? 0);
    const model = modelOf(record);
    const known = this.#byKeyAndRoute.get(keyAndRoute);
    if (known) {
      for (const member of known) {
        if (member.model !== model) continue;
        if (record.requestId < member.first) member.first = record.requestId;
        return member;
      }
    }
    const { buyerId, keyId, routeId, requestId } = record;
    const member: Member = { place: this.size, buyerId, keyId, routeId: routeId ?? 0, model, first: requestId };
    if (known) known.push(member);
    else this.#byKeyAndRoute.set(keyAndRoute, [member]);
    this.#members.push(member);
    if (this.size * COUNTS > this.#counts.length) this.#grow();
    return member;
  }

  #grow(): void {
    const [counts, money] = [this.#counts, this.#money];
    this.#counts = new Float64Array(counts.length * 2);
    this.#counts.set(counts);
    this.#money = new BigInt64Array(money.length * 2);
    this.#money.set(money);
  }
}
