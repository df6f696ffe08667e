/** Reads a request's body whole, within bounds: the scan and the hold come before a byte goes upstream. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { GatewayError } from '../errors.ts';
import type { BuyerId } from '../ids.ts';
import type { BodyMemory } from './body-memory.ts';
import type { Deadline, Deadlines } from './deadlines.ts';
import type { Inbound } from './headers.ts';

/** The client went away before its request was whole: nobody is left to answer. */
export class ClientGone extends Error {
  constructor() {
    super('the client closed the connection');
    this.name = 'ClientGone';
  }
}

export interface BodyLimits {
  readonly bytesMax: number;
  /** Milliseconds of silence before 408. */
  readonly idleTimeoutMs: number;
}

export interface Body {
  readonly bytes: Buffer;
  /** What is reserved in memory for it; give it back with `release`. */
  readonly reserved: number;
}

const tooLarge = (max: number): GatewayError =>
  new GatewayError('body_too_large', `The request body is above the limit of ${max} bytes.`);

/** Refuses by the declared length alone, before a byte of the body is read. */
export function checkDeclaredLength(inbound: Inbound, limits: BodyLimits): void {
  if (inbound.contentLength !== null && inbound.contentLength > limits.bytesMax) throw tooLarge(limits.bytesMax);
}

/** What bounds the bodies of all requests together. `Deps` is one. */
export interface BodyKeeping {
  readonly memory: BodyMemory;
  readonly deadlines: Deadlines;
}

export interface BodySource {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly inbound: Inbound;
  readonly buyer: BuyerId;
}

/** Errors: `body_too_large`, `body_timeout`, `overloaded`, `unsupported_encoding`, `malformed_body`; or `ClientGone`. */
export function readBody(source: BodySource, keeping: BodyKeeping, limits: BodyLimits): Promise<Body> {
  const collected = new Promise<Body>((resolve, reject) => new Collector(source, keeping, limits).begin(resolve, reject));
  const encoding = source.inbound.contentEncoding;
  return encoding === null || encoding === 'identity' ? collected : collected.then((raw) => decoded(raw, encoding, { source, keeping, limits }));
}

async function decoded(raw: Body, encoding: string, { source, keeping, limits }: { source: BodySource; keeping: BodyKeeping; limits: BodyLimits }): Promise<Body> {
  const { memory } = keeping;
  try {
    const bytes = await decode(raw.bytes, encoding, limits.bytesMax);
    const grown = Math.max(0, bytes.length - raw.reserved);
    memory.reserve(source.buyer, grown);
    return { bytes, reserved: raw.reserved + grown };
  } catch (error) {
    memory.release(source.buyer, raw.reserved);
    throw error;
  }
}

/** Gathers one body. Not closures in a function: V8 keeps one hidden class for all requests. */
class Collector implements Deadline {
  seat = -1;
  at: number;
  readonly passed = (): void => this.#finish(new GatewayError('body_timeout', `The request body stalled for ${this.#limits.idleTimeoutMs / 1000} s.`));
  readonly #source: BodySource;
  readonly #keeping: BodyKeeping;
  readonly #limits: BodyLimits;
  #resolve: (body: Body) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;
  #chunks: Buffer[] = [];
  #whole: Buffer | null = null;
  #length = 0;
  #reserved = 0;

  constructor(source: BodySource, keeping: BodyKeeping, limits: BodyLimits) {
    this.#source = source;
    this.#keeping = keeping;
    this.#limits = limits;
    this.at = performance.now() + limits.idleTimeoutMs;
  }

  begin(resolve: (body: Body) => void, reject: (error: Error) => void): void {
    this.#resolve = resolve;
    this.#reject = reject;
    const { req, res, inbound } = this.#source;
    if (req.destroyed) return reject(new ClientGone());
    try {
      if (inbound.contentLength !== null) this.#reserve(inbound.contentLength);
    } catch (error) {
      return reject(error as Error);
    }
    if (inbound.expectsContinue) res.writeContinue();
    this.#keeping.deadlines.keep(this);
    req.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onClose).on('error', this.#onClose);
  }

  #reserve(bytes: number): void {
    this.#keeping.memory.reserve(this.#source.buyer, bytes);
    this.#reserved += bytes;
  }

  #onData = (chunk: Buffer): void => {
    const declared = this.#source.inbound.contentLength;
    if (this.#length + chunk.length > this.#limits.bytesMax) return this.#finish(tooLarge(this.#limits.bytesMax));
    if (declared === null) {
      try {
        this.#reserve(chunk.length);
      } catch (error) {
        return this.#finish(error as Error);
      }
      this.#chunks.push(chunk);
    } else if (chunk.length === declared) {
      this.#whole = chunk;
    } else {
      // Copied as it comes, so that the socket's read buffers are free for others at once.
      this.#whole ??= Buffer.allocUnsafeSlow(declared);
      chunk.copy(this.#whole, this.#length);
    }
    this.#length += chunk.length;
    this.at = performance.now() + this.#limits.idleTimeoutMs;
  };

  #onEnd = (): void => this.#finish(null);
  #onClose = (): void => this.#finish(new ClientGone());

  #finish(error: Error | null): void {
    const { req, buyer } = this.#source;
    this.#keeping.deadlines.drop(this);
    req.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose).off('error', this.#onClose);
    if (error === null) return this.#resolve({ bytes: this.#whole ?? joined(this.#chunks), reserved: this.#reserved });
    this.#keeping.memory.release(buyer, this.#reserved);
    req.resume();
    this.#reject(error);
  }
}

function joined(chunks: readonly Buffer[]): Buffer {
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}

const DECODERS = {
  gzip: promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip),
  deflate: promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.inflate),
  br: promisify<Buffer, zlib.BrotliOptions, Buffer>(zlib.brotliDecompress),
  zstd: promisify<Buffer, zlib.ZstdOptions, Buffer>(zlib.zstdDecompress),
} as const;

async function decode(bytes: Buffer, encoding: string, maxOutputLength: number): Promise<Buffer> {
  if (!Object.hasOwn(DECODERS, encoding))
    throw new GatewayError('unsupported_encoding', `The content-encoding "${encoding}" is not understood; send identity, gzip, deflate, br or zstd.`);
  try {
    return await DECODERS[encoding as keyof typeof DECODERS](bytes, { maxOutputLength });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxOutputLength);
    throw new GatewayError('malformed_body', `The request body is not valid ${encoding}.`, { cause: error });
  }
}
