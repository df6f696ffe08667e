/**
 * Splits server-sent events into lines and events as they arrive, in any chunks. Line ends are LF, CR and CRLF; a byte
 * order mark at the start of a line is dropped, as the official SDK does. Source of the grammar:
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;
const EVENT = Buffer.from('event');
const DATA = Buffer.from('data');
const NEWLINE = Buffer.from('\n');

/** Bytes of one event that are kept while it is incomplete. Those with usage are a few kB; of a longer one only the start is seen. */
export const EVENT_BYTES_MAX = 1024 * 1024;
/** A line buffer above this is given back after its line: an idle stream must stay small. */
const KEPT_BYTES = 2 * 1024;

export interface SseHandler {
  /** Called at the end of a data or event line, before its event is complete. `data` is the line's value. */
  onLine(field: 'event' | 'data', line: Buffer): void;
  /** Called at the blank line. `data` is null when there was no data line. `truncated`: the event was too long. */
  onEvent(event: string | null, data: Buffer | null, truncated: boolean): void;
}

export class SseScanner {
  private readonly handler: SseHandler;
  private partial: Buffer | null = null;
  private partialLength = 0;
  private skipLf = false;
  /** The line that is arriving is beyond the cap: the rest of it is dropped. */
  private overlong = false;
  private event: string | null = null;
  private data: Buffer[] = [];
  private dataBytes = 0;
  private truncated = false;
  /**
   * Where in the current chunk the current event began: at its first field. -1 when it began in an earlier chunk;
   * meaningless while there is none.
   */
  eventStart = 0;
  private inEvent = false;
  /** Positions in the current chunk of the next CR and LF, remembered until they are passed; its length when there is none. */
  private nextCr = -1;
  private nextLf = -1;

  constructor(handler: SseHandler) {
    this.handler = handler;
  }

  /** True between events: the next byte starts a line of a new one. */
  get idle(): boolean {
    return !this.inEvent && this.partialLength === 0 && !this.skipLf && !this.overlong;
  }

  /** To be called once per chunk, before `scan`. */
  beginChunk(): void {
    this.nextCr = -1;
    this.nextLf = -1;
    if (this.inEvent || this.partialLength > 0 || this.overlong) this.eventStart = -1;
  }

  /**
   * Reads from `start` to the end of the chunk, or to the end of the next event if that comes first, and returns the
   * position after what was read.
   */
  scan(chunk: Buffer, start: number): number {
    let pos = start;
    while (pos < chunk.length) {
      if (this.skipLf) {
        this.skipLf = false;
        if (chunk[pos] === LF) {
          pos++;
          continue;
        }
      }
      if (this.nextCr < pos) this.nextCr = find(chunk, CR, pos);
      if (this.nextLf < pos) this.nextLf = find(chunk, LF, pos);
      const end = Math.min(this.nextCr, this.nextLf);
      if (end === chunk.length) {
        this.keep(chunk, pos, end);
        return end;
      }
      if (chunk[end] === CR) this.skipLf = true;
      const ended = this.endLine(chunk, pos, end);
      pos = end + 1;
      if (ended) return pos;
    }
    return pos;
  }

  /** The connection is closed: an event without its blank line is handed over all the same, an unfinished line is not. */
  end(): void {
    if (this.inEvent) this.dispatch();
  }

  /** True when the line was the blank one that ends an event. */
  private endLine(chunk: Buffer, start: number, end: number): boolean {
    const whole = this.partialLength === 0;
    if (!whole) this.keep(chunk, start, end);
    const line = whole ? chunk.subarray(start, end) : (this.partial as Buffer).subarray(0, this.partialLength);
    const bom = line.length >= 3 && line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf ? 3 : 0;
    let ended = false;
    if (line.length === bom) {
      if (this.inEvent) {
        this.dispatch();
        ended = true;
      }
    } else this.field(bom === 0 ? line : line.subarray(3), whole ? start : -1);
    this.partialLength = 0;
    this.overlong = false;
    if (this.partial !== null && this.partial.length > KEPT_BYTES) this.partial = null;
    return ended;
  }

  private field(line: Buffer, lineStart: number): void {
    if (line[0] === COLON) return;
    if (!this.inEvent) {
      this.inEvent = true;
      this.eventStart = lineStart;
    }
    if (this.overlong) this.truncated = true;
    const value = valueOf(line, DATA);
    if (value !== null) {
      this.handler.onLine('data', value);
      if (this.dataBytes + value.length > EVENT_BYTES_MAX) this.truncated = true;
      // The next line overwrites the line buffer; the chunk's own bytes stay as they are.
      else this.data.push(lineStart === -1 ? Buffer.from(value) : value);
      this.dataBytes += value.length;
      return;
    }
    const event = valueOf(line, EVENT);
    if (event === null) return;
    this.event = event.toString('utf8', 0, Math.min(event.length, 100));
    this.handler.onLine('event', event);
  }

  private dispatch(): void {
    const { event, data, truncated } = this;
    this.inEvent = false;
    this.event = null;
    this.data = [];
    this.dataBytes = 0;
    this.truncated = false;
    const joined = data.length < 2 ? (data[0] ?? null) : Buffer.concat(data.flatMap((part, i) => (i === 0 ? [part] : [NEWLINE, part])));
    this.handler.onEvent(event, joined, truncated);
  }

  /** Adds bytes to the unfinished line, up to the cap. */
  private keep(chunk: Buffer, start: number, end: number): void {
    const wanted = end - start;
    const taken = Math.min(wanted, EVENT_BYTES_MAX - this.partialLength);
    if (taken < wanted) this.overlong = true;
    const needed = this.partialLength + taken;
    if (this.partial === null || this.partial.length < needed) {
      const grown = Buffer.allocUnsafeSlow(Math.max(256, Math.min(EVENT_BYTES_MAX, needed * 2)));
      if (this.partial !== null) this.partial.copy(grown, 0, 0, this.partialLength);
      this.partial = grown;
    }
    chunk.copy(this.partial, this.partialLength, start, start + taken);
    this.partialLength = needed;
  }
}

/** The value after `name:` and one optional space; empty when the line is the bare name; null for other fields. */
function valueOf(line: Buffer, name: Buffer): Buffer | null {
  if (line.length < name.length) return null;
  for (let i = 0; i < name.length; i++) if (line[i] !== name[i]) return null;
  if (line.length === name.length) return line.subarray(name.length);
  if (line[name.length] !== COLON) return null;
  return line.subarray(name.length + (line[name.length + 1] === SPACE ? 2 : 1));
}

function find(chunk: Buffer, byte: number, pos: number): number {
  const found = chunk.indexOf(byte, pos);
  return found === -1 ? chunk.length : found;
}
