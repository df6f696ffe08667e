/** Reads archives line by line, in constant memory, and finds those that were cut off or changed. */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { formatRequestId, type CardVersion, type RequestId } from '../ids.ts';
import type { PriceCard } from '../metering/price-card.ts';
import { ArchiveError } from './archive-error.ts';
import { CARD_START, END_START, parseCardLine, parseEnd, parseHeader, REQUEST_START, type ArchiveEnd, type ArchiveHeader } from './archive-format.ts';
import { idOfLine, lineStartOf, parseRequestLine, type ArchivedRequest } from './archived-request.ts';

/** No line of ours comes near it; a foreign file may have no lines at all. */
const LINE_CHARACTERS_MAX = 16 * 1024 * 1024;

/** Throws `ArchiveError`, with the file's name, for whatever keeps it from being read to its end. */
async function* chunksOfLines(file: string): AsyncGenerator<readonly string[]> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of opened(file)) {
    const lines = (rest + decoder.write(chunk as Buffer)).split('\n');
    rest = lines.pop() as string;
    if (rest.length > LINE_CHARACTERS_MAX) throw new ArchiveError('it is no archive of requests');
    if (lines.length > 0) yield lines;
  }
  if (rest !== '') throw new ArchiveError('it ends in the middle of a line');
}

function opened(file: string): Readable {
  // Without O_NONBLOCK, the opening of a pipe that nobody writes to would wait for ever.
  const descriptor = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
  if (!fs.fstatSync(descriptor).isFile()) {
    fs.closeSync(descriptor);
    throw new ArchiveError('it is no regular file');
  }
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  // Errors of either end come out of the iteration.
  pipeline(fs.createReadStream('', { fd: descriptor }), gunzip, () => undefined);
  return gunzip;
}

const FILE_WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'it may not be read',
  Z_DATA_ERROR: 'it is damaged, or no gzip file',
  Z_BUF_ERROR: 'it is cut off, for its end is missing',
};

function readingFailure(file: string, error: unknown): unknown {
  const why = error instanceof ArchiveError ? error.message : FILE_WORDS[(error as NodeJS.ErrnoException).code ?? ''];
  if (why !== undefined) return new ArchiveError(`the archive ${file} cannot be used: ${why}.`, { cause: error });
  if (typeof (error as NodeJS.ErrnoException).code === 'string') return new ArchiveError(`the archive ${file} cannot be read: ${(error as Error).message}.`, { cause: error });
  return error;
}

export interface ArchiveLines {
  /** Called once, first. */
  readonly header?: (header: ArchiveHeader) => void;
  readonly card?: (line: string) => void;
  /** In the order of their ids. A promise is waited for. */
  readonly requests?: (lines: readonly string[]) => Promise<void> | void;
}

/**
 * Reads a whole archive. Resolves with what its last line says, once its digest and its number of requests were found to
 * be right. Rejects with an `ArchiveError` otherwise, which may be after lines were handed out.
 */
export async function readArchive(file: string, lines: ArchiveLines): Promise<ArchiveEnd> {
  const pass = new Pass(lines);
  try {
    for await (const chunk of chunksOfLines(file)) {
      const waited = pass.take(chunk);
      if (waited !== undefined) await waited;
    }
    return pass.finish();
  } catch (error) {
    throw readingFailure(file, error);
  }
}

class Pass {
  readonly #lines: ArchiveLines;
  readonly #hash = createHash('sha256');
  #header: ArchiveHeader | null = null;
  #end: ArchiveEnd | null = null;
  #requests = 0;

  constructor(lines: ArchiveLines) {
    this.#lines = lines;
  }

  take(chunk: readonly string[]): Promise<void> | void {
    const requests: string[] = [];
    for (const line of chunk) {
      if (this.#end !== null) throw new ArchiveError('there is more after its end');
      if (line.startsWith(END_START)) this.#end = parseEnd(line);
      else {
        this.#hash.update(`${line}\n`);
        this.#one(line, requests);
      }
    }
    this.#requests += requests.length;
    if (requests.length > 0) return this.#lines.requests?.(requests);
  }

  #one(line: string, requests: string[]): void {
    if (this.#header === null) {
      this.#header = parseHeader(line);
      this.#lines.header?.(this.#header);
    } else if (line.startsWith(REQUEST_START)) requests.push(line);
    else if (line.startsWith(CARD_START)) this.#lines.card?.(line);
    else throw new ArchiveError('it has a line of an unknown kind');
  }

