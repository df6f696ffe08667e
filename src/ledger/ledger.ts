/**
 * The ledger's interface: double entry in two phases, append-only. It knows nothing of SQLite.
 *
 * Accounts have four counters. A buyer's balance is credits posted − debits posted; `held` is debits pending;
 * available = balance − held ≥ 0, always. A hold is a pending transfer buyer → revenue; it ends by exactly one
 * `post` (at most the hold) or `void`. A charge above its hold takes the rest from available (`excess`) and what is
 * still missing from the `shortfall` account, in the same transaction.
 */
import type { BuyerId, CardVersion, InstanceId, KeyId, RequestId, RouteId, TransferId } from '../ids.ts';
import { ZERO, type MicroUsdc } from '../money.ts';
import type { QuoteBasis, TokenClass, TokenCounts, UsageSource } from '../tokens.ts';

export interface Balance {
  /** Posted credits − posted debits. */
  readonly balance: MicroUsdc;
  /** Reserved by open holds. */
  readonly held: MicroUsdc;
}
export const availableOf = (b: Balance): MicroUsdc => (b.balance - b.held) as MicroUsdc;

export interface Hold {
  readonly requestId: RequestId;
  readonly buyerId: BuyerId;
  readonly keyId: KeyId;
  readonly routeId: RouteId;
  readonly cardVersion: CardVersion;
  /** The registry generation that admission was decided under; the hold's transaction compares it. */
  readonly generation: number;
  /** Canonical id of the requested model. */
  readonly model: string;
  readonly amount: MicroUsdc;
  /** What the request may cost at most: the amount, or more where the route holds less; caps estimates. */
  readonly worstCase: MicroUsdc;
  readonly quoteBasis: QuoteBasis;
  /** Output tokens the request may produce; caps estimates. */
  readonly outputTokensMax: number;
  readonly upstream: string;
  /** Wall-clock ms since 1970. */
  readonly startedAt: number;
}

export type HoldOutcome =
  /** The hold is on disk. The balance after it. */
  | { readonly kind: 'created'; readonly balance: Balance }
  /** The same hold was made before (replay of the id with equal content). */
  | { readonly kind: 'exists' }
  /** The id is taken by a hold with other content, or by a settled request. */
  | { readonly kind: 'conflict'; readonly field: string }
  | { readonly kind: 'insufficientFunds'; readonly balance: Balance }
  /** The registry has changed since admission: read again, decide again. */
  | { readonly kind: 'stale' }
  /** Nothing was written: the database is busy, full or shutting down. */
  | { readonly kind: 'unavailable'; readonly reason: string };

/** What recovery needs to bill a request whose process died. Recorded lazily; nothing waits for it. */
export interface Progress {
  readonly requestId: RequestId;
  /** The model the response named. */
  readonly model: string;
  readonly tokens: TokenCounts;
  /** UTF-8 bytes of all delta text so far. */
  readonly deltaBytes: number;
  readonly webSearchRequests: number;
  readonly inferenceGeo: string | null;
  readonly serviceTier: string | null;
}

export const REQUEST_STATUSES = [
  /** The whole response was relayed (or drained) and its final usage is known. */
  'completed',
  /** The upstream broke off, stalled or could not be read: partial charge. */
  'interrupted',
  /** The client left and the rest was drained or estimated. */
  'client_left',
  /** The upstream answered with an error; nothing is charged. */
  'upstream_error',
  /** Ours: nothing came back (unreachable, timed out, internal error). */
  'failed',
  /** Refused before a hold; nothing was forwarded. */
  'refused',
  /** Settled for a process that died. */
  'recovered',
] as const;
export type RequestStatus = (typeof REQUEST_STATUSES)[number];

/** The meter's record of a request: one immutable row, written in the transaction that ends it. */
export interface RequestRecord {
  readonly requestId: RequestId;
  readonly buyerId: BuyerId;
  readonly keyId: KeyId;
  readonly routeId: RouteId | null;
  readonly cardVersion: CardVersion | null;
  /** As requested, canonical where known; what the client sent otherwise. */
  readonly model: string | null;
  /** As the response named it. */
  readonly responseModel: string | null;
  readonly status: RequestStatus;
  /** What the client was answered; 0 when it left before. */
  readonly httpStatus: number;
  /** An `ErrorCode` of ours or the upstream's error type. */
  readonly errorCode: string | null;
  /** Sums over all parts of the usage. */
  readonly tokens: TokenCounts;
  /** The same usage at list prices as they are now; null where nothing was priced (refusals). */
  readonly listCost: MicroUsdc | null;
  /** Output tokens that the request could produce; null when it was refused. */
  readonly outputTokensMax: number | null;
  readonly usageSource: UsageSource;
  readonly quoteBasis: QuoteBasis | null;
  /** Words such as `model_mismatch` that the receipt shows. */
  readonly flags: readonly string[];
  /** What a receipt needs beyond the columns (several parts, geo, server tools, tokens after a disconnect); JSON-able. */
  readonly detail: RequestDetail | null;
  readonly upstream: string | null;
  readonly upstreamRequestId: string | null;
  readonly attempts: number;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly timeToFirstByteMs: number | null;
}

