import { GatewayError } from '../errors.ts';
import type { BuyerId } from '../ids.ts';
import type { BodyMemory } from './body-memory.ts';

const FIRST_BYTES = 16 * 1024;
const NOTHING = Buffer.alloc(0);

export interface Body {
  readonly bytes: Buffer;
  /** What is reserved in memory for it; give it back with `release`. */
  readonly reserved: number;
}

export interface BodyBufferOptions {
  readonly memory: BodyMemory;
  readonly buyer: BuyerId;
  readonly bytesMax: number;
}

export const tooLarge = (max: number): GatewayError =>
  new GatewayError('body_too_large', `The request body is above the limit of ${max} bytes.`);

/**
 * Gathers a body in one buffer that doubles as it has to, and reserves every byte before it is allocated. Not a list of
 * chunks: a chunk of one byte takes a hundred times as much of the heap, and clients choose the size of their chunks.
 */
export class BodyBuffer {
  readonly #memory: BodyMemory;
  readonly #buyer: BuyerId;
  readonly #bytesMax: number;
  #bytes: Buffer = NOTHING;
  #length = 0;
  #reserved = 0;

  constructor(options: BodyBufferOptions) {
    this.#memory = options.memory;
    this.#buyer = options.buyer;
    this.#bytesMax = options.bytesMax;
  }

  /** Reserves a length that is known before it comes. Throws `overloaded`. */
  expect(bytes: number): void {
    if (bytes <= this.#reserved) return;
    this.#memory.reserve(this.#buyer, bytes - this.#reserved);
    this.#reserved = bytes;
  }

  /** Throws `body_too_large` and `overloaded`. */
  append(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (length > this.#bytesMax) throw tooLarge(this.#bytesMax);
    if (length > this.#reserved) this.expect(Math.min(this.#bytesMax, Math.max(length, 2 * this.#reserved, FIRST_BYTES)));
    if (chunk.length === this.#reserved) {
      // All that was expected came at once: it is kept as it is.
      this.#bytes = chunk;
    } else {
      // Copied as it comes, so that the socket's read buffers are free for others at once.
      if (this.#bytes.length < this.#reserved) this.#grow();
      chunk.copy(this.#bytes, this.#length);
    }
    this.#length = length;
  }

  #grow(): void {
    const grown = Buffer.allocUnsafeSlow(this.#reserved);
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }

  /** What has come. The reservation is the caller's from here on. */
  body(): Body {
    return { bytes: this.#bytes.subarray(0, this.#length), reserved: this.#reserved };
  }

  /** Gives everything back. */
  release(): void {
    this.#memory.release(this.#buyer, this.#reserved);
    this.#reserved = 0;
    this.#bytes = NOTHING;
  }
}
