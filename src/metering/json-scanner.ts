/**
 * One pass over the bytes of a JSON text (RFC 8259), with the caller choosing which values to look into. Everything
 * is validated, nothing is built: `JSON.parse` needs 6 s for 10 MB of `[`, this stops at the 65th.
 *
 * Stricter than RFC 8259 in three ways, all of them so that what is read here is what the upstream reads: no byte
 * order mark, at most `DEPTH_MAX` levels, and no duplicate keys in the objects that the caller looks into.
 */
import { hasControls } from './control-bytes.ts';
import { isDigit, isHex } from './digit-bytes.ts';
import { ESCAPED_MAX, MalformedJson, OTHER_KEYS_MAX, REQUEST_LIMITS, type JsonLimits } from './json-limits.ts';
import { endOfNumber } from './json-number.ts';
import type { KeyTable } from './key-table.ts';
import { StringStops } from './string-stops.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
/** Strings longer than this are jumped with `indexOf` where no byte of the body is a control character. */
const JUMP_AFTER = 8;

/** 1 for what may follow a backslash, save `u`. */
const SIMPLE_ESCAPES = new Uint8Array(256);
for (const byte of Buffer.from('"\\/bfnrt')) SIMPLE_ESCAPES[byte] = 1;

/** What comes next, told by its first byte. */
export type ValueKind = 'object' | 'array' | 'string' | 'number' | 'literal';

export class JsonScanner {
  readonly buffer: Buffer;
  /** The next byte to read. */
  pos = 0;
  private readonly limits: JsonLimits;
  private depth = 0;
  private tokens = 0;
  /** The closing bytes of the containers that `skipContainer` is in. */
  private readonly closings: number[] = [];
  /** Bounds of the last string's content, without its quotes, and whether it holds escapes. */
  stringStart = 0;
  stringEnd = 0;
  stringEscaped = false;
  /** True when no byte is below 0x20: strings need no check for control characters then. */
  private readonly noControls: boolean;
  private readonly stops: StringStops;
  private otherKeys = 0;
  private escapedTexts = 0;

  constructor(buffer: Buffer, limits: JsonLimits = REQUEST_LIMITS) {
    this.buffer = buffer;
    this.stops = new StringStops(buffer);
    this.limits = limits;
    this.noControls = buffer.length > 256 && !hasControls(buffer);
  }

  fail(message: string, position: number = this.pos): never {
    throw new MalformedJson(message, position);
  }

  kind(): ValueKind {
    const byte = this.buffer[this.pos];
    if (byte === OPEN_OBJECT) return 'object';
    if (byte === OPEN_ARRAY) return 'array';
    if (byte === QUOTE) return 'string';
    if (byte === 0x2d || (byte !== undefined && byte >= 0x30 && byte <= 0x39)) return 'number';
    return 'literal';
  }

  skipSpace(): void {
    const buffer = this.buffer;
    let pos = this.pos;
    let byte = buffer[pos];
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = buffer[++pos];
    this.pos = pos;
  }

  /** Reads an object, calling `member` at each value with the key's index in the table (-1: not in it). */
  object<Name extends string>(table: KeyTable<Name>, member: (key: number, keyStart: number) => void): void {
    this.open();
    if (this.buffer[this.pos] === CLOSE_OBJECT) return this.close();
    let seen = 0;
    let others: Set<string> | null = null;
    for (;;) {
      const keyStart = this.pos;
      this.readString('a key in double quotes');
      const decoded = this.stringEscaped ? this.text() : null;
      const key = decoded === null ? table.find(this.buffer, this.stringStart, this.stringEnd) : table.indexOf(decoded);
      if (key >= 0) {
        if (seen & (1 << key)) this.failDuplicate(keyStart);
        seen |= 1 << key;
      } else {
        if (++this.otherKeys > OTHER_KEYS_MAX) this.fail(`more than ${OTHER_KEYS_MAX} keys that are not known here`, keyStart);
        const text = decoded ?? this.text();
        others ??= new Set();
        if (others.has(text)) this.failDuplicate(keyStart);
        others.add(text);
      }
      this.colon();
      member(key, keyStart);
      if (!this.more(CLOSE_OBJECT)) return this.close();
    }
  }

  /** Reads an array, calling `element` at each value. */
  array(element: () => void): void {
    this.open();
    if (this.buffer[this.pos] === CLOSE_ARRAY) return this.close();
    for (;;) {
      element();
      if (!this.more(CLOSE_ARRAY)) return this.close();
    }
  }

  /** Checks a value that nobody looks into. */
  skipValue(): void {
    switch (this.buffer[this.pos]) {
      case QUOTE:
        return this.readString('a value');
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        return this.skipContainer();
      case 0x74:
        return this.literal('true');
      case 0x66:
        return this.literal('false');
      case 0x6e:
        return this.literal('null');
      default:
        return this.skipNumber();
    }
  }