export interface RequestDetail {
  readonly parts?: readonly { readonly model: string; readonly tokens: TokenCounts }[];
  readonly inferenceGeo?: string;
  readonly serviceTier?: string;
  readonly webSearchRequests?: number;
  readonly outputTokensAfterDisconnect?: number;
  readonly message?: string;
  /** In their order, the last of them included; absent when the first one was the only one. At most `TRIES_MAX`. */
  readonly tries?: readonly UpstreamTry[];
  /** How long the hold waited for the buyer's other holds to end; absent when it did not. */
  readonly waitedMs?: number;
}

export const TRIES_MAX = 10;
export interface UpstreamTry {
  /** The HTTP status that the upstream answered, or how the try failed, e.g. `unreachable`. */
  readonly outcome: number | string;
  /** From the request's start until that was known. */
  readonly ms: number;
}

/** What the sums of usage need of a charge. `byClass` and `webSearch` add up to it. */
export interface ChargeSplit {
  readonly byClass: Readonly<Record<TokenClass, MicroUsdc>>;
  readonly webSearch: MicroUsdc;
  /** What the same tokens had cost uncached, less what they cost; may be negative. */
  readonly cacheSaved: MicroUsdc;
}

/** Of what is not charged. */
export const NO_SPLIT: ChargeSplit = Object.freeze({
  byClass: Object.freeze({ input: ZERO, output: ZERO, cacheWrite5m: ZERO, cacheWrite1h: ZERO, cacheRead: ZERO }),
  webSearch: ZERO,
  cacheSaved: ZERO,
});

export interface Settlement {
  readonly action: 'post' | 'void';
  /** The exact charge; 0 for a void. May exceed the hold. */
  readonly charge: MicroUsdc;
  readonly split: ChargeSplit;
  readonly record: RequestRecord;
}

export type SettleOutcome =
  | {
      readonly kind: 'posted';
      /** What the buyer was debited: the charge less the shortfall. */
      readonly debited: MicroUsdc;
      /** The part of the charge beyond the hold that was taken from available. */
      readonly excess: MicroUsdc;
      readonly shortfall: MicroUsdc;
      readonly balance: Balance;
    }
  | { readonly kind: 'voided'; readonly balance: Balance }
  | { readonly kind: 'alreadyPosted' }
  | { readonly kind: 'alreadyVoided' }
  | { readonly kind: 'noHold' };

/** An open hold, with the progress that its process recorded. */
export interface OpenRequest {
  readonly hold: Hold;
  readonly instance: InstanceId;
  readonly progress: Progress | null;
}

export interface Deposit {
  readonly buyerId: BuyerId;
  /** Above zero for a top-up; an adjustment may be negative. */
  readonly amount: MicroUsdc;
  readonly kind: 'deposit' | 'adjust';
  /** Idempotency: a reference applies once in the whole ledger. */
  readonly reference: string | null;
  /** Required for an adjustment. */
  readonly reason: string | null;
}

export type DepositOutcome =
  | { readonly kind: 'created'; readonly transferId: TransferId; readonly balance: Balance; readonly before: Balance }
  /** The reference was applied before, to the same buyer with the same amount: nothing happened. */
  | { readonly kind: 'exists'; readonly transferId: TransferId; readonly balance: Balance }
  /** The reference was applied before, with something else. */
  | { readonly kind: 'conflict'; readonly transferId: TransferId; readonly field: 'buyer' | 'amount' | 'kind' }
  /** A negative adjustment would take the balance below what is held. */
  | { readonly kind: 'insufficientFunds'; readonly balance: Balance }
  | { readonly kind: 'noBuyer' }
  /** More than the ledger keeps account of. */
  | { readonly kind: 'tooMuch'; readonly reason: string }
  /** The database is busy or the disk is full: it may do later. */
  | { readonly kind: 'unavailable'; readonly reason: string };

/** What a ledger does at a moment. */
export interface LedgerFigures {
  /** Batches of operations, of one or of many, that were answered since the start: each is a transaction, unless it was refused. */
  readonly commits: number;
  /** Operations that somebody waits for now. */
  readonly pending: number;
}

/** What a serving process needs. Answers resolve only when what they say is on disk. */
export interface Ledger {
  readonly instance: InstanceId;
  hold(hold: Hold): Promise<HoldOutcome>;
  /** Keeps trying while the database is busy or full; resolves once it is on disk. Rejects only when the ledger is dead. */
  settle(settlement: Settlement): Promise<SettleOutcome>;
  /** Joins some later commit. */
  progress(progress: Progress): void;
  /** A request refused after authentication: a row in some later commit, dropped when its key has had too many. */
  recordRefusal(record: RequestRecord): void;
  deposit(deposit: Deposit): Promise<DepositOutcome>;
  balance(buyerId: BuyerId): Balance | null;
  /** Open holds of processes that are gone, for recovery to settle. Live processes' holds are never among them. */
  orphans(): Promise<readonly OpenRequest[]>;
  figures(): LedgerFigures;
  /** True when a small write would reach the disk now. */
  writable(): Promise<boolean>;
  /** Resolves, with the reason, if the ledger dies (worker gone, failed commit, database replaced): the process must stop. */
  readonly died: Promise<Error>;
  /** Commits what is queued, checkpoints, frees the instance lock. */
  close(): Promise<void>;
}
