/** What is known of one request while it lives. Filled in from admission on; read by the relays and by settlement. */
import type { ServerResponse } from 'node:http';
import { formatRequestId, type RequestId } from '../ids.ts';
import type { UpstreamTry } from '../ledger/ledger.ts';
import type { RequestFacts } from '../metering/request-facts.ts';
import type { Deps, Settings, UpstreamEntry } from './deps.ts';
import type { PlacedHold } from './place-hold.ts';
import type { SettleResult } from './settle.ts';

export class ExchangeState {
  readonly deps: Deps;
  readonly res: ServerResponse;
  readonly settings: Settings;
  readonly requestId: RequestId;
  readonly publicId: string;
  /** Wall clock, ms since 1970. */
  readonly startedAt: number;
  /** Monotonic: intervals survive a clock that jumps. */
  readonly startedMono: number;
  readonly facts: RequestFacts;
  readonly placed: PlacedHold;
  readonly traceparent: string | null;
  /** From the request's start until its hold was on disk. */
  readonly heldAfterMs: number;
  readonly entry: UpstreamEntry;
  attempts = 0;
  /** Null as long as no try was followed by another. */
  tries: UpstreamTry[] | null = null;
  /** When each try after the first was begun, from the request's start; null as long as there is none. */
  triedAgainAfterMs: number[] | null = null;
  timeToFirstByteMs: number | null = null;
  upstreamRequestId: string | null = null;
  /** The client closed its connection before the response's end. */
  clientGone = false;
  /** Output tokens, as far as known, when the client left. */
  outputTokensAtDisconnect: number | null = null;
  /** The one settlement, once it has begun. */
  settlement: Promise<SettleResult> | null = null;
  /** Called with a bug that a relay met: fails this exchange alone. */
  onFault: (error: unknown) => void = () => undefined;

  constructor(init: {
    deps: Deps;
    res: ServerResponse;
    settings: Settings;
    requestId: RequestId;
    startedAt: number;
    startedMono: number;
    facts: RequestFacts;
    placed: PlacedHold;
    traceparent: string | null;
  }) {
    this.deps = init.deps;
    this.res = init.res;
    this.settings = init.settings;
    this.requestId = init.requestId;
    this.publicId = formatRequestId(init.requestId);
    this.startedAt = init.startedAt;
    this.startedMono = init.startedMono;
    this.facts = init.facts;
    this.placed = init.placed;
    this.traceparent = init.traceparent;
    this.heldAfterMs = performance.now() - init.startedMono;
    this.entry = init.placed.entry;
  }

  elapsedMs(): number {
    return Math.round(performance.now() - this.startedMono);
  }
}
