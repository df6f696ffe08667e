/** `ainogap export`: the requests of a window as CSV or JSON Lines, page by page, in memory that does not grow. */
import type { Db } from '../db/open.ts';
import type { BuyerId, RequestId } from '../ids.ts';
import { csvLine, type CsvCell } from './csv-line.ts';
import { EXPORT_FIELDS, exportRecord, type ExportField } from './export-fields.ts';
import { createCardCache } from './card-cache.ts';
import { recordedSplit } from './recorded-split.ts';
import { prunedBeforeMs } from './pruned.ts';
import { readSettledPage, type RequestEntry } from './requests.ts';
import { firstRequestSettledSince, readUsage } from './usage.ts';

export const EXPORT_FORMATS = ['csv', 'jsonl'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportOptions {
  readonly format: ExportFormat;
  /** Settled in [since, until), Unix ms, whole minutes. What settles after the export began is not in it. */
  readonly since: number;
  readonly until: number;
  readonly buyerId?: BuyerId;
  /** Rows looked at in one read. Default 2000. */
  readonly pageSize?: number;
  /** Called after each page with the rows written and the rows that there are in all. */
  readonly onProgress?: (done: number, expected: number) => void;
  /** Aborted: rejects with its reason before the next page. */
  readonly signal?: AbortSignal;
}

/** Some tens of kB to some MB of text: the whole of one page. Resolves when more may come. */
export type WriteText = (text: string) => Promise<void> | void;

const PAGE = 2000;

/** Requests were moved to an archive while they were read: some are missing, and which cannot be told. */
export class PrunedMeanwhileError extends Error {
  constructor() {
    super('requests of this window were moved to an archive while it was exported, so the export lacks some');
    this.name = 'PrunedMeanwhileError';
  }
}

/**
 * Writes the rows in the order of their ids, a CSV with a header line first. Each page is a read of its own, so nothing
 * stays open while the reader takes its time. What is in archives already is left out; rejects with
 * `PrunedMeanwhileError` where that becomes more before the end.
 */
export async function exportRequests(db: Db, options: ExportOptions, write: WriteText): Promise<{ readonly rows: number }> {
  const { first, since, until, expected, closed } = rangeOf(db, options);
  const textOf = options.format === 'csv' ? csvOf : jsonLineOf;
  const cardOf = createCardCache(db);
  if (options.format === 'csv') await write(csvLine(EXPORT_FIELDS));
  let rows = 0;
  let from = first;
  while (from !== null) {
    options.signal?.throwIfAborted();
    const page = readSettledPage(db, { ...options, from, since, until, size: options.pageSize ?? PAGE });
    if (page.entries.length > 0) await write(page.entries.map((entry) => textOf(exportRecord(entry, recordedSplit(entry, cardOf)))).join(''));
    rows += page.entries.length;
    options.onProgress?.(rows, expected);
    // A window that is over gets no more rows, so those behind it need not be looked at.
    from = closed && rows >= expected ? null : page.next;
    // Signals are heard between two pages.
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (Math.min(prunedBeforeMs(db), until) > since) throw new PrunedMeanwhileError();
  return { rows };
}

interface ExportRange {
  readonly first: RequestId | null;
  readonly since: number;
  readonly until: number;
  readonly expected: number;
  /** Nothing can settle in it any more. */
  readonly closed: boolean;
}

/** On one snapshot: where to begin, how many rows there are, and the ledger's clock, before which nothing settles any more. */
function rangeOf(db: Db, { since: asked, until, buyerId }: ExportOptions): ExportRange {
  const read = db.transaction((): ExportRange => {
    const clock = Number(db.prepare('SELECT at FROM ledger_clock').pluck().get());
    const since = Math.min(until, Math.max(asked, prunedBeforeMs(db)));
    const [usage] = since === until ? [] : readUsage(db, { since, until, by: 'none', timezone: 'UTC', ...(buyerId === undefined ? {} : { buyerId }) });
    return {
      first: since === until ? null : firstRequestSettledSince(db, since),
      since,
      until: Math.min(until, clock + 1),
      expected: usage?.sums.requests ?? 0,
      closed: until <= clock,
    };
  });
  return read.deferred();
}

type ExportRecord = ReturnType<typeof exportRecord>;

const jsonLineOf = (record: ExportRecord): string => `${JSON.stringify(record)}\n`;

const csvOf = (record: ExportRecord): string => csvLine(EXPORT_FIELDS.map((field) => cellOf(field, record[field])));

/** Flags are words, separated by spaces; the parts of a usage are JSON. */
function cellOf(field: ExportField, value: unknown): CsvCell {
  if (field === 'flags') return (value as RequestEntry['flags']).join(' ');
  if (field === 'parts') return value === null ? null : JSON.stringify(value);
  return value as CsvCell;
}
