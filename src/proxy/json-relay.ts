/**
 * Holds a JSON response back until its charge is on disk, then sends it with the charge's headers. One above the
 * buffer's bound streams without them, its last chunk withheld; the meter keeps the whole of it up to a bound of its own.
 */
import { GatewayError } from '../errors.ts';
import { availableOf } from '../ledger/ledger.ts';
import { meterJson } from '../metering/meter-json.ts';
import type { MeterReading } from '../metering/reading.ts';
import type { UpstreamFailure } from '../upstreams/upstream.ts';
import type { ExchangeState } from './exchange-state.ts';
import { responseHeaders } from './headers.ts';
import type { Relay, RelayStart } from './relay.ts';
import { sendError } from './respond.ts';
import { settle, type Ending, type SettleResult } from './settle.ts';
import { failureWords } from './stream-relay.ts';

/** The meter keeps four times what is held back, and never less than this, however small that is. */
const METERED_SHARE = 4;
const METERED_BYTES_MIN = 64 * 1024 * 1024;

export class JsonRelay implements Relay {
  #x: ExchangeState;
  #start: RelayStart;
  #chunks: Buffer[] = [];
  #size = 0;
  #streaming = false;
  #paused = false;
  #withheld: Buffer | null = null;

  constructor(x: ExchangeState, start: RelayStart) {
    this.#x = x;
    this.#start = start;
  }

  onData(chunk: Buffer): void {
    this.#size += chunk.length;
    if (!this.#streaming && this.#size > this.#x.settings.responseBufferBytesMax) this.#startStreaming();
    if (this.#streaming) this.#pass(chunk);
    if (this.#metered) this.#chunks.push(chunk);
    else this.#chunks = [];
  }

  onEnd(): void {
    const whole = this.#whole();
    const reading = meterJson(whole, { all1h: this.#x.facts.all1h });
    if (reading.final) return void this.#conclude(this.#x.clientGone ? 'client_left' : 'completed', reading, null).catch(this.#x.onFault);
    // A 200 without a readable usage: what came is passed on, and what it cost is estimated from its content.
    const said = reading.errorType !== null && !reading.started;
    const estimated: MeterReading = this.#metered ? reading : { ...reading, deltaBytes: this.#size };
    this.#conclude(this.#x.clientGone ? 'client_left' : said ? 'upstream_error' : 'interrupted', estimated, null).catch(this.#x.onFault);
  }

  onFailure(failure: UpstreamFailure): void {
    const [code, message] = failureWords(failure);
    // Nothing of a held-back body was relayed, and a cut body has no usage: nothing is charged, the exposure is counted.
    const relayed = this.#streaming ? this.#size : 0;
    const reading: MeterReading = { ...meterJson(Buffer.alloc(0), { all1h: false }), flags: [], deltaBytes: relayed };
    const { clientGone } = this.#x;
    this.#conclude(clientGone ? 'client_left' : 'interrupted', reading, clientGone ? null : new GatewayError(code, message)).catch(this.#x.onFault);
  }

  onClientGone(): void {
    this.#x.outputTokensAtDisconnect = 0;
    this.#resume();
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#start.flow.resume();
  }

  /** Whether all of the body was kept for the meter. */
  get #metered(): boolean {
    return this.#size <= Math.max(this.#x.settings.responseBufferBytesMax * METERED_SHARE, METERED_BYTES_MIN);
  }

  #whole(): Buffer {
    return this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
  }

  /** What was held back so far goes first. */
  #startStreaming(): void {
    this.#streaming = true;
    this.#x.res.writeHead(this.#start.status, responseHeaders(this.#start.headers, this.#x.publicId));
    for (const chunk of this.#chunks) this.#pass(chunk);
  }

  /** Writes the chunk before; the newest is withheld, for it may be the last. */
  #pass(chunk: Buffer): void {
    const { res, clientGone } = this.#x;
    if (this.#withheld && !clientGone && !res.write(this.#withheld) && !this.#paused) {
      this.#paused = true;
      this.#start.flow.pause();
      res.once('drain', () => this.#resume());
    }
    this.#withheld = chunk;
  }

  async #conclude(status: Ending['status'], reading: MeterReading, error: GatewayError | null): Promise<void> {
    const result = await settle(this.#x, {
      status,
      httpStatus: error ? error.status : this.#start.status,
      reading,
      ...(error ? { errorCode: error.code, message: error.message } : {}),
    });
    const { res, clientGone, publicId } = this.#x;
    if (!clientGone) {
      if (result.kind === 'unsettled' || (error && this.#streaming)) res.destroy();
      else if (error) sendError(res, error, publicId);
      else if (this.#streaming) res.end(this.#withheld ?? undefined);
      else this.#sendWhole(result);
    }
    this.#start.done();
  }

  #sendWhole(result: SettleResult): void {
    const body = this.#whole();
    const headers: Record<string, string | number> = responseHeaders(this.#start.headers, this.#x.publicId);
    headers['content-length'] = body.length;
    if (result.kind === 'settled' && 'balance' in result.outcome) {
      headers['x-ainogap-charge-usd-micros'] = String(result.charge);
      headers['x-ainogap-balance-usd-micros'] = String(availableOf(result.outcome.balance));
    }
    this.#x.res.writeHead(this.#start.status, headers);
    this.#x.res.end(body);
  }
}
