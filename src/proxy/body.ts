/** Reads a request's body whole, within bounds: the scan and the hold come before a byte goes upstream. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { GatewayError } from '../errors.ts';
import type { BuyerId } from '../ids.ts';
import type { BodyMemory } from './body-memory.ts';
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

export interface BodySource {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly inbound: Inbound;
  readonly buyer: BuyerId;
}

/** Errors: `body_too_large`, `body_timeout`, `overloaded`, `unsupported_encoding`, `malformed_body`; or `ClientGone`. */
export async function readBody(source: BodySource, memory: BodyMemory, limits: BodyLimits): Promise<Body> {
  const raw = await collect(source, memory, limits);
  const encoding = source.inbound.contentEncoding;
  if (encoding === null || encoding === 'identity') return raw;
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

async function collect(source: BodySource, memory: BodyMemory, limits: BodyLimits): Promise<Body> {
  const { req, res, inbound, buyer } = source;
  const declared = inbound.contentLength;
  let reserved = 0;
  const reserve = (bytes: number): void => {
    memory.reserve(buyer, bytes);
    reserved += bytes;
  };
  if (req.destroyed) throw new ClientGone();
  if (declared !== null) reserve(declared);
  if (/100-continue/i.test(req.headers.expect ?? '')) res.writeContinue();
  return await new Promise<Body>((resolve, reject) => {
    const chunks: Buffer[] = [];
    let whole: Buffer | null = null;
    let length = 0;
    let timer: NodeJS.Timeout | null = null;
    let finished = false;
    const finish = (error: Error | null): void => {
      finished = true;
      if (timer) clearTimeout(timer);
      req.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
      if (error === null) return resolve({ bytes: whole ?? joined(chunks), reserved });
      memory.release(buyer, reserved);
      req.resume();
      reject(error);
    };
    const onData = (chunk: Buffer): void => {
      if (length + chunk.length > limits.bytesMax) return finish(tooLarge(limits.bytesMax));
      if (declared === null) {
        try {
          reserve(chunk.length);
        } catch (error) {
          return finish(error as Error);
        }
        chunks.push(chunk);
      } else if (chunk.length === declared) {
        whole = chunk;
      } else {
        // Copied as it comes, so that the socket's read buffers are free for others at once.
        whole ??= Buffer.allocUnsafeSlow(declared);
        chunk.copy(whole, length);
      }
      length += chunk.length;
      timer?.refresh();
    };
    const onSilence = (): void =>
      finish(new GatewayError('body_timeout', `The request body stalled for ${limits.idleTimeoutMs / 1000} s.`));
    const onEnd = (): void => finish(null);
    const onClose = (): void => finish(new ClientGone());
    req.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
    // Most bodies come in the same turn as their headers and never need the timer.
    setImmediate(() => {
      if (!finished && timer === null) timer = setTimeout(onSilence, limits.idleTimeoutMs);
    });
  });
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
