/** Reads a request's body whole, within bounds: the scan and the hold come before a byte goes upstream. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError } from '../errors.ts';
import type { BuyerId } from '../ids.ts';
import { BodyBuffer, tooLarge, type Body } from './body-buffer.ts';
import type { BodyMemory } from './body-memory.ts';
import type { Deadline, Deadlines } from '../deadlines.ts';
import { checkEncoding, decodeBody } from './decode-body.ts';
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
export async function readBody(source: BodySource, keeping: BodyKeeping, limits: BodyLimits): Promise<Body> {
  const { contentEncoding } = source.inbound;
  const encoding = contentEncoding === 'identity' ? null : contentEncoding;
  if (encoding !== null) checkEncoding(encoding);
  const options = { memory: keeping.memory, buyer: source.buyer, bytesMax: limits.bytesMax };
  const buffer = new BodyBuffer(options);
  const raw = await new Promise<Body>((resolve, reject) =>
    new Collector(source, { deadlines: keeping.deadlines, idleTimeoutMs: limits.idleTimeoutMs, buffer }).begin(resolve, reject),
  );
  return encoding === null ? raw : decodeBody(raw, encoding, options);
}

/** Gathers one body. Not closures in a function: V8 keeps one hidden class for all requests. */
class Collector implements Deadline {
  seat = -1;
  at: number;
  readonly passed = (): void => this.#finish(new GatewayError('body_timeout', `The request body stalled for ${this.#idleTimeoutMs / 1000} s.`));
  readonly #source: BodySource;
  readonly #deadlines: Deadlines;
  readonly #idleTimeoutMs: number;
  readonly #buffer: BodyBuffer;
  #resolve: (body: Body) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  constructor(source: BodySource, options: { deadlines: Deadlines; idleTimeoutMs: number; buffer: BodyBuffer }) {
    this.#source = source;
    this.#deadlines = options.deadlines;
    this.#idleTimeoutMs = options.idleTimeoutMs;
    this.#buffer = options.buffer;
    this.at = performance.now() + options.idleTimeoutMs;
  }

  begin(resolve: (body: Body) => void, reject: (error: Error) => void): void {
    this.#resolve = resolve;
    this.#reject = reject;
    const { req, res, inbound } = this.#source;
    if (req.destroyed) return reject(new ClientGone());
    try {
      if (inbound.contentLength !== null) this.#buffer.expect(inbound.contentLength);
    } catch (error) {
      return reject(error as Error);
    }
    if (inbound.expectsContinue) res.writeContinue();
    this.#deadlines.keep(this);
    req.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onClose).on('error', this.#onClose);
  }

  #onData = (chunk: Buffer): void => {
    try {
      this.#buffer.append(chunk);
    } catch (error) {
      return this.#finish(error as Error);
    }
    this.at = performance.now() + this.#idleTimeoutMs;
  };

  #onEnd = (): void => this.#finish(null);
  #onClose = (): void => this.#finish(new ClientGone());

  #finish(error: Error | null): void {
    const { req } = this.#source;
    this.#deadlines.drop(this);
    req.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose).off('error', this.#onClose);
    if (error === null) return this.#resolve(this.#buffer.body());
    this.#buffer.release();
    this.#reject(error);
  }
}
