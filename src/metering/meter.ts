/**
 * Meters a stream as it passes: `Usage` from its own reports, in any chunking, without holding more than one event.
 *
 * Events are judged by the `type` in their data, as the official SDK does; the `event:` line decides only where the
 * data has none, for `error`, and for `message_stop`, which either of them makes (clients of both kinds exist).
 */
import { decodedBytes, DeltaText } from './delta-text.ts';
import type { MeterReading } from './reading.ts';
import { SseScanner, type SseHandler } from './sse.ts';
import { modelName, UsageReport } from './usage-report.ts';

type EventType = 'message_start' | 'message_delta' | 'message_stop' | 'error' | 'content_block_start' | 'content_block_delta' | 'ping' | 'quiet' | 'unknown';

const LOUD: Readonly<Record<string, EventType>> = {
  message_start: 'message_start',
  message_delta: 'message_delta',
  message_stop: 'message_stop',
  error: 'error',
  content_block_start: 'content_block_start',
  content_block_delta: 'content_block_delta',
  ping: 'ping',
};

export class StreamMeter implements SseHandler {
  private readonly all1h: boolean;
  private readonly scanner = new SseScanner(this);
  private readonly delta = new DeltaText();
  private readonly report = new UsageReport();
  private model: string | null = null;
  private errorType: string | null = null;
  private deltaSeen = false;
  /** `deltaBytes` at the last usage report with output. */
  private bytesAtReport = 0;
  private webSearchesBegun = 0;
  /** `message_stop` was recognised, perhaps before its event is complete: nothing from there on may pass. */
  private stopping = false;
  /** Where in the current chunk that event begins. */
  private stopAt = 0;
  /** Where in the last chunk `message_stop` ended; -1 when it did not end there. */
  stopEnd = -1;
  /** Something but pings and comments came after `message_stop`. */
  overrun = false;
  #started = false;
  #stopped = false;
  #deltaBytes = 0;

  /** `all1h`: every cache TTL in the request is one hour. */
  constructor({ all1h }: { all1h: boolean }) {
    this.all1h = all1h;
  }

