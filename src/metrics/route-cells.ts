/** What is counted of the requests of one route and model. Plain numbers in typed arrays: nothing is allocated per request. */
import type { ChargeSplit, RequestRecord, RequestStatus } from '../ledger/ledger.ts';
import type { Settled } from '../proxy/observer.ts';
import { codeLabel, statusLabel } from './end-labels.ts';

export interface Count {
  count: number;
}

/** Requests that ended alike. */
export interface EndCount extends Count {
  readonly outcome: RequestStatus;
  /** Of `statusLabel`. */
  readonly status: string;
}

/** Places in `money`: five classes and web searches, which add up to the charge, then these. */
export const WEB_SEARCH = 5;
export const LIST_COST = 6;
export const SHORTFALL = 7;

/** Of `RequestStatus`, so that a status of either kind is one number. */
const OUTCOMES: Readonly<Record<RequestStatus, number>> = { completed: 0, interrupted: 1, client_left: 2, upstream_error: 3, failed: 4, refused: 5, recovered: 6 };

export class RouteCells {
  readonly route: string;
  readonly model: string;
  readonly #ends = new Map<number, EndCount>();
  readonly #errors = new Map<string, Count>();
  /** In the order of `TOKEN_CLASSES`. */
  readonly tokens = new Float64Array(5);
  /** Micro-USDC. No sum of ours comes near 2^63. */
  readonly money = new BigInt64Array(8);
  /** Requests that had a hold: without any, there is nothing to tell of tokens and money. */
  settlements = 0;
  /** Settled with usage that is not the upstream's own report. */
  estimated = 0;
  /** Settled with nothing charged although the upstream may have billed. */
  exposed = 0;

  constructor(route: string, model: string) {
    this.route = route;
    this.model = model;
  }

  ended(outcome: RequestStatus, httpStatus: number, errorCode: string | null): void {
    const key = httpStatus * 8 + OUTCOMES[outcome];
    (this.#ends.get(key) ?? this.#newEnd(key, outcome, httpStatus)).count++;
    if (errorCode !== null) (this.#errors.get(errorCode) ?? this.#errorOf(errorCode)).count++;
  }

  settled({ tokens: used, listCost, usageSource, flags }: RequestRecord, { split, shortfall }: Settled): void {
    const { tokens } = this;
    this.settlements++;
    tokens[0]! += used.input;
    tokens[1]! += used.output;
    tokens[2]! += used.cacheWrite5m;
    tokens[3]! += used.cacheWrite1h;
    tokens[4]! += used.cacheRead;
    this.#charge(split);
    if (listCost !== null) this.money[LIST_COST]! += listCost;
    if (shortfall > 0n) this.money[SHORTFALL]! += shortfall;
    if (usageSource === 'estimated' || usageSource === 'recovered') this.estimated++;
    if (flags.length > 0 && flags.includes('exposure')) this.exposed++;
  }

  #charge({ byClass, webSearch }: ChargeSplit): void {
    const { money } = this;
    money[0]! += byClass.input;
    money[1]! += byClass.output;
    money[2]! += byClass.cacheWrite5m;
    money[3]! += byClass.cacheWrite1h;
    money[4]! += byClass.cacheRead;
    money[WEB_SEARCH]! += webSearch;
  }

  /** Each once, though several rare statuses are counted by one. */
  ends(): EndCount[] {
    return [...new Set(this.#ends.values())];
  }

  errors(): { readonly code: string; readonly count: number }[] {
    return [...this.#errors].map(([code, { count }]) => ({ code, count }));
  }

  #newEnd(key: number, outcome: RequestStatus, httpStatus: number): EndCount {
    const status = statusLabel(httpStatus);
    const end = this.ends().find((known) => known.outcome === outcome && known.status === status) ?? { outcome, status, count: 0 };
    this.#ends.set(key, end);
    return end;
  }

  /** Only codes that we know are kept. */
  #errorOf(code: string): Count {
    const label = codeLabel(code);
    const known = this.#errors.get(label) ?? { count: 0 };
    this.#errors.set(label, known);
    return known;
  }
}
