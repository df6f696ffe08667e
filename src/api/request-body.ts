/** Reads the body of a request to the API on the main thread: whole, small, and not for ever. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isBodyDue } from '../linger.ts';
import { ApiError } from './api-error.ts';

export const REQUEST_BODY_BYTES_MAX = 256 * 1024;
const IDLE_MS = 10_000;
/** A trickle would else keep its place for ever. */
const WHOLE_MS = 30_000;

/** The bytes in a buffer of their own, to hand over; null: there are none, or the client has left. Throws `ApiError`. */
export async function readRequestBody(req: IncomingMessage, res: ServerResponse): Promise<ArrayBuffer | null> {
  if (!isBodyDue(req)) return null;
  if (Number(req.headers['content-length'] ?? 0) > REQUEST_BODY_BYTES_MAX) throw tooLarge();
  if (req.headers.expect !== undefined) res.writeContinue();
  const chunks: Buffer[] = [];
  let size = 0;
  await new Promise<void>((resolve, reject) => {
    const late = (): void => finish(new ApiError('invalid_request', `Nothing of the body came for ${IDLE_MS / 1000} s.`));
    let timer = setTimeout(late, IDLE_MS);
    const whole = setTimeout(() => finish(new ApiError('invalid_request', `The body did not come within ${WHOLE_MS / 1000} s.`)), WHOLE_MS);
    const onData = (chunk: Buffer): void => {
      clearTimeout(timer);
      timer = setTimeout(late, IDLE_MS);
      size += chunk.length;
      if (size > REQUEST_BODY_BYTES_MAX) finish(tooLarge());
      else chunks.push(chunk);
    };
    const onEnd = (): void => finish(null);
    const finish = (error: ApiError | null): void => {
      clearTimeout(timer);
      clearTimeout(whole);
      req.off('data', onData).off('end', onEnd).off('close', onEnd);
      if (error) reject(error);
      else resolve();
    };
    req.on('data', onData).once('end', onEnd).once('close', onEnd);
  });
  if (!req.complete || size === 0) return null;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole.buffer;
}

function tooLarge(): ApiError {
  return new ApiError('body_too_large', `The body is above ${REQUEST_BODY_BYTES_MAX / 1024} KiB, more than any request here needs.`);
}
