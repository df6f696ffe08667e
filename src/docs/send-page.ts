/** A text as an answer: compressed for who takes it, and 304 for who has it. There is nothing secret in it to be guessed by its size. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Context } from 'hono';

/** A packet: less is not worth it. */
const COMPRESSED_FROM_BYTES = 1400;
/** All pages of a guide, and some of what readers search and compute. */
const REMEMBERED_MAX = 64;

export type PageSender = (c: Context, body: string, type: string) => Response;

/** Browsers ask again each time (`no-cache`), so that a change of prices is seen at once. */
export function createPageSender(): PageSender {
  const compressed = new Map<string, Uint8Array<ArrayBuffer>>();
  const gzipped = (etag: string, body: string): Uint8Array<ArrayBuffer> => {
    const known = compressed.get(etag);
    if (known !== undefined) return known;
    const made = new Uint8Array(gzipSync(body));
    const oldest = compressed.keys().next();
    if (compressed.size >= REMEMBERED_MAX && !oldest.done) compressed.delete(oldest.value);
    compressed.set(etag, made);
    return made;
  };
  return (c, body, type) => {
    const etag = `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    const headers = { etag, 'cache-control': 'no-cache', vary: 'accept-encoding' };
    if (c.req.header('if-none-match') === etag) return c.body(null, 304, headers);
    if (body.length < COMPRESSED_FROM_BYTES || !takesGzip(c.req.header('accept-encoding') ?? '')) return c.body(body, 200, { ...headers, 'content-type': type });
    return c.body(gzipped(etag, body), 200, { ...headers, 'content-type': type, 'content-encoding': 'gzip' });
  };
}

const takesGzip = (accepted: string): boolean => /(?:^|,)\s*gzip\s*(?:;\s*q=(?:1|0\.\d*[1-9])[\d.]*\s*)?(?:,|$)/i.test(accepted);
