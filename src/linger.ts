/**
 * What becomes of a request's body that nobody wants. To close at once would reset the connection, and a client that is
 * still sending would lose its answer; to wait for the end would let anyone send for ever.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

const LINGER_MS = 1_000;
/** So much is read and dropped: the usual body, so that its client comes to read the answer. */
const DROPPED_BYTES_MAX = 256 * 1024;

/** Whether some of the request's body is still to come. Node tells `complete` only after the headers' event. */
export function isBodyDue(req: IncomingMessage): boolean {
  if (req.complete) return false;
  const { 'content-length': length, 'transfer-encoding': coding } = req.headers;
  return coding !== undefined || Number(length ?? 0) > 0;
}

/** Drops what comes of the body, and calls `onTooMuch`, perhaps repeatedly, when it does not end soon. */
export function dropBody(req: IncomingMessage, onTooMuch: () => void): void {
  let left = DROPPED_BYTES_MAX;
  req.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) onTooMuch();
  });
}

/** Ends a response whose bytes are all written: when the request's body has come, and at the latest in a second. */
export function endAfterBody(res: ServerResponse): void {
  const { req } = res;
  const timer = setTimeout(() => res.destroy(), LINGER_MS);
  res.once('close', () => clearTimeout(timer));
  req.once('end', () => res.end());
  // More is not read, and so not sent: the client has all the time to read what it was answered.
  dropBody(req, () => req.pause());
}
