/** Decodes a request's compressed body as far as the memory for it is there, so that a small one cannot fill the machine. */
import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { GatewayError } from '../errors.ts';
import { BodyBuffer, type Body, type BodyBufferOptions } from './body-buffer.ts';

const CHUNK_BYTES = 64 * 1024;
/** The largest window that a sender of `content-encoding: zstd` may use: 8 MB (RFC 9659, section 3). */
const ZSTD_WINDOW_LOG_MAX = 23;

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: () => zlib.createGunzip({ chunkSize: CHUNK_BYTES }),
  deflate: () => zlib.createInflate({ chunkSize: CHUNK_BYTES }),
  br: () => zlib.createBrotliDecompress({ chunkSize: CHUNK_BYTES }),
  zstd: () => zlib.createZstdDecompress({ chunkSize: CHUNK_BYTES, params: { [zlib.constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX } }),
};

/** Throws `unsupported_encoding`. */
export function checkEncoding(encoding: string): void {
  if (!Object.hasOwn(DECODERS, encoding))
    throw new GatewayError('unsupported_encoding', `The content-encoding ${JSON.stringify(encoding.slice(0, 100))} is not understood; send identity, gzip, deflate, br or zstd.`);
}

/** The plain body; `raw` is given back. The encoding was checked. Errors: `malformed_body`, `body_too_large`, `overloaded`. */
export async function decodeBody(raw: Body, encoding: string, options: BodyBufferOptions): Promise<Body> {
  try {
    return await decode(raw.bytes, encoding, options);
  } finally {
    options.memory.release(options.buyer, raw.reserved);
  }
}

function decode(bytes: Buffer, encoding: string, options: BodyBufferOptions): Promise<Body> {
  const decoder = (DECODERS[encoding] as () => Transform)();
  const plain = new BodyBuffer(options);
  return new Promise<Body>((resolve, reject) => {
    const fail = (error: unknown): void => {
      decoder.destroy();
      plain.release();
      reject(error instanceof GatewayError ? error : new GatewayError('malformed_body', `The request body is not valid ${encoding}.`, { cause: error }));
    };
    decoder.on('data', (chunk: Buffer) => {
      try {
        plain.append(chunk);
      } catch (error) {
        fail(error);
      }
    });
    decoder.on('error', fail);
    decoder.on('end', () => resolve(plain.body()));
    decoder.end(bytes);
  });
}
