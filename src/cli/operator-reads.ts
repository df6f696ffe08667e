/** The reading half of the live view's `Operator`: one connection that cannot write, opened anew when the file changes. */
import * as fs from 'node:fs';
import { DatabaseError, openDatabase } from '../db/open.ts';
import type { Db } from '../db/open.ts';
import type { BuyerId, RequestId } from '../ids.ts';
import { printable, printableLines } from '../printable.ts';
import { createLiveReader } from '../reports/live/live-reader.ts';
import type { LiveReader } from '../reports/live/live-reader.ts';
import { readSurroundings } from '../reports/explain/admission.ts';
import { explainLines, explainRequest } from '../reports/explain.ts';
import { readReceipt, receiptJson } from '../reports/receipt.ts';
import type { ReceiptOutcome } from '../reports/receipt.ts';
import { recentDeposits, type RecentDeposit } from '../reports/recent-deposits.ts';
import { requestJson } from '../reports/request-json.ts';
import type { BuyerDetail, Operator, RequestDetailText } from '../tui/operator.ts';
import type { CliContext } from './context.ts';
import { inWords } from './open-store.ts';
import { receiptSheet, refusalSheet } from './receipt-sheet.ts';
import { createServingCount } from '../ledger/serving-count.ts';

export interface OperatorReads extends Pick<Operator, 'read' | 'buyer' | 'request'> {
  close(): void;
}

export interface OperatorReadsOptions {
  /** Absolute path. */
  readonly database: string;
  readonly timezone: string;
  /** Where clients reach the gateway. */
  readonly origin: string;
  /** Names of the configured upstreams. */
  readonly upstreams: readonly string[];
  readonly ctx: CliContext;
}

interface Opened {
  readonly db: Db;
  readonly reader: LiveReader;
  /** Which file it was: another one may be put in its place. */
  readonly inode: bigint;
}

/** The screen stands still meanwhile. */
const BUSY_TIMEOUT_MS = 1_000;
const REQUESTS_SHOWN = 100;
const DEPOSITS_SHOWN = 10;

/** All of it throws `CliError` with words for what can be expected to go wrong; the next call tries again. */
export function createOperatorReads(options: OperatorReadsOptions): OperatorReads {
  let opened: Opened | null = null;
  const close = (): void => {
    opened?.db.close();
    opened = null;
  };
  const using = <T>(use: (opened: Opened) => T): T => {
    try {
      if (opened !== null && inodeOf(options.database) !== opened.inode) close();
      opened ??= open(options);
      return use(opened);
    } catch (error) {
      // A connection that failed once may fail for ever, for example when the file's head was replaced.
      close();
      throw inWords(error);
    }
  };
  return {
    read: () => using(({ reader }) => reader.read()),
    buyer: (buyerId) => using(({ db, reader }) => buyerDetail(db, reader, buyerId)),
    request: (requestId, columns) => using(({ db }) => requestText(db, requestId, columns)),
    close,
  };
}

function inodeOf(file: string): bigint | null {
  return fs.statSync(file, { bigint: true, throwIfNoEntry: false })?.ino ?? null;
}

function open({ database, timezone, origin, upstreams, ctx }: OperatorReadsOptions): Opened {
  const inode = inodeOf(database);
  const db = openDatabase(database, { mode: 'read', busyTimeoutMs: BUSY_TIMEOUT_MS });
  if (inode === null || inodeOf(database) !== inode) {
    db.close();
    throw new DatabaseError('missing', `${database} was replaced just now`);
  }
  try {
    return { db, inode, reader: createLiveReader(db, { timezone, origin, upstreams, now: () => ctx.now(), alive: createServingCount(db) }) };
  } catch (error) {
    db.close();
    throw error;
  }
}

function buyerDetail(db: Db, reader: LiveReader, buyerId: BuyerId): BuyerDetail {
  return {
    requests: reader.requestsOf(buyerId, REQUESTS_SHOWN),
    deposits: recentDeposits(db, buyerId, DEPOSITS_SHOWN).map((deposit) => ({ at: deposit.at, amount: deposit.amount, words: depositWords(deposit) })),
  };
}

function depositWords({ kind, reference, reason }: RecentDeposit): string {
  const words = [kind === 'deposit' ? 'top-up' : 'adjustment', ...(reason === null ? [] : [reason]), ...(reference === null ? [] : [`reference ${reference}`])];
  return printable(words.join(', '));
}

function requestText(db: Db, id: RequestId, columns: number): RequestDetailText | null {
  const outcome = readReceipt(db, id);
  const explanation = explainRequest(db, id);
  if (outcome.kind === 'notFound' && explanation === null) return null;
  return {
    receipt: receiptLines(db, outcome, columns),
    explain: explanation === null ? [] : explainLines(explanation, columns),
    json: linesOf(JSON.stringify(documentOf(outcome), null, 2)),
  };
}

const linesOf = (text: string): string[] => printableLines(text).trimEnd().split('\n');

function documentOf(outcome: ReceiptOutcome): unknown {
  if (outcome.kind === 'notFound') return { receipt: null };
  if (outcome.kind === 'receipt') return receiptJson(outcome.document);
  return { ...requestJson(outcome.entry), receipt: null, message: outcome.entry.detail?.message ?? null };
}

/** None while it runs: the view tells then what it holds. */
function receiptLines(db: Db, outcome: ReceiptOutcome, columns: number): string[] {
  if (outcome.kind === 'notFound') return [];
  if (outcome.kind === 'unpriced') return refusalSheet(outcome.entry, columns);
  return receiptSheet({ receipt: outcome, key: readSurroundings(db, outcome.entry).key, columns });
}
