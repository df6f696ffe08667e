/** A receipt as the live view shows it: whose it is, the multiplications, what became of its hold, and when. */
import type { Admitted, Surroundings } from '../reports/explain/admission.ts';
import type { PricedReceipt } from '../reports/receipt.ts';
import type { RequestEntry } from '../reports/requests.ts';
import { cellWidth } from '../tui/cell-width.ts';
import { durationText } from '../tui/figures.ts';
import { printable } from '../printable.ts';
import { receiptFigures } from './receipt-figures.ts';
import { receiptNotes } from './receipt-notes.ts';
import { isoTime } from '../documents/iso-time.ts';

export interface ReceiptSheet {
  readonly receipt: PricedReceipt;
  readonly key: Surroundings['key'];
  /** Cells of a line. */
  readonly columns: number;
}

/** Lines without colours or control characters. Three blanks divide the figures of a line that may be wider. */
export function receiptSheet({ receipt, key, columns }: ReceiptSheet): string[] {
  const { entry, document } = receipt;
  const [held = '', ...warnings] = receiptNotes(receipt);
  return [
    ...folded([entry.buyerName, `key ${key.label} ${key.masked}`, modelWords(entry)], columns),
    ...folded([`${clockWords(entry.startedAt)} UTC`, ...timeWords(entry)], columns),
    ...folded([statusWords(entry), `usage ${entry.usageSource}`, ...upstreamWords(entry), ...entry.flags.map((flag) => flag.replaceAll('_', ' '))], columns),
    '',
    ...receiptFigures(document, columns),
    '',
    held,
    `price card ${document.priceCard}${entry.quoteBasis === null ? '' : `   quote by ${entry.quoteBasis}`}`,
    ...warnings,
    '',
    momentWords(entry),
  ].map(printable);
}

/** Before any price applied there is nothing to multiply. */
export function refusalSheet(entry: RequestEntry, columns: number): string[] {
  const lines = [
    ...folded([entry.buyerName, modelWords(entry)], columns),
    ...folded([`${clockWords(entry.startedAt)} UTC`, ...timeWords(entry)], columns),
    ...folded([statusWords(entry)], columns),
    '',
    'It ended before any price applied: nothing was charged.',
  ];
  return lines.map(printable);
}

const clockWords = (ms: number): string => isoTime(ms).slice(0, 23).replace('T', ' ');

/** `claude-fast → claude-sonnet-4-6` */
function modelWords({ route, model, responseModel }: Pick<Admitted, 'route' | 'model'> & Pick<RequestEntry, 'responseModel'>): string {
  const answered = responseModel === null || responseModel === model ? '' : ` (answered by ${responseModel})`;
  return `${route ?? '—'} → ${model ?? '—'}${answered}`;
}

function timeWords({ timeToFirstByteMs, durationMs, attempts }: RequestEntry): string[] {
  const first = timeToFirstByteMs === null ? [] : [`TTFB ${durationText(timeToFirstByteMs)}`];
  const tries = attempts === 0 ? [] : [`${attempts} upstream ${attempts === 1 ? 'try' : 'tries'}`];
  return [...first, `took ${durationText(durationMs)}`, ...tries];
}

const statusWords = ({ status, errorCode, httpStatus }: RequestEntry): string => `${status.replaceAll('_', ' ')}${errorCode === null ? '' : ` with ${errorCode}`} (HTTP ${httpStatus})`;

const upstreamWords = ({ upstream, upstreamRequestId }: RequestEntry): string[] => (upstream === null ? [] : [`upstream ${upstream}${upstreamRequestId === null ? '' : ` ${upstreamRequestId}`}`]);

/** `12:04:13.208 asked   12:04:13.620 first byte   12:04:17.791 settled` */
function momentWords({ startedAt, timeToFirstByteMs, settledAt }: RequestEntry): string {
  const moment = (ms: number, word: string): string => `${isoTime(ms).slice(11, 23)} ${word}`;
  const first = timeToFirstByteMs === null ? [] : [moment(startedAt + timeToFirstByteMs, 'first byte')];
  return [moment(startedAt, 'asked'), ...first, moment(settledAt, 'settled')].join('   ');
}

/** Words divided by ` · `, and lines broken between them. */
function folded(words: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    const joined = `${last ?? ''} · ${word}`;
    if (last !== undefined && cellWidth(joined) <= columns) lines[lines.length - 1] = joined;
    else lines.push(word);
  }
  return lines;
}
