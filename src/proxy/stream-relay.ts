/**
 * Passes server-sent events on as they come, with backpressure, and lets the meter see them. Only `message_stop` waits:
 * it goes out when the charge is on disk. A stream that ends without it is truncated, whatever the transport says.
 * After it only pings and comments may follow: anything else would be read and not paid for, so it is cut off.
 */
import { GatewayError, type ErrorCode } from '../errors.ts';
import { BYTES_PER_TOKEN } from '../metering/delta-text.ts';
import { StreamMeter } from '../metering/meter.ts';
import type { UpstreamFailure, UpstreamFlow } from '../upstreams/upstream.ts';
import type { ExchangeState } from './exchange-state.ts';
import { errorEvent } from './respond.ts';
import type { Relay } from './relay.ts';
import { settle, type Ending } from './settle.ts';

const PROGRESS_EVERY_MS = 5_000;
/** What is withheld is the end of a stream, a few hundred bytes: more than this is no end. */
const TAIL_BYTES_MAX = 1024 * 1024;
/** A client that takes nothing for this long has left, whatever its socket says. */
const CLIENT_STALL_MS = 120_000;
const NOTHING = Buffer.alloc(0);

export class StreamRelay implements Relay {
  #x: ExchangeState;
  #flow: UpstreamFlow;
  #done: () => void;
  #meter: StreamMeter;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  /** What came after `message_stop` and has not gone out: the charge is not on disk yet, or an event is incomplete. */
  #rest: Buffer[] = [];
  /** What came after `message_stop` may not pass. */
  #restCut = false;
  #state: 'streaming' | 'settling' | 'settled' = 'streaming';
  #upstreamEnded = false;
  #paused = false;
  #stallTimer: NodeJS.Timeout | null = null;
  #lastProgress = 0;
  #last: Buffer | null = null;

