/** What rules are judged by, as plain values. Read by short queries, see `readFacts`. */
import type { BuyerId } from '../ids.ts';
import type { MicroUsdc } from '../money.ts';

export interface BuyerFacts {
  readonly buyerId: BuyerId;
  readonly name: string;
  readonly disabled: boolean;
  /** Something was ever credited. */
  readonly funded: boolean;
  /** Posted, what is held included. */
  readonly balance: MicroUsdc;
  readonly available: MicroUsdc;
  /** Charged in the last 60 minutes. */
  readonly burnPerHour: MicroUsdc;
  /** Until available is used up at this burn; null when nothing burns. */
  readonly emptyInMinutes: number | null;
  /** Charged beyond the balance in the last 60 minutes. */
  readonly shortfall: MicroUsdc;
  /** Charges of the last 60 minutes that were estimated. */
  readonly estimated: number;
}

/** Requests that ended in some time, without those refused before they were begun. */
export interface ErrorFacts {
  readonly requests: number;
  readonly errors: number;
}

export interface UpstreamFacts {
  readonly name: string;
  /** Requests that ended in some time and failed by the upstream's fault. */
  readonly faults: number;
  /** One that ended in that time did not. */
  readonly answered: boolean;
  /** Unix ms: when its last request ended that says whether it answers. */
  readonly lastEndedAt: number;
}

export interface AlertFacts {
  readonly buyers: readonly BuyerFacts[];
  /** By window in milliseconds: one for each rule that asks. */
  readonly errors: ReadonlyMap<number, ErrorFacts>;
  /** By how long every request must have failed, in milliseconds; those that had requests lately. */
  readonly upstreams: ReadonlyMap<number, readonly UpstreamFacts[]>;
}

/** An upstream without requests for so long is no longer known to be down. */
export const UPSTREAM_QUIET_MS = 3_600_000;
