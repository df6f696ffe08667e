/**
 * Counts the UTF-8 bytes of the text in `content_block_delta` events, the base of an estimate when the final usage
 * never comes. The usual form is read byte by byte without parsing; anything else falls back to `JSON.parse`.
 */
import { isDigit, isHex } from './digit-bytes.ts';

const PREFIX = Buffer.from('event: content_block_delta\ndata: {"type":"content_block_delta","index":');
const DATA_PREFIX_LENGTH = 'event: content_block_delta\ndata: '.length;
const DELTA = Buffer.from(',"delta":{"type":"');
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const CLOSE = 0x7d;
const LF = 0x0a;

/** Kinds of delta, by the bytes from the value of `type` to the opening quote of the text. */
const KINDS: readonly { readonly bytes: Buffer; readonly counts: boolean }[] = [
  { bytes: Buffer.from('text_delta","text":"'), counts: true },
  { bytes: Buffer.from('input_json_delta","partial_json":"'), counts: true },
  { bytes: Buffer.from('thinking_delta","thinking":"'), counts: true },
  { bytes: Buffer.from('signature_delta","signature":"'), counts: false },
];

/** The text bytes of the delta that `skipDelta` or `readDelta` read last. */
export class DeltaText {
  bytes = 0;

  /**
   * When a whole delta event in its usual form starts at `pos` in the chunk, the position after its blank line, with
   * its text counted in `bytes`; else -1, and the event is to be read in the general way.
   */
  skipDelta(chunk: Buffer, start: number): number {
    if (!startsWith(chunk, start, PREFIX, 0)) return -1;
    const pos = this.readUsual(chunk, start + PREFIX.length);
    return pos !== -1 && chunk[pos] === LF && chunk[pos + 1] === LF ? pos + 2 : -1;
  }

  /** Counts the text of a delta event's data. */
  readDelta(data: Buffer): void {
    if (startsWith(data, 0, PREFIX, DATA_PREFIX_LENGTH)) {
      const end = this.readUsual(data, PREFIX.length - DATA_PREFIX_LENGTH);
      if (end === data.length) return;
    }
    this.bytes = textBytesOf(data);
  }

  /** From the value of `index` to the end of the padded document: the position after it, or -1. */
  private readUsual(buffer: Buffer, start: number): number {
    let pos = start;
    while (isDigit(buffer[pos])) pos++;
    if (!startsWith(buffer, pos, DELTA, 0)) return -1;
    pos += DELTA.length;
    for (const { bytes, counts } of KINDS) {
      if (!startsWith(buffer, pos, bytes, 0)) continue;
      pos = this.readString(buffer, pos + bytes.length);
      if (!counts) this.bytes = 0;
      return pos === -1 ? -1 : closing(buffer, pos);
    }
    return -1;
  }

  /** From inside a string to after its closing quote, counting the UTF-8 bytes of what it stands for; -1 if it does not end. */
  private readString(buffer: Buffer, start: number): number {
    const end = buffer.length;
    let pos = start;
    /** Bytes of escapes beyond those of the characters they stand for. */
    let surplus = 0;
    while (pos < end) {
      const byte = buffer[pos] as number;
      if (byte === QUOTE) {
        this.bytes = pos - start - surplus;
        return pos + 1;
      }
      if (byte === BACKSLASH) {
        const unicode = buffer[pos + 1] === 0x75;
        const bytes = unicode ? utf8BytesOfEscape(buffer, pos + 2) : 1;
        // A line end behind a backslash would hide the events that follow.
        if (bytes === -1 || !((buffer[pos + 1] as number) >= SPACE)) return -1;
        surplus += unicode ? 6 - bytes : 1;
        pos += unicode ? 6 : 2;
      } else if (byte < SPACE) return -1;
      else pos++;
    }
    return -1;
  }
}

/** `}}` with padding before each, and after. */
function closing(buffer: Buffer, start: number): number {
  let pos = start;
  for (let i = 0; i < 2; i++) {
    while (buffer[pos] === SPACE) pos++;
    if (buffer[pos] !== CLOSE) return -1;
    pos++;
  }
  while (buffer[pos] === SPACE) pos++;
  return pos;
}

/** From four hexadecimal digits; -1 without them. A half of a surrogate pair counts 2, so that a pair counts its 4. */
function utf8BytesOfEscape(buffer: Buffer, pos: number): number {
  for (let i = pos; i < pos + 4; i++) if (!isHex(buffer[i])) return -1;
  const code = Number.parseInt(buffer.toString('latin1', pos, pos + 4), 16);
  if (code < 0x80) return 1;
  if (code < 0x800 || (code >= 0xd800 && code < 0xe000)) return 2;
  return 3;
}

/**
 * By parsing. Counts every string in the delta but its `type`, for a kind that is not known may be text; signatures
 * and citations are none. Data that is no JSON counts whole.
 */
function textBytesOf(data: Buffer): number {
  let delta: unknown;
  try {
    delta = (JSON.parse(data.toString('utf8')) as { delta?: unknown } | null)?.delta;
  } catch {
    return data.length;
  }
  if (typeof delta !== 'object' || delta === null) return 0;
  const { type, ...rest } = delta as { type?: unknown };
  if (type === 'signature_delta' || type === 'citations_delta') return 0;
  return stringBytes(rest);
}

function stringBytes(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((sum: number, part) => sum + stringBytes(part), 0);
}

function startsWith(buffer: Buffer, pos: number, bytes: Buffer, from: number): boolean {
  const length = bytes.length - from;
  if (pos + length > buffer.length) return false;
  for (let i = 0; i < length; i++) if (buffer[pos + i] !== bytes[from + i]) return false;
  return true;
}
