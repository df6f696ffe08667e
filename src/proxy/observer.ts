/**
 * What the operator's instruments (metrics, the log of requests, traces) are told of the data plane. They run on its
 * thread: they count and return, and never throw. Nothing they are told is a body or a secret.
 */
import type { ChargeSplit, RequestRecord, SettleOutcome } from '../ledger/ledger.ts';
import type { MicroUsdc } from '../money.ts';

/** A request to `/<alias>/v1/messages` that has ended: it was settled or refused, or it was settled for a process that died. */
export interface RequestEnd {
  /** `req_…`, as the client saw it. */
  readonly requestId: string;
  /** The route's alias. Null: the request had no good key or no such route, so that nobody may choose what stands here. */
  readonly route: string | null;
  /** The model's id on the route's price card; null when the request named none of those, or none was read. */
  readonly model: string | null;
  /** What the client was answered; 0 when it left before. */
  readonly httpStatus: number;
  /** An `ErrorCode` of ours or the upstream's error type. */
  readonly errorCode: string | null;
  /** Wall clock, ms since 1970. */
  readonly startedAt: number;
  readonly durationMs: number;
  /** As the client sent it (W3C trace context), unchecked. */
  readonly traceparent: string | null;
  /** What became of the money; null: refused before there was a hold. */
  readonly settled: Settled | null;
  /** The row of the request; null when there is none, for want of a good key. */
  readonly record: RequestRecord | null;
}

export interface Settled {
  /** Other than `posted` and `voided`: the ledger had ended this hold already, so nothing of this is what was charged. */
  readonly outcome: SettleOutcome['kind'];
  /** The response was asked for as a stream; null for one that was recovered: nobody knows. */
  readonly stream: boolean | null;
  /** From the request's start until its hold was on disk, waiting for money included; 0 for one that was recovered. */
  readonly heldAfterMs: number;
  /** What the ledger took for the hold alone; 0 for one that was recovered. */
  readonly holdMs: number;
  /** From the request's start until each try after the first was begun; null when there was none. Their ends: `detail.tries`. */
  readonly triedAgainAfterMs: readonly number[] | null;
  /** From the last byte of the upstream until the charge was on disk. */
  readonly settleMs: number;
  readonly hold: MicroUsdc;
  readonly charge: MicroUsdc;
  readonly split: ChargeSplit;
  readonly shortfall: MicroUsdc;
}

export interface Observer {
  requestEnded(end: RequestEnd): void;
}

export const NO_OBSERVER: Observer = Object.freeze({ requestEnded: () => undefined });
