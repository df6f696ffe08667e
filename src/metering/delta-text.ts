/**
 * Counts the UTF-8 bytes of the text in `content_block_delta` events, the base of an estimate when the final usage
 * never comes. The usual form is read byte by byte without parsing; anything else falls back to `JSON.parse`.
 *
 * Thinking is billed whole even where it is not shown. A block of it whose text is empty counts by what else is told:
 * `estimated_tokens` of its deltas (`BetaThinkingDelta` in `@anthropic-ai/sdk` 1.12: increments, a coarse hint), at
 * the bytes that an estimate takes for a token; else the bytes that its signature decodes to, for the signature is
 * the thinking in encrypted form. Both err high rather than low.
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

/** Bytes of text that one output token is taken to stand for when nothing better is known: few, so that it errs high. */
export const BYTES_PER_TOKEN = 3;

type Kind = 'plain' | 'thinking' | 'signature';

/** Kinds of delta, by the bytes from the value of `type` to the opening quote of the text. */
const KINDS: readonly { readonly bytes: Buffer; readonly kind: Kind }[] = [
  { bytes: Buffer.from('text_delta","text":"'), kind: 'plain' },
  { bytes: Buffer.from('input_json_delta","partial_json":"'), kind: 'plain' },
  { bytes: Buffer.from('thinking_delta","thinking":"'), kind: 'thinking' },
  { bytes: Buffer.from('signature_delta","signature":"'), kind: 'signature' },
];

export class DeltaText {
  /** Of the delta that `skipDelta` or `readDelta` read last. */
  bytes = 0;
  /** Something of the current block's thinking was counted, so its signature stands for nothing more. */
  private thinkingCounted = false;

  /** To be called at every `content_block_start`. */
  beginBlock(): void {
    this.thinkingCounted = false;
  }

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
    this.readParsed(data);
  }

  /** By parsing. Data that is no JSON, or nests deeper than it can be walked, counts whole. */
  private readParsed(data: Buffer): void {
    try {
      const delta = (JSON.parse(data.toString('utf8')) as { delta?: unknown } | null)?.delta;
      const fields = typeof delta === 'object' && delta !== null ? (delta as Record<string, unknown>) : {};
      this.bytes = countedBytes(fields);
      this.settleKind(fields['type'] === 'thinking_delta' ? 'thinking' : fields['type'] === 'signature_delta' ? 'signature' : 'plain');
    } catch {
      this.bytes = data.length;
    }
  }

  /** From the value of `index` to the end of the padded document: the position after it, or -1. */
  private readUsual(buffer: Buffer, start: number): number {
    let pos = start;
    while (isDigit(buffer[pos])) pos++;
    if (!startsWith(buffer, pos, DELTA, 0)) return -1;
    pos += DELTA.length;
    for (const { bytes, kind } of KINDS) {
      if (!startsWith(buffer, pos, bytes, 0)) continue;
      pos = this.readString(buffer, pos + bytes.length);
      if (pos !== -1) pos = closing(buffer, pos);
      if (pos !== -1) this.settleKind(kind);
      return pos;
    }
    return -1;
  }

  private settleKind(kind: Kind): void {
    if (kind === 'thinking' && this.bytes > 0) this.thinkingCounted = true;
    else if (kind === 'signature') this.bytes = this.thinkingCounted ? 0 : decodedBytes(this.bytes);
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

/** What that many characters of base64 stand for. */
export function decodedBytes(characters: number): number {
  return Math.floor((characters * 3) / 4);
}

/** What counts of a delta that was parsed: every string but its `type`, for a kind that is not known may be text. */
function countedBytes({ type, estimated_tokens: estimated, ...rest }: Record<string, unknown>): number {
  if (type === 'citations_delta') return 0;
  const hinted = type === 'thinking_delta' && typeof estimated === 'number' && estimated > 0 ? Math.min(estimated, HINT_MAX) : 0;
  return Math.max(stringBytes(rest), Math.ceil(hinted) * BYTES_PER_TOKEN);
}

/** More than this in one delta is no hint. */
const HINT_MAX = 1_000_000;

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
