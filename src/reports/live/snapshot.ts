/**
 * What the live view shows: one plain value per frame, made by `createLiveReader` from the database alone and drawn by
 * `tui/`. Money is micro-USDC, times are Unix milliseconds, durations milliseconds. Rates are per second or per minute
 * as named; `null` means there is nothing to tell.
 */
import type { BuyerId, KeyId, RequestId } from '../../ids.ts';
import type { MicroUsdc } from '../../money.ts';
import type { TokenClass, TokenCounts } from '../../tokens.ts';
import type { UsageSums } from '../usage-sums.ts';

export type PerClass<T> = Readonly<Record<TokenClass, T>>;

export interface LiveSnapshot {
  /** When it was read. */
  readonly at: number;
  /** IANA name of the zone that `today` begins in. */
  readonly timezone: string;
  /** Where clients reach the gateway, as configured: `http://127.0.0.1:8787`. */
  readonly origin: string;
  /** Serving processes that are alive on this database. */
  readonly serving: number;
  readonly overview: LiveOverview;
  /** By name. */
  readonly buyers: readonly LiveBuyer[];
  /** One per route and model that was asked for today, or route without requests (model null); by alias. */
  readonly routes: readonly LiveRoute[];
  readonly keys: readonly LiveKey[];
  readonly requests: LiveRequests;
  readonly upstreams: readonly LiveUpstream[];
  /** Newest first: those firing, then some that cleared today. */
  readonly alerts: readonly LiveAlert[];
}

export interface LiveOverview {
  /** Tokens per second of each class over the last five minutes, oldest first: `SERIES_CELLS` cells of `SERIES_CELL_MS`. */
  readonly tokenSeries: PerClass<readonly number[]>;
  /** Over the last 60 seconds. */
  readonly tokensPerSecond: PerClass<number>;
  /** Charge of each class in the last 60 seconds: USDC per minute. */
  readonly chargePerMinute: PerClass<MicroUsdc>;
  /** The last 60 seconds. */
  readonly lastMinute: UsageSums;
  readonly today: UsageSums;
  /** Requests that ended, per second, over the last 60 seconds. */
  readonly requestsPerSecond: number;
  /** Of the requests that started in the last five minutes, the newest 1,000 at most. */
  readonly timeToFirstByteP50Ms: number | null;
  readonly timeToFirstByteP95Ms: number | null;
  /**
   * Cache writes of today that for certain were never read: nothing of that buyer and model was read from a cache
   * within the write's time to live. A lower bound; writes whose time has not run out do not count yet.
   */
  readonly unreadWrites: { readonly tokens: number; readonly charge: MicroUsdc };
}

/** 60 cells of 5 seconds. */
export const SERIES_CELLS = 60;
export const SERIES_CELL_MS = 5_000;

export interface LiveBuyer {
  readonly buyerId: BuyerId;
  readonly name: string;
  readonly disabled: boolean;
  readonly balance: MicroUsdc;
  readonly held: MicroUsdc;
  readonly available: MicroUsdc;
  /** Charged in the last 60 minutes. */
  readonly burnPerHour: MicroUsdc;
  /** Whole minutes until available is used up at this burn; null when nothing burns. */
  readonly emptyInMinutes: number | null;
  /** Of today. */
  readonly today: UsageSums;
  /** Charge per minute over the last 60 minutes, oldest first, the running minute last: 60 cells. */
  readonly chargeSeries: readonly MicroUsdc[];
  /** Keys that are not revoked. */
  readonly keys: number;
}

export interface LiveRoute {
  readonly alias: string;
  /** The route is deleted; its usage of today remains. */
  readonly deleted: boolean;
  readonly upstream: string;
  readonly cardVersion: number;
  /** As requested, canonical; null for a route without requests today and for refused requests. */
  readonly model: string | null;
  /** The last 60 minutes. */
  readonly lastHour: UsageSums;
  readonly today: UsageSums;
}

export interface LiveKey {
  readonly keyId: KeyId;
  readonly buyerId: BuyerId;
  readonly buyerName: string;
  readonly label: string;
  /** `rk_…9f3a` */
  readonly masked: string;
  readonly createdAt: number;
  readonly revokedAt: number | null;
  /** The minute of its last request that ended in the last 24 hours, else null. */
  readonly lastUsedAt: number | null;
  readonly burnPerHour: MicroUsdc;
  readonly today: UsageSums;
}

export interface LiveRequests {
  /** How many hold money now; `open` has the newest of them. */
  readonly openCount: number;
  readonly held: MicroUsdc;
  /** What all open ones had cost by their last progress report. */
  readonly chargedSoFar: MicroUsdc;
  /** Newest first, at most `OPEN_MAX`. */
  readonly open: readonly LiveRequest[];
  /** Those that ended last, newest first, at most `ENDED_MAX`. */
  readonly ended: readonly LiveRequest[];
}
export const OPEN_MAX = 200;
export const ENDED_MAX = 50;

export interface LiveRequest {
  readonly requestId: RequestId;
  /** `waiting`: no progress was reported yet. Of an ended one its status, e.g. `completed`. */
  readonly state: 'waiting' | 'streaming' | (string & {});
  readonly failed: boolean;
  /** Since its start; of an ended one, how long it took. */
  readonly ageMs: number;
  readonly buyerName: string;
  readonly keyId: KeyId;
  readonly route: string | null;
  readonly model: string | null;
  /** So far, as of the last progress report (at most 5 seconds old); null: none yet. */
  readonly tokens: TokenCounts | null;
  /** So far, an estimate until settled; null: none yet. */
  readonly charge: MicroUsdc | null;
  /** Null when it has ended. */
  readonly held: MicroUsdc | null;
}

export interface LiveUpstream {
  readonly name: string;
  /**
   * By its requests that ended in the last five minutes (of the 2,000 that started last): `down`: the last ones all failed by the
   * upstream's fault; `degraded`: more than one in twenty did; `idle`: none came.
   */
  readonly health: 'up' | 'degraded' | 'down' | 'idle';
  readonly requestsPerMinute: number;
  /** Failed by the upstream's fault ÷ all, 0 to 1. */
  readonly errorShare: number;
  /** Requests that took more than one try ÷ all. */
  readonly retriedShare: number;
  readonly timeToFirstByteP50Ms: number | null;
  readonly timeToFirstByteP95Ms: number | null;
  readonly openRequests: number;
  readonly lastError: { readonly at: number; readonly code: string } | null;
  /** Aliases of the routes that lead there. */
  readonly routes: readonly string[];
}

export interface LiveAlert {
  readonly firedAt: number;
  readonly clearedAt: number | null;
  /** Whom or what it concerns: a buyer's name, an upstream, or `gateway`. */
  readonly subject: string;
  /** In words, e.g. `balance below 1 h at the present burn`. */
  readonly message: string;
}
