/**
 * The way between the main thread and the ledger's worker, in shared memory: a ring of operations one way, a ring of
 * answers the other. Neither side ever waits for the other's event loop: the worker sleeps in `Atomics.wait`, the
 * main thread is woken by one empty message per commit.
 */
import type { Operation, Outcome } from './operations.ts';
import { RecordReader, RecordWriter } from './record.ts';
import { decodeOperation, decodeOutcome, encodeOperation, encodeOutcome, OUTCOME_WORDS } from './wire.ts';

/** Operations that may be unanswered at a time; more wait on the main side. */
export const TAGS = 8192;
const RING_WORDS = 1 << 19; // 4 MB
/** The largest record: a detail of 32,768 units and nine texts of 512, at most 3 bytes each, and the fixed fields. */
const RECORD_WORDS_MAX = 16_384;
const ANSWER_WORDS = TAGS * OUTCOME_WORDS;
/** The tag of operations that nobody waits for. */
export const NO_ANSWER = -1;
/** These travel in the place of a tag: the rest of the ring is unused; the ledger is closing. */
const SKIP = -2;
const CLOSE = -3;

/** Positions are counts of words that only grow, modulo 2^32; the ring's place is their remainder. */
const HEAD = 0;
const TAIL = 1;
const ANSWERED = 2;
const WAKE = 3;
const ASLEEP = 4;

export interface ChannelMemory {
  readonly control: SharedArrayBuffer;
  readonly operations: SharedArrayBuffer;
  readonly answers: SharedArrayBuffer;
}

export function createChannelMemory(): ChannelMemory {
  return {
    control: new SharedArrayBuffer(64),
    operations: new SharedArrayBuffer(RING_WORDS * 8),
    answers: new SharedArrayBuffer(ANSWER_WORDS * 8),
  };
}

/** The main thread's end. */
export class ChannelSender {
  readonly #control: Int32Array;
  readonly #writer: RecordWriter;
  readonly #reader: RecordReader;
  #head = 0;
  #answersRead = 0;

  constructor(memory: ChannelMemory) {
    this.#control = new Int32Array(memory.control);
    this.#writer = new RecordWriter(memory.operations);
    this.#reader = new RecordReader(memory.answers);
  }

  /** False, and nothing is done, when the ring has no room. Throws for an operation that cannot be written down. */
  write(tag: number, operation: Operation): boolean {
    if (!this.#makeRoom()) return false;
    const w = this.#writer;
    const start = this.#head % RING_WORDS;
    w.at = start + 1;
    try {
      encodeOperation(w, operation);
    } catch (error) {
      w.forget();
      throw error;
    }
    this.#finish(start, w.at - start, tag);
    return true;
  }

  writeClose(): boolean {
    if (!this.#makeRoom()) return false;
    this.#finish(this.#head % RING_WORDS, 1, CLOSE);
    return true;
  }

  /** Lets the worker see what was written, and wakes it if it sleeps. */
  publish(): void {
    Atomics.store(this.#control, HEAD, this.#head | 0);
    Atomics.add(this.#control, WAKE, 1);
    if (Atomics.load(this.#control, ASLEEP) === 1) Atomics.notify(this.#control, WAKE);
  }

  /** Every answer that has come since the last call. */
  answers(each: (tag: number, outcome: Outcome) => void): void {
    const answered = Atomics.load(this.#control, ANSWERED) >>> 0;
    while (this.#answersRead !== answered) {
      this.#reader.at = (this.#answersRead % TAGS) * OUTCOME_WORDS;
      this.#answersRead = (this.#answersRead + 1) >>> 0;
      const { tag, outcome } = decodeOutcome(this.#reader);
      each(tag, outcome);
    }
  }

  /** Room for the largest record in one piece, so that no field is ever split by the ring's end. */
  #makeRoom(): boolean {
    const left = RING_WORDS - (this.#head % RING_WORDS);
    const skipped = left < RECORD_WORDS_MAX ? left : 0;
    const used = (this.#head - (Atomics.load(this.#control, TAIL) >>> 0)) >>> 0;
    if (RING_WORDS - used < RECORD_WORDS_MAX + skipped) return false;
    if (skipped > 0) this.#finish(this.#head % RING_WORDS, skipped, SKIP);
    return true;
  }

  #finish(start: number, words: number, tag: number): void {
    this.#writer.ints[start * 2] = words;
    this.#writer.ints[start * 2 + 1] = tag;
    this.#head = (this.#head + words) >>> 0;
  }
}

export interface Tagged {
  readonly tag: number;
  readonly operation: Operation;
}

/** The worker's end. */
export class ChannelReceiver {
  readonly #control: Int32Array;
  readonly #reader: RecordReader;
  readonly #writer: RecordWriter;
  #tail = 0;
  #answered = 0;
  closing = false;

  constructor(memory: ChannelMemory) {
    this.#control = new Int32Array(memory.control);
    this.#reader = new RecordReader(memory.operations);
    this.#writer = new RecordWriter(memory.answers);
  }

  /** Appends what is there to `into`, up to `max` operations. */
  take(into: Tagged[], max: number): void {
    const head = Atomics.load(this.#control, HEAD) >>> 0;
    const r = this.#reader;
    while (this.#tail !== head && into.length < max) {
      r.at = this.#tail % RING_WORDS;
      const words = r.first();
      const tag = r.second();
      r.at++;
      if (tag === CLOSE) this.closing = true;
      else if (tag !== SKIP) into.push({ tag, operation: decodeOperation(r) });
      this.#tail = (this.#tail + words) >>> 0;
    }
    Atomics.store(this.#control, TAIL, this.#tail | 0);
  }

  /** False when the answer has to travel as a message instead. */
  answer(tag: number, outcome: Outcome): boolean {
    this.#writer.at = (this.#answered % TAGS) * OUTCOME_WORDS;
    if (!encodeOutcome(this.#writer, tag, outcome)) return false;
    this.#answered = (this.#answered + 1) >>> 0;
    return true;
  }

  publishAnswers(): void {
    Atomics.store(this.#control, ANSWERED, this.#answered | 0);
  }

  /** Sleeps until something is published, at most `ms`. */
  sleep(ms: number): void {
    const seen = Atomics.load(this.#control, WAKE);
    Atomics.store(this.#control, ASLEEP, 1);
    if ((Atomics.load(this.#control, HEAD) >>> 0) === this.#tail) Atomics.wait(this.#control, WAKE, seen, ms);
    Atomics.store(this.#control, ASLEEP, 0);
  }
}
