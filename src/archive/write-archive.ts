/** Writes request rows into an archive, page by page: memory does not grow with their number, and no read lasts. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip, type Gzip } from 'node:zlib';
import type { Db } from '../db/open.ts';
import type { CardVersion } from '../ids.ts';
import { micro } from '../money.ts';
import { readCard } from '../registry/cards.ts';
import { createRequestLines } from './archived-request.ts';
import { cardLine, endLine, headerLine, type ArchiveHeader } from './archive-format.ts';

/** Rows of one read, a few milliseconds. */
const PAGE = 1_000;

export interface WriteOptions {
  readonly header: ArchiveHeader;
  /** No request with a greater id. */
  readonly lastId: bigint;
  readonly signal?: AbortSignal | undefined;
  /** Requests written so far. */
  readonly onProgress?: ((requests: number) => void) | undefined;
}

/**
 * Into an open, empty file, and to the disk. Rejects when the rows are not those that the header tells of; what is in
 * the file then is no archive.
 */
export async function writeArchive(db: Db, file: FileHandle, options: WriteOptions): Promise<void> {
  const gzip = createGzip();
  const written = pipeline(gzip, async (compressed: AsyncIterable<Buffer>) => {
    for await (const bytes of compressed) await file.writeFile(bytes);
  });
  // Whoever waits for it below is told; it must not count as unhandled before.
  written.catch(() => undefined);
  try {
    await writeLines(db, new LineWriter(gzip, written), options);
    gzip.end();
    await written;
    await file.sync();
  } catch (error) {
    gzip.destroy();
    await written.catch(() => undefined);
    throw error;
  }
}

async function writeLines(db: Db, out: LineWriter, { header, lastId, signal, onProgress }: WriteOptions): Promise<void> {
  const linesOf = createRequestLines(db);
  const cards = new Set<bigint>();
  let [requests, charge, shortfall, after] = [0, 0n, 0n, -1n];
  await out.write([headerLine(header)]);
  for (;;) {
    signal?.throwIfAborted();
    const page = linesOf({ after, lastId, settledBefore: header.settledBefore, limit: PAGE });
    const lines: string[] = [];
    for (const request of page) {
      const { cardVersion: card } = request;
      if (card !== null && !cards.has(card)) lines.push(cardLine(Number(card) as CardVersion, readCard(db, Number(card) as CardVersion).body));
      if (card !== null) cards.add(card);
      lines.push(request.line);
      charge += request.charge;
      shortfall += request.shortfall;
      after = request.id;
    }
    requests += page.length;
    if (lines.length > 0) await out.write(lines);
    onProgress?.(requests);
    if (page.length < PAGE) break;
  }
  if (requests !== header.requests || charge !== header.charge || shortfall !== header.shortfall)
    throw new Error(`the rows changed while they were archived: ${header.requests} requests were counted and ${requests} read`);
  await out.end((sha256) => endLine({ requests, charge: micro(charge), shortfall: micro(shortfall), sha256 }));
}

class LineWriter {
  readonly #gzip: Gzip;
  readonly #failed: Promise<void>;
  readonly #hash = createHash('sha256');

  /** `written` rejects when what is written cannot reach the file. */
  constructor(gzip: Gzip, written: Promise<void>) {
    this.#gzip = gzip;
    this.#failed = written;
  }

  async write(lines: readonly string[]): Promise<void> {
    const text = Buffer.from(`${lines.join('\n')}\n`);
    this.#hash.update(text);
    await this.#put(text);
  }

  async end(line: (sha256: string) => string): Promise<void> {
    await this.#put(Buffer.from(`${line(this.#hash.digest('hex'))}\n`));
  }

  async #put(text: Buffer): Promise<void> {
    if (this.#gzip.destroyed) return this.#failed;
    if (!this.#gzip.write(text)) await Promise.race([once(this.#gzip, 'drain'), this.#failed]);
  }
}
