/** What an exchange needs from the rest of the house; made by gateway.ts, read anew by each request. */
import type { Allowance, UpstreamLimits } from '../config.ts';
import type { BuyerId, RequestId } from '../ids.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Log } from '../log.ts';
import type { PriceBook } from '../metering/price-book.ts';
import type { ScanMemory } from '../metering/scan-memory.ts';
import type { Upstream } from '../upstreams/upstream.ts';
import type { Admitter } from './admit.ts';
import type { BodyMemory } from './body-memory.ts';
import type { Deadlines } from '../deadlines.ts';
import type { DrainSlots } from './drain-slots.ts';
import type { FundsQueue } from './funds-queue.ts';
import type { Observer } from './observer.ts';
import type { Probes } from './probe.ts';

export interface UpstreamEntry {
  readonly upstream: Upstream;
  readonly limits: UpstreamLimits;
}

/** What a reload of the configuration changes. A request keeps the settings that it began with. */
export interface Settings {
  readonly upstreams: ReadonlyMap<string, UpstreamEntry>;
  readonly allow: ReadonlySet<Allowance>;
  readonly holdWaitMs: number;
  readonly drainMs: number;
  readonly requestBodyBytesMax: number;
  readonly responseBufferBytesMax: number;
  /** List prices: what margins are measured against. */
  readonly priceBook: PriceBook;
  /** Host names that requests may name, lower case, without a port. */
  readonly hosts: ReadonlySet<string>;
}

export interface Deps {
  readonly ledger: Ledger;
  readonly admitter: Admitter;
  readonly memory: BodyMemory;
  readonly deadlines: Deadlines;
  readonly funds: FundsQueue;
  readonly drains: DrainSlots;
  readonly probes: Probes;
  readonly scanMemory: ScanMemory;
  readonly newRequestId: () => RequestId;
  readonly log: Log;
  readonly observer: Observer;
  /** Buyers whose last hold was made: a hint that spares a read, never an authority. */
  readonly funded: Set<BuyerId>;
  settings: Settings;
}
