/**
 * Binary records in shared memory: 8-byte words, money as 64-bit integers, strings as UTF-8. The writer's thread and
 * the reader's agree on the order of the fields, nothing else.
 *
 * Words that come again and again (models, upstreams, statuses) travel once and are then named by a number: the
 * reader sees the records in order, so both sides always have the same dictionary.
 */

const DICTIONARY_MAX = 1024;
const DICTIONARY_TEXT_MAX = 128;
/** Strings up to this length are copied unit by unit, which costs less than the call of a native encoder. */
const SHORT = 48;
const INLINE = -1;
const NULL = 0;
/** No amount of ours comes near it. */
const NULL_BIG = -(1n << 63n);

class Views {
  readonly numbers: Float64Array;
  readonly bigs: BigInt64Array;
  readonly ints: Int32Array;
  readonly bytes: Buffer;
  constructor(memory: SharedArrayBuffer) {
    this.numbers = new Float64Array(memory);
    this.bigs = new BigInt64Array(memory);
    this.ints = new Int32Array(memory);
    this.bytes = Buffer.from(memory);
  }
}

export class RecordWriter extends Views {
  /** The word that is written next. */
  at = 0;
  readonly #codes = new Map<string, number>();

  /** Forgets the dictionary; what follows defines its words anew. For a record that was begun and not sent. */
  forget(): void {
    this.#codes.clear();
  }

  pair(first: number, second: number): void {
    this.ints[this.at * 2] = first;
    this.ints[this.at++ * 2 + 1] = second;
  }

  number(value: number): void {
    this.numbers[this.at++] = value;
  }

  /** Null travels as NaN, which no field of ours can be. */
  numberOrNull(value: number | null): void {
    this.numbers[this.at++] = value ?? Number.NaN;
  }

  big(value: bigint): void {
    this.bigs[this.at++] = value;
  }

  bigOrNull(value: bigint | null): void {
    this.bigs[this.at++] = value ?? NULL_BIG;
  }

  /** A string that will hardly come again. */
  text(value: string | null): void {
    if (value === null) return this.pair(-1, 0);
    const start = (this.at + 1) * 8;
    const length = shortAscii(this.bytes, start, value) ? value.length : this.bytes.write(value, start, 'utf8');
    this.pair(length, length === value.length ? 1 : 0);
    this.at += (length + 7) >> 3;
  }

  /** A string that comes often. */
  word(value: string | null): void {
    if (value === null) return this.pair(NULL, 0);
    const code = this.#codes.get(value);
    if (code !== undefined) return this.pair(code, 0);
    if (value.length > DICTIONARY_TEXT_MAX) {
      this.pair(INLINE, 0);
      return this.text(value);
    }
    // Full: both sides begin again from 1 and define anew.
    if (this.#codes.size === DICTIONARY_MAX) this.#codes.clear();
    const fresh = this.#codes.size + 1;
    this.#codes.set(value, fresh);
    this.pair(fresh, 1);
    this.text(value);
  }
}

export class RecordReader extends Views {
  at = 0;
  readonly #words: (string | null)[] = [null];

  first(): number {
    return this.ints[this.at * 2] as number;
  }

  second(): number {
    return this.ints[this.at * 2 + 1] as number;
  }

  number(): number {
    return this.numbers[this.at++] as number;
  }

  numberOrNull(): number | null {
    const value = this.number();
    return Number.isNaN(value) ? null : value;
  }

  big(): bigint {
    return this.bigs[this.at++] as bigint;
  }

  bigOrNull(): bigint | null {
    const value = this.big();
    return value === NULL_BIG ? null : value;
  }

  text(): string | null {
    const length = this.first();
    const ascii = this.second() === 1;
    this.at++;
    if (length < 0) return null;
    const start = this.at * 8;
    this.at += (length + 7) >> 3;
    return this.bytes.toString(ascii ? 'latin1' : 'utf8', start, start + length);
  }

  word(): string | null {
    const code = this.first();
    const defines = this.second() === 1;
    this.at++;
    if (code === INLINE) return this.text();
    if (defines) this.#words[code] = this.text();
    return this.#words[code] as string | null;
  }
}

/** Copies a short ASCII string; false, with garbage in the place, for any other. */
function shortAscii(bytes: Buffer, start: number, value: string): boolean {
  if (value.length > SHORT) return false;
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    if (unit > 127) return false;
    bytes[start + i] = unit;
  }
  return true;
}
