/** What changed for one buyer since one looked last. Reads only; each look is short. */
import type { Db } from '../../db/open.ts';
import { prepared } from '../../db/prepared.ts';
import { firstRequestIdAt, type BuyerId, type RequestId } from '../../ids.ts';
import { readBalances } from '../../reports/balances.ts';
import { presentOf } from '../../reports/present.ts';
import { findRequest } from '../../reports/requests.ts';
import { readUsage } from '../../reports/usage.ts';
import { UsageNotSummedError } from '../../reports/usage-state.ts';
import { NO_USAGE, type UsageSums } from '../../reports/usage-sums.ts';
import { startOfDay } from '../../reports/zone.ts';
import type { UsageEvent } from '../schemas/buyer.ts';
import { balanceDocument } from './balance-document.ts';
import { requestSummaryOf } from './request-document.ts';
import { buyerTotals } from './usage-totals.ts';

const MINUTE_MS = 60_000;
/** Requests told of by one look; of more, the newest. */
const REQUESTS_MAX = 50;
/** A request that started so long ago and was not seen running (it waited for money, or was refused) is looked for by its start. */
const LOOKED_BACK_MS = 30_000;
const LOOKED_AT_MAX = 1_000;

export interface FeedEvent {
  readonly event: 'balance' | 'usage' | 'request';
  /** JSON */
  readonly data: string;
}

export interface Clock {
  readonly now: number;
  readonly timezone: string;
}

export class BuyerChanges {
  readonly #db: Db;
  readonly #buyerId: BuyerId;
  readonly #last = new Map<FeedEvent['event'], string>();
  #running: ReadonlySet<RequestId> = new Set();
  /** Ended requests that were told of, or were there at the beginning, as far back as one looks. */
  #known: ReadonlySet<RequestId>;

  constructor(db: Db, buyerId: BuyerId, now: number) {
    this.#db = db;
    this.#buyerId = buyerId;
    this.#known = new Set(this.#endedLately(now));
    this.#running = new Set(this.#runningNow());
  }

  /** The state as it is, for one who has just come. */
  state(clock: Clock): FeedEvent[] {
    const state = this.#read(clock);
    // Others who listen may not have been told of it yet.
    for (const [event, data] of state) if (!this.#last.has(event)) this.#last.set(event, data);
    return state.map(([event, data]) => ({ event, data }));
  }

  /** What differs from the look before. */
  differences(clock: Clock): FeedEvent[] {
    const read = this.#db.transaction((): FeedEvent[] => {
      const state = this.#read(clock).filter(([event, data]) => this.#last.get(event) !== data);
      for (const [event, data] of state) this.#last.set(event, data);
      return [...this.#ended(clock.now), ...state.map(([event, data]) => ({ event, data }))];
    });
    return read.deferred();
  }

  #read({ now, timezone }: Clock): ['balance' | 'usage', string][] {
    const [balance] = readBalances(this.#db, { buyerId: this.#buyerId, now });
    if (balance === undefined) return [];
    const usage = this.#usage({ now, timezone });
    return [['balance', JSON.stringify(balanceDocument(balance))], ...(usage === null ? [] : [['usage', JSON.stringify(usage)] as ['usage', string]])];
  }

  /** Null while usage is being summed anew. */
  #usage({ now, timezone }: Clock): UsageEvent | null {
    const present = presentOf(this.#db, now);
    const until = Math.floor(present / MINUTE_MS + 1) * MINUTE_MS;
    const from = (since: number): UsageSums => readUsage(this.#db, { buyerId: this.#buyerId, since, until, timezone, by: 'none' })[0]?.sums ?? NO_USAGE;
    try {
      return { today: buyerTotals(from(startOfDay(present, timezone))), lastHour: buyerTotals(from(until - 60 * MINUTE_MS)) };
    } catch (error) {
      if (error instanceof UsageNotSummedError) return null;
      throw error;
    }
  }

  #ended(now: number): FeedEvent[] {
    const running = new Set(this.#runningNow());
    const lately = this.#endedLately(now);
    const gone = [...this.#running].filter((id) => !running.has(id));
    const fresh = new Set([...gone, ...lately].filter((id) => !this.#known.has(id)));
    this.#running = running;
    this.#known = new Set(lately);
    const newest = [...fresh].toSorted((a, b) => (a < b ? -1 : 1)).slice(-REQUESTS_MAX);
    return newest.flatMap((id) => {
      const entry = findRequest(this.#db, id);
      return entry === null ? [] : [{ event: 'request' as const, data: JSON.stringify(requestSummaryOf(entry)) }];
    });
  }

  #runningNow(): RequestId[] {
    return prepared(this.#db, 'SELECT id FROM open_requests WHERE buyer_id = ?', 'big pluck').all(this.#buyerId) as RequestId[];
  }

  #endedLately(now: number): RequestId[] {
    const query = 'SELECT id FROM requests WHERE buyer_id = ? AND id >= ? ORDER BY id DESC LIMIT ?';
    return prepared(this.#db, query, 'big pluck').all(this.#buyerId, firstRequestIdAt(now - LOOKED_BACK_MS), LOOKED_AT_MAX) as RequestId[];
  }
}