  /** With a stack of its own, for a response may nest deeper than functions can. */
  private skipContainer(): void {
    const { buffer, closings } = this;
    for (;;) {
      const byte = buffer[this.pos];
      if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        const closing = byte === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY;
        this.open();
        if (buffer[this.pos] !== closing) {
          closings.push(closing);
          if (closing === CLOSE_OBJECT) this.skipKey();
          continue;
        }
        this.close();
      } else this.skipValue();
      let closing = closings.at(-1);
      while (closing !== undefined && !this.more(closing)) {
        this.close();
        closings.pop();
        closing = closings.at(-1);
      }
      if (closing === undefined) return;
      if (closing === CLOSE_OBJECT) this.skipKey();
    }
  }

  private skipKey(): void {
    this.readString('a key in double quotes');
    this.colon();
  }

  private open(): void {
    if (++this.depth > this.limits.depthMax) this.fail(`nested deeper than ${this.limits.depthMax} levels`);
    this.count();
    this.pos++;
    this.skipSpace();
  }

  private close(): void {
    this.depth--;
    this.pos++;
  }

  private colon(): void {
    this.skipSpace();
    if (this.buffer[this.pos] !== COLON) this.fail(`expected ":" after a key, found ${this.found()}`);
    this.pos++;
    this.skipSpace();
  }

  /** After a member: true after a comma, false at the closing byte. */
  private more(closing: number): boolean {
    this.skipSpace();
    const byte = this.buffer[this.pos];
    if (byte === closing) return false;
    if (byte !== COMMA) this.fail(`expected "," or "${String.fromCharCode(closing)}", found ${this.found()}`);
    this.pos++;
    this.skipSpace();
    return true;
  }

  private count(): void {
    if (++this.tokens > this.limits.tokensMax) this.fail(`more than ${this.limits.tokensMax} keys and values`);
  }

  /** What stands at `pos`, for messages. Shows one printable ASCII character at most: bodies are private. */
  private found(): string {
    const byte = this.buffer[this.pos];
    if (byte === undefined) return 'the end of the body';
    return byte > 0x20 && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : `byte 0x${byte.toString(16).padStart(2, '0')}`;
  }

  private failDuplicate(position: number): void {
    if (!this.limits.duplicates) this.fail('a key that this object already has (duplicate keys are read differently by different parsers)', position);
  }

  /** Reads a string and notes where its content is. */
  readString(expected: string): void {
    const { buffer } = this;
    const end = buffer.length;
    if (buffer[this.pos] !== QUOTE) this.fail(`expected ${expected}, found ${this.found()}`);
    this.count();
    let pos = this.pos + 1;
    this.stringStart = pos;
    this.stringEscaped = false;
    while (pos < end) {
      const limit = this.noControls && pos + JUMP_AFTER < end ? pos + JUMP_AFTER : end;
      let byte = 0x20;
      while (pos < limit) {
        byte = buffer[pos] as number;
        if (byte === QUOTE || byte === BACKSLASH || byte < 0x20) break;
        pos++;
      }
      if (pos === limit) {
        if (limit < end) pos = this.stops.next(pos);
      } else if (byte === QUOTE) {
        this.stringEnd = pos;
        this.pos = pos + 1;
        return;
      } else if (byte === BACKSLASH) {
        this.stringEscaped = true;
        pos = SIMPLE_ESCAPES[buffer[pos + 1] as number] === 1 ? pos + 2 : this.unicodeEscape(pos);
      } else {
        this.fail(`control character 0x${byte.toString(16).padStart(2, '0')} in a string`, pos);
      }
    }
    this.fail('a string that never ends', end);
  }

  /** Checks the escape at `pos`, which is none of the short ones, and returns the position after it. */
  private unicodeEscape(pos: number): number {
    const { buffer } = this;
    if (buffer[pos + 1] !== 0x75) this.fail('an escape that JSON does not have', pos);
    for (let i = pos + 2; i < pos + 6; i++)
      if (!isHex(buffer[i])) this.fail('\\u without four hexadecimal digits', pos);
    return pos + 6;
  }

  /** The last string, decoded. */
  text(): string {
    if (!this.stringEscaped) return this.buffer.toString('utf8', this.stringStart, this.stringEnd);
    if (++this.escapedTexts > ESCAPED_MAX) this.fail(`more than ${ESCAPED_MAX} keys and words with escapes`, this.stringStart - 1);
    return JSON.parse(this.buffer.toString('utf8', this.stringStart - 1, this.stringEnd + 1)) as string;
  }

  /** The last string's index in a table, or -1. */
  textIn<Name extends string>(table: KeyTable<Name>): number {
    return this.stringEscaped ? table.indexOf(this.text()) : table.find(this.buffer, this.stringStart, this.stringEnd);
  }

  private literal(word: 'true' | 'false' | 'null'): void {
    this.count();
    for (let i = 0; i < word.length; i++)
      if (this.buffer[this.pos + i] !== word.charCodeAt(i)) this.fail(`expected a value, found ${this.found()}`);
    this.pos += word.length;
  }

  private skipNumber(): void {
    this.count();
    const start = this.buffer[this.pos] === 0x2d ? this.pos + 1 : this.pos;
    if (!isDigit(this.buffer[start])) this.fail(`expected a value, found ${this.found()}`);
    this.pos = endOfNumber(this.buffer, start);
  }
}