  /**
   * Meters a chunk. Returns how many of its bytes may go to the client now: all, or those before the event
   * `message_stop` (0 when that began in an earlier chunk). What is withheld may go once the charge is on disk, up to
   * `stopEnd`; what follows there is not metered any more, and may go while `atRest` and not `overrun`.
   */
  push(chunk: Buffer): number {
    const withheld = this.stopping;
    this.scanner.beginChunk();
    this.stopEnd = -1;
    let pos = 0;
    while (pos < chunk.length) {
      if (!this.#stopped && this.scanner.idle) {
        const after = this.delta.skipDelta(chunk, pos);
        if (after !== -1) {
          this.#deltaBytes += this.delta.bytes;
          pos = after;
          continue;
        }
      }
      const running = !this.#stopped;
      pos = this.scanner.scan(chunk, pos);
      if (running && this.#stopped) this.stopEnd = pos;
    }
    if (withheld) return 0;
    return this.stopping ? this.stopAt : chunk.length;
  }

  /** The connection has ended, well or not. */
  end(): void {
    this.scanner.end();
  }

  /** A usage object was seen. */
  get started(): boolean {
    return this.#started;
  }
  /** The whole event `message_stop` was seen. */
  get stopped(): boolean {
    return this.#stopped;
  }
  /** No line and no event is incomplete. */
  get atRest(): boolean {
    return this.scanner.idle;
  }
  /**
   * The final usage was seen: a `message_delta` with `output_tokens`, every count readable, and it was the last one: the
   * message has ended, or no text has come since.
   */
  get final(): boolean {
    return this.deltaSeen && this.report.complete && (this.#stopped || this.#deltaBytes === this.bytesAtReport);
  }
  /** UTF-8 bytes of all delta text so far. */
  get deltaBytes(): number {
    return this.#deltaBytes;
  }

  reading(): MeterReading {
    const { report, model, final } = this;
    const tokens = report.tokens(this.all1h);
    const iterations = report.iterations(model, this.all1h);
    return {
      model,
      started: this.#started,
      final,
      stopped: this.#stopped,
      errorType: this.errorType,
      tokens,
      iterations,
      // Only the final report counts all searches. One that failed is not billed upstream; an estimate errs high.
      webSearchRequests: final ? report.webSearchRequests : Math.max(report.webSearchRequests, this.webSearchesBegun),
      inferenceGeo: report.inferenceGeo,
      serviceTier: report.serviceTier,
      speed: report.speed,
      deltaBytes: this.#deltaBytes,
      flags: report.flags,
    };
  }

  onLine(field: 'event' | 'data', line: Buffer): void {
    if (this.#stopped) {
      if (field === 'event' ? !line.equals(PING) : typeOf(line) !== 'ping') this.overrun = true;
      return;
    }
    if (this.stopping) return;
    const stops = field === 'event' ? line.equals(MESSAGE_STOP) : typeOf(line) === 'message_stop';
    if (!stops) return;
    this.stopping = true;
    this.stopAt = Math.max(this.scanner.eventStart, 0);
  }

  onEvent(event: string | null, data: Buffer | null, truncated: boolean): void {
    if (this.#stopped) return;
    const type = this.judge(event, data);
    if (truncated && type !== 'quiet') this.report.flag('event_too_long');
    switch (type) {
      case 'content_block_delta':
        this.delta.readDelta(data as Buffer);
        this.#deltaBytes += this.delta.bytes;
        return;
      case 'content_block_start':
        return this.beginBlock(data as Buffer);
      case 'message_stop':
        return this.stop();
      case 'ping':
      case 'quiet':
      case 'unknown':
        return;
      default:
        return this.usageEvent(type, data);
    }
  }

  /** The event's type; `quiet` for those that do not concern the meter. */
  private judge(event: string | null, data: Buffer | null): EventType {
    const type = data === null ? 'unknown' : typeOf(data);
    if (type === 'message_stop' || event === 'message_stop') return 'message_stop';
    if (event === 'error') return 'error';
    return type === 'unknown' && data !== null && event !== null ? (LOUD[event] ?? 'quiet') : type;
  }

  /** Blocks that cost something before, or without, any delta. */
  private beginBlock(data: Buffer): void {
    this.delta.beginBlock();
    if (!data.includes('server_tool_use') && !data.includes('redacted_thinking')) return;
    const block = parsed(data)?.content_block;
    if (block?.type === 'server_tool_use' && block.name === 'web_search') this.webSearchesBegun++;
    // Encrypted thinking comes whole in its block's start.
    else if (block?.type === 'redacted_thinking' && typeof block.data === 'string') this.#deltaBytes += decodedBytes(block.data.length);
  }

  /** A `message_stop` that no line announced (its data came in several lines) is withheld from its last line on. */
  private stop(): void {
    if (!this.stopping) {
      this.stopping = true;
      this.stopAt = Math.max(this.scanner.eventStart, 0);
    }
    this.#stopped = true;
  }

  private usageEvent(type: 'message_start' | 'message_delta' | 'error', data: Buffer | null): void {
    const document = data === null ? null : parsed(data);
    if (type === 'error') {
      const reported = document?.error?.type;
      this.errorType = typeof reported === 'string' ? reported : 'error';
      return;
    }
    if (document === null) return this.report.flag('event_malformed');
    if (type === 'message_start') {
      this.model = modelName(document.message?.model) ?? this.model;
      if (this.report.apply(document.message?.usage)) this.#started = true;
    } else if (document.usage !== undefined && document.usage !== null && this.report.apply(document.usage)) {
      this.#started = true;
      if (!this.report.outputReported) return;
      this.deltaSeen = true;
      this.bytesAtReport = this.#deltaBytes;
    }
  }
}

interface StreamDocument {
  readonly message?: { readonly model?: unknown; readonly usage?: unknown };
  readonly usage?: unknown;
  readonly error?: { readonly type?: unknown };
  readonly content_block?: { readonly type?: unknown; readonly name?: unknown; readonly data?: unknown };
}

function parsed(data: Buffer): StreamDocument | null {
  try {
    return JSON.parse(data.toString('utf8')) as StreamDocument | null;
  } catch {
    return null;
  }
}

const PING = Buffer.from('ping');
const MESSAGE_STOP = Buffer.from('message_stop');
const TYPE_KEY = Buffer.from('"type"');

/** The top-level `type` of an event's data: read in place when it is the first key, as it always is, else by parsing. */
function typeOf(data: Buffer): EventType {
  let pos = skipSpace(data, 0);
  if (data[pos] !== 0x7b) return 'unknown';
  pos = skipSpace(data, pos + 1);
  for (let i = 0; i < TYPE_KEY.length; i++) if (data[pos + i] !== TYPE_KEY[i]) return parsedType(data);
  pos = skipSpace(data, pos + TYPE_KEY.length);
  if (data[pos] !== 0x3a) return parsedType(data);
  pos = skipSpace(data, pos + 1);
  if (data[pos] !== 0x22) return parsedType(data);
  const end = data.indexOf(0x22, pos + 1);
  if (end === -1) return 'unknown';
  const text = data.toString('latin1', pos + 1, Math.min(end, pos + 100));
  return text.includes('\\') ? parsedType(data) : named(text);
}

function parsedType(data: Buffer): EventType {
  try {
    const type = (JSON.parse(data.toString('utf8')) as { type?: unknown } | null)?.type;
    return typeof type === 'string' ? named(type) : 'unknown';
  } catch {
    return 'unknown';
  }
}

function named(type: string): EventType {
  return Object.hasOwn(LOUD, type) ? (LOUD[type] as EventType) : 'quiet';
}

function skipSpace(data: Buffer, start: number): number {
  let pos = start;
  while (data[pos] === 0x20 || data[pos] === 0x09 || data[pos] === 0x0a || data[pos] === 0x0d) pos++;
  return pos;
}