  constructor(x: ExchangeState, flow: UpstreamFlow, done: () => void) {
    this.#x = x;
    this.#flow = flow;
    this.#done = done;
    this.#meter = new StreamMeter({ all1h: x.facts.all1h });
    // The head usually goes out in one packet with the first event; when no event follows at once, it goes alone.
    setImmediate(() => {
      if (this.#last === null && !x.clientGone && !x.res.writableEnded) x.res.flushHeaders();
    });
  }

  onData(chunk: Buffer): void {
    const meter = this.#meter;
    const stopped = meter.stopped;
    const free = meter.push(chunk);
    if (stopped) return this.#afterStop(chunk);
    if (free > 0) this.#write(free === chunk.length ? chunk : chunk.subarray(0, free));
    const end = meter.stopEnd === -1 ? chunk.length : meter.stopEnd;
    if (free < end) this.#withhold(free === 0 && end === chunk.length ? chunk : chunk.subarray(free, end));
    if (this.#state === 'streaming') {
      if (meter.stopped) this.#conclude(this.#x.clientGone ? 'client_left' : 'completed', null).catch(this.#x.onFault);
      else if (meter.started) this.#progress();
    }
    if (end < chunk.length) this.#afterStop(chunk.subarray(end));
  }

  onEnd(): void {
    this.#upstreamEnded = true;
    this.#meter.end();
    if (this.#state === 'settled') this.#finish();
    else if (this.#state === 'streaming') this.#broken('upstream_broken', 'The upstream ended the stream before message_stop.');
  }

  onFailure(failure: UpstreamFailure): void {
    this.#upstreamEnded = true;
    this.#meter.end();
    if (this.#state === 'settled') this.#finish();
    else if (this.#state === 'streaming') this.#broken(...failureWords(failure));
  }

  onClientGone(): void {
    const reading = this.#meter.reading();
    this.#x.outputTokensAtDisconnect = Math.max(reading.tokens.output, Math.ceil(reading.deltaBytes / BYTES_PER_TOKEN));
    this.#resume();
  }

  #withhold(chunk: Buffer): void {
    this.#tail.push(chunk);
    this.#tailBytes += chunk.length;
    if (this.#tailBytes <= TAIL_BYTES_MAX) return;
    const message = "The upstream's last event does not end.";
    if (this.#state === 'streaming' && !this.#meter.stopped) this.#broken('upstream_broken', message);
    this.#flow.abort(new Error(message));
  }

  #afterStop(chunk: Buffer): void {
    if (this.#restCut) return;
    this.#rest.push(chunk);
    this.#tailBytes += chunk.length;
    if (!this.#meter.overrun && this.#tailBytes <= TAIL_BYTES_MAX) {
      if (this.#state === 'settled') this.#write(this.#takeRest());
      return;
    }
    this.#restCut = true;
    this.#rest = [];
    const { deps, publicId, placed } = this.#x;
    deps.log.warn('alert_bytes_after_message_stop', { requestId: publicId, upstream: placed.admission.route.upstream });
    this.#flow.abort(new Error('the upstream goes on after message_stop'));
  }

  /** Empty while an event is incomplete: what it turns out to be is not known yet. */
  #takeRest(): Buffer {
    if (this.#rest.length === 0 || !this.#meter.atRest) return NOTHING;
    const rest = Buffer.concat(this.#rest);
    this.#rest = [];
    this.#tailBytes = 0;
    return rest;
  }

  #write(chunk: Buffer): void {
    if (this.#x.clientGone || chunk.length === 0) return;
    this.#last = chunk;
    if (this.#x.res.write(chunk) || this.#paused) return;
    this.#paused = true;
    this.#flow.pause();
    this.#x.res.once('drain', () => this.#resume());
    this.#stallTimer = setTimeout(() => this.#x.res.destroy(), CLIENT_STALL_MS);
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#stallTimer) clearTimeout(this.#stallTimer);
    this.#flow.resume();
  }

  #progress(): void {
    const now = performance.now();
    if (this.#lastProgress !== 0 && now - this.#lastProgress < PROGRESS_EVERY_MS) return;
    this.#lastProgress = now;
    const reading = this.#meter.reading();
    this.#x.deps.ledger.progress({
      requestId: this.#x.requestId,
      model: reading.model ?? this.#x.placed.model.id,
      tokens: reading.tokens,
      deltaBytes: reading.deltaBytes,
      webSearchRequests: reading.webSearchRequests,
      inferenceGeo: reading.inferenceGeo,
      serviceTier: reading.serviceTier,
    });
  }

  #broken(code: ErrorCode, message: string): void {
    const { clientGone } = this.#x;
    this.#conclude(clientGone ? 'client_left' : 'interrupted', clientGone ? null : new GatewayError(code, message)).catch(this.#x.onFault);
  }

  async #conclude(status: Ending['status'], error: GatewayError | null): Promise<void> {
    this.#state = 'settling';
    const reading = this.#meter.reading();
    const result = await settle(this.#x, {
      status: reading.stopped || error === null ? status : 'interrupted',
      httpStatus: this.#x.res.statusCode,
      reading,
      ...(error ? { errorCode: reading.errorType ?? error.code, message: error.message } : {}),
    });
    this.#state = 'settled';
    const { res, clientGone } = this.#x;
    if (clientGone) return this.#finish();
    if (result.kind === 'unsettled') {
      res.destroy();
      this.#flow.abort(new Error('the charge could not be written'));
      return this.#finish();
    }
    const rest = this.#takeRest();
    const tail = this.#tail.length === 1 && rest.length === 0 ? (this.#tail[0] as Buffer) : Buffer.concat([...this.#tail, rest]);
    this.#tail = [];
    if (error) return this.#finish(this.#closing(error, reading.errorType !== null));
    if (this.#upstreamEnded) return this.#finish(tail);
    this.#write(tail);
  }

  /** After an `event: error` of the upstream's own there is nothing to add. */
  #closing(error: GatewayError, said: boolean): string {
    if (said) return '';
    const atBoundary = this.#last === null || /(\n\n|\r\r|\r\n\r\n)$/.test(this.#last.subarray(-4).toString('latin1'));
    return `${atBoundary ? '' : '\n\n'}${errorEvent(error, this.#x.publicId)}`;
  }

  #finish(last: Buffer | string = ''): void {
    if (this.#stallTimer) clearTimeout(this.#stallTimer);
    const { res } = this.#x;
    if (!res.destroyed && !res.writableEnded) {
      if (last.length > 0) res.end(last);
      else res.end();
    }
    this.#done();
  }
}

export function failureWords(failure: UpstreamFailure): [ErrorCode, string] {
  switch (failure.kind) {
    case 'idle_timeout':
      return ['upstream_timeout', 'The upstream sent nothing for too long; the stream was cut.'];
    case 'aborted':
      return ['shutting_down', `The stream was cut: ${failure.error.message}.`];
    case 'encoding':
      return ['upstream_encoding', 'The upstream answered in an encoding that cannot be decoded.'];
    default:
      return ['upstream_broken', `The upstream's connection broke in mid-response (${failure.kind}).`];
  }
}

