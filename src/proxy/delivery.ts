/**
 * From a hold on disk to its settlement: dispatches upstream, tries again where that is safe, picks the relay by what
 * came back, and drains or cuts the upstream when the client leaves.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from '../errors.ts';
import { ZERO } from '../money.ts';
import type { UpstreamFailure, UpstreamFlow, UpstreamReceiver } from '../upstreams/upstream.ts';
import { decodingReceiver, isEncoded } from './decode-response.ts';
import { ErrorRelay } from './error-relay.ts';
import type { ExchangeState } from './exchange-state.ts';
import { firstValue, responseHeaders } from './headers.ts';
import { JsonRelay } from './json-relay.ts';
import type { Relay } from './relay.ts';
import { sendError } from './respond.ts';
import type { Seated } from '../roster.ts';
import { retryDelayMs } from './retry-policy.ts';
import { settle } from './settle.ts';
import { StreamRelay } from './stream-relay.ts';

export interface Outbound {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

export class Delivery implements UpstreamReceiver, Seated {
  seat = -1;
  #x: ExchangeState;
  #outbound: Outbound | null;
  #attempt: Attempt | null = null;
  #relay: Relay | null = null;
  #retryTimer: NodeJS.Timeout | null = null;
  #drainTimer: NodeJS.Timeout | null = null;
  #interrupted: Error | null = null;
  #onDone: () => void = () => undefined;
  #finished = false;

  constructor(x: ExchangeState, outbound: Outbound) {
    this.#x = x;
    this.#outbound = outbound;
    x.onFault = (error) => this.#fault(error);
  }

  /** Resolves when the request is settled and its response has ended. */
  run(): Promise<void> {
    return new Promise((resolve) => {
      this.#onDone = resolve;
      if (this.#x.res.destroyed) {
        this.#x.clientGone = true;
        return this.#giveUp({ kind: 'unreachable', retryable: false, error: new Error('the client left before the request went upstream') });
      }
      if (this.#interrupted) return this.#giveUp({ kind: 'aborted', retryable: false, error: this.#interrupted });
      this.#x.res.once('close', () => this.#clientClosed());
      this.#dispatch();
    });
  }

  /** Cuts the request: it ends with `event: error` or 503, and a partial charge. */
  interrupt(reason: Error): void {
    this.#interrupted = reason;
    if (this.#retryTimer) this.#giveUp({ kind: 'aborted', retryable: false, error: reason });
    else this.#abort(reason);
  }

  onStart(status: number, headers: IncomingHttpHeaders, flow: UpstreamFlow): void {
    this.#guard(() => this.#start(status, headers, flow));
  }

  onData(chunk: Buffer): void {
    try {
      this.#relay?.onData(chunk);
    } catch (error) {
      this.#fault(error);
    }
  }

  onEnd(): void {
    this.#guard(() => this.#relay?.onEnd());
  }

  onFailure(failure: UpstreamFailure): void {
    this.#guard(() => {
      if (this.#relay) this.#relay.onFailure(failure);
      else if (failure.retryable && this.#mayRetry() && this.#x.attempts < this.#x.entry.limits.attemptsMax) {
        this.#noteTry(failure.kind);
        this.#dispatch();
      } else this.#giveUp(failure);
    });
  }

  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#fault(error);
    }
  }

  /** A bug: this exchange fails alone, its hold is released, the operator hears of it. */
  #fault(error: unknown): void {
    const x = this.#x;
    x.deps.log.error('alert_exchange_failed', { requestId: x.publicId, error: String((error as Error).stack ?? error) });
    this.#relay = null;
    this.#abandonAttempt(new Error('the gateway failed'));
    void settle(x, { status: 'failed', httpStatus: 500, errorCode: 'internal', flags: ['gateway_fault', 'exposure'], reading: null }).then((result) => {
      // The fault may have come after the settlement, which then stands.
      const free = result.kind === 'settled' && result.charge === ZERO;
      const words = `The gateway failed to handle this request; ${free ? 'nothing was charged' : 'its receipt says what was charged'}.`;
      if (x.res.headersSent) x.res.destroy();
      else sendError(x.res, new GatewayError('internal', words), x.publicId);
      this.#finish();
    });
  }

  #start(status: number, headers: IncomingHttpHeaders, flow: UpstreamFlow): void {
    const x = this.#x;
    x.upstreamRequestId = firstValue(headers, 'request-id').slice(0, 128) || null;
    const delay = x.attempts < x.entry.limits.attemptsMax && this.#mayRetry() ? retryDelayMs(status, headers, x.entry.limits) : null;
    if (delay !== null) {
      this.#noteTry(status);
      return this.#retryAfter(delay);
    }
    if (x.tries !== null) this.#noteTry(status);
    x.timeToFirstByteMs = x.elapsedMs();
    this.#outbound = null; // The body is not needed any more.
    this.#relay = this.#relayFor(status, headers, flow);
    if (x.clientGone) this.#relay.onClientGone();
  }

  /** How a try went, of a request that had more than one. */
  #noteTry(outcome: number | string): void {
    (this.#x.tries ??= []).push({ outcome, ms: this.#x.elapsedMs() });
  }

  #mayRetry(): boolean {
    return !this.#x.clientGone && this.#interrupted === null;
  }

  #dispatch(): void {
    const { entry, facts } = this.#x;
    const outbound = this.#outbound as Outbound;
    this.#retryTimer = null;
    if (++this.#x.attempts > 1) (this.#x.triedAgainAfterMs ??= []).push(this.#x.elapsedMs());
    const { limits } = entry;
    // A receiver of its own per attempt: a late event of an abandoned one must not reach the next.
    const attempt = new Attempt(this);
    this.#attempt = attempt;
    attempt.abort = entry.upstream.dispatch(
      {
        method: 'POST',
        path: outbound.path,
        headers: outbound.headers,
        body: outbound.body,
        firstByteTimeoutMs: facts.stream ? limits.firstByteTimeoutMs : limits.firstByteTimeoutJsonMs,
        idleTimeoutMs: limits.idleTimeoutMs,
      },
      attempt,
    );
  }

  #abort(reason: Error): void {
    this.#attempt?.abort(reason);
  }

  /** Cuts the attempt and hears no more of it. */
  #abandonAttempt(reason: Error): void {
    const attempt = this.#attempt;
    if (!attempt) return;
    this.#attempt = null;
    attempt.owner = null;
    attempt.abort(reason);
  }

  #retryAfter(delay: number): void {
    this.#abandonAttempt(new Error('trying again'));
    this.#retryTimer = setTimeout(() => this.#dispatch(), delay);
  }

  #relayFor(status: number, headers: IncomingHttpHeaders, flow: UpstreamFlow): Relay {
    const x = this.#x;
    const done = (): void => this.#finish();
    if (status < 200 || status >= 300) return this.#decoded(headers, new ErrorRelay(x, { status, headers, flow, done }));
    const type = firstValue(headers, 'content-type').toLowerCase();
    if (!type.startsWith('text/event-stream')) return this.#decoded(headers, new JsonRelay(x, { status, headers, flow, done }));
    if (!x.clientGone) x.res.writeHead(status, responseHeaders(headers, x.publicId));
    return this.#decoded(headers, new StreamRelay(x, flow, done));
  }

  #decoded(headers: IncomingHttpHeaders, relay: Relay): Relay {
    return isEncoded(headers) ? decodingReceiver(headers, relay, this.#x.onFault) : relay;
  }

  /** Nothing came back that could be passed on. */
  #giveUp(failure: UpstreamFailure): void {
    if (this.#retryTimer) clearTimeout(this.#retryTimer);
    // Without an attempt it ends between two tries, and the last one is noted already.
    if (this.#x.tries !== null && this.#attempt !== null) this.#noteTry(failure.kind);
    const error = failureError(failure, this.#x);
    // A request that was sent and never answered may have been billed upstream.
    const exposed = this.#attempt !== null && failure.kind !== 'unreachable';
    void settle(this.#x, {
      status: this.#x.clientGone ? 'client_left' : 'failed',
      httpStatus: this.#x.clientGone ? 0 : error.status,
      errorCode: this.#x.clientGone ? 'client_closed' : error.code,
      message: failure.error.message,
      flags: exposed ? ['exposure'] : [],
      reading: null,
    }).then(() => {
      if (!this.#x.clientGone) sendError(this.#x.res, error, this.#x.publicId);
      this.#finish();
    });
  }

  #clientClosed(): void {
    const x = this.#x;
    if (this.#finished || x.res.writableEnded) return;
    x.clientGone = true;
    if (this.#retryTimer) return this.#giveUp({ kind: 'unreachable', retryable: false, error: new Error('the client left between two tries') });
    this.#relay?.onClientGone();
    const left = new Error('the client left');
    if (!x.deps.drains.take()) return this.#abort(left);
    this.#drainTimer = setTimeout(() => this.#abort(left), x.settings.drainMs);
  }

  #finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    if (this.#drainTimer) {
      clearTimeout(this.#drainTimer);
      this.#x.deps.drains.giveBack();
    }
    this.#onDone();
  }
}

/** Events of one try, passed on as long as it is the current one. */
class Attempt implements UpstreamReceiver {
  owner: UpstreamReceiver | null;
  abort: (reason: Error) => void = () => undefined;
  constructor(owner: UpstreamReceiver) {
    this.owner = owner;
  }
  onStart(status: number, headers: IncomingHttpHeaders, flow: UpstreamFlow): void {
    this.owner?.onStart(status, headers, flow);
  }
  onData(chunk: Buffer): void {
    this.owner?.onData(chunk);
  }
  onEnd(): void {
    this.owner?.onEnd();
  }
  onFailure(failure: UpstreamFailure): void {
    this.owner?.onFailure(failure);
  }
}

function failureError(failure: UpstreamFailure, x: ExchangeState): GatewayError {
  const code = (failure.error as NodeJS.ErrnoException).code;
  if (code === 'EMFILE' || code === 'ENFILE')
    return new GatewayError('overloaded', 'The gateway has too many connections open; try again in a moment.', { retryAfterSeconds: 1 });
  switch (failure.kind) {
    case 'first_byte_timeout': {
      const { limits } = x.entry;
      const ms = x.facts.stream ? limits.firstByteTimeoutMs : limits.firstByteTimeoutJsonMs;
      return new GatewayError('upstream_timeout', `The upstream did not answer within ${ms / 1000} s. Nothing was charged.`);
    }
    case 'aborted':
      return new GatewayError('shutting_down', 'The gateway is stopping. Nothing was charged.', { retryAfterSeconds: 1 });
    case 'unreachable':
      return new GatewayError('upstream_unreachable', 'The upstream could not be reached. Nothing was charged.');
    default:
      return new GatewayError('upstream_broken', 'The upstream broke the connection before it answered. Nothing was charged.');
  }
}