  finish(): ArchiveEnd {
    const end = this.#end;
    if (this.#header === null) throw new ArchiveError('it is empty');
    if (end === null) throw new ArchiveError('it is cut off, for its last line is missing');
    if (this.#hash.digest('hex') !== end.sha256) throw new ArchiveError('it was changed, or is damaged, for its digest is another one');
    if (this.#requests !== end.requests) throw new ArchiveError(`it has ${this.#requests} requests, and should have ${end.requests}`);
    return end;
  }
}

export interface CheckedArchive {
  readonly header: ArchiveHeader;
  readonly end: ArchiveEnd;
  /** Null where it has no requests. */
  readonly first: RequestId | null;
  readonly last: RequestId | null;
}

export interface CheckOptions {
  /** Aborted: rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  readonly onHeader?: ((header: ArchiveHeader) => void) | undefined;
  /** Requests read so far. */
  readonly onProgress?: ((requests: number) => void) | undefined;
}

/** Reads each request of it, as a receipt would, and adds them up. Rejects with an `ArchiveError` where anything is wrong. */
export async function checkArchive(file: string, { signal, onHeader, onProgress }: CheckOptions = {}): Promise<CheckedArchive> {
  let header: ArchiveHeader | undefined;
  let [requests, charge, shortfall] = [0, 0n, 0n];
  let first: RequestId | null = null;
  let last: RequestId | null = null;
  const cards = new Set<CardVersion>();
  const check = ({ entry }: ArchivedRequest): void => {
    const { requestId, cardVersion } = entry;
    if (last !== null && requestId <= last) throw new ArchiveError(`${formatRequestId(requestId)} is not in its order`);
    if (cardVersion !== null && !cards.has(cardVersion)) throw new ArchiveError(`the price card of ${formatRequestId(requestId)} is missing`);
    first ??= requestId;
    last = requestId;
    requests++;
    charge += entry.charge;
    shortfall += entry.shortfall;
  };
  const end = await readArchive(file, {
    header: (found) => {
      header = found;
      onHeader?.(found);
    },
    card: (line) => cards.add(parseCardLine(line).version),
    requests: (lines) => {
      signal?.throwIfAborted();
      for (const line of lines) check(parseRequestLine(line));
      onProgress?.(requests);
    },
  });
  const said = header as ArchiveHeader;
  const wrong = [said, end].some((sums) => sums.requests !== requests || sums.charge !== charge || sums.shortfall !== shortfall);
  if (wrong) throw readingFailure(file, new ArchiveError('its requests do not add up to what it says of them'));
  return { header: said, end, first, last };
}

export interface FoundInArchive {
  readonly header: ArchiveHeader;
  /** Null: it has no such request. */
  readonly found: (ArchivedRequest & { readonly cardOf: (version: CardVersion) => PriceCard }) | null;
  /** Why the archive cannot be trusted as a whole though the request could be read; null: it is sound. */
  readonly damage: string | null;
  /** Of its text, as its last line has it and found right; null where it is damaged. */
  readonly sha256: string | null;
}

/** Looks for one request, through the whole archive, so that damage is told. Rejects where none could be read before it. */
export async function findInArchive(file: string, id: RequestId): Promise<FoundInArchive> {
  const start = lineStartOf(id);
  const cards = new Map<CardVersion, PriceCard>();
  let header: ArchiveHeader | undefined;
  let found: ArchivedRequest | null = null;
  let damage: string | null = null;
  let sha256: string | null = null;
  try {
    ({ sha256 } = await readArchive(file, {
      header: (one) => (header = one),
      card: (line) => {
        const card = parseCardLine(line);
        cards.set(card.version, card);
      },
      requests: (lines) => {
        const line = lines.find((one) => one.startsWith(start));
        if (line !== undefined) found ??= parseRequestLine(line);
      },
    }));
  } catch (error) {
    if (found === null || !(error instanceof ArchiveError)) throw error;
    damage = error.message;
  }
  const cardOf = (version: CardVersion): PriceCard => {
    const card = cards.get(version);
    if (card === undefined) throw readingFailure(file, new ArchiveError('the price card of the request is missing'));
    return card;
  };
  const request = found as ArchivedRequest | null;
  return { header: header as ArchiveHeader, found: request === null ? null : { ...request, cardOf }, damage, sha256 };
}

/** Enough for one transaction, however short the reads are. */
const IDS = 1_000;

/** The ids of all requests, a thousand at a time. Rejects as `readArchive`, which may be after ids were handed out. */
export async function eachIds(file: string, use: (ids: readonly RequestId[]) => Promise<void>): Promise<void> {
  let ids: RequestId[] = [];
  const flush = async (): Promise<void> => {
    const some = ids;
    ids = [];
    await use(some);
  };
  await readArchive(file, {
    requests: (lines) => {
      for (const line of lines) ids.push(idOfLine(line));
      if (ids.length >= IDS) return flush();
    },
  });
  await flush();
}
