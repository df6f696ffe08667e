/** A receipt for people: every figure opens its multiplication, count × price = charge. */
import { formatRequestId } from '../ids.ts';
import type { ReceiptDocument, ReceiptPart } from '../metering/receipt.ts';
import { uncachedOf } from '../metering/uncached.ts';
import { formatUsdc } from '../money.ts';
import { printable } from '../printable.ts';
import type { PricedReceipt } from '../reports/receipt.ts';
import type { RequestEntry } from '../reports/requests.ts';
import { TOKEN_CLASSES, CLASS_WORDS } from '../tokens.ts';
import type { TokenClass } from '../tokens.ts';
import { chalkFor } from './colours.ts';
import type { CliContext } from './context.ts';
import { exactUsdc } from './exact-usdc.ts';
import { printTable } from './print-table.ts';
import type { Column } from './print-table.ts';
import { receiptNotes, usesCache } from './receipt-notes.ts';
import { isoTime } from '../documents/iso-time.ts';

interface Line {
  readonly model: string;
  readonly tokenClass: TokenClass | null;
  readonly word: string;
  readonly count: string;
  readonly price: string;
  readonly factor: string;
  readonly exact: string;
  readonly charge: string;
  /** What it had been if nothing were cached. */
  readonly uncached: string;
}

export function printReceipt(ctx: CliContext, { entry, document, transfers }: PricedReceipt): void {
  const chalk = chalkFor(ctx.env, ctx.stdout);
  ctx.stdout.write(`${chalk.bold(formatRequestId(entry.requestId))}${heading(entry, document)}\n`);
  const lines = linesOf(document);
  const columns = COLUMNS.filter(({ title }) => !ctx.stdout.isTTY || !optional(title) || lines.some((line) => valueOf(line, title) !== ''));
  printTable<Line>(ctx, columns, lines);
  for (const note of receiptNotes({ entry, document, transfers })) ctx.stdout.write(`${note}\n`);
}

const UNCACHED = 'if nothing were cached';
const optional = (title: string): boolean => title === 'factor' || title === 'model' || title === UNCACHED;
const valueOf = (line: Line, title: string): string => (title === 'factor' ? line.factor : title === 'model' ? line.model : line.uncached);

function heading(entry: RequestEntry, document: ReceiptDocument): string {
  const model = entry.responseModel === null || entry.responseModel === entry.model ? entry.model : `${entry.model} (answered by ${entry.responseModel})`;
  const first = entry.timeToFirstByteMs === null ? '' : `, first byte ${entry.timeToFirstByteMs} ms`;
  const upstream = entry.upstream === null ? '' : `   upstream ${entry.upstream}${entry.upstreamRequestId === null ? '' : ` ${entry.upstreamRequestId}`}`;
  const quote = entry.quoteBasis === null ? '' : `   quote by ${entry.quoteBasis}`;
  const flags = entry.flags.length === 0 ? '' : `   flags ${entry.flags.join(' ')}`;
  return [
    `   buyer ${entry.buyerName}   route ${entry.route ?? '—'}   model ${model}`,
    `${entry.status}${entry.errorCode === null ? '' : ` with ${entry.errorCode}`} (HTTP ${entry.httpStatus})   started ${isoTime(entry.startedAt)}, ${entry.durationMs} ms${first}`,
    `price card ${document.priceCard}   usage ${entry.usageSource}${quote}${upstream}${flags}`,
  ]
    .map(printable)
    .join('\n');
}

function linesOf(document: ReceiptDocument): Line[] {
  const { parts } = document;
  const several = parts.length > 1;
  const uncached = uncachedColumn(document);
  const lines = parts.flatMap((part) =>
    TOKEN_CLASSES.map((tokenClass) => ({ ...partLine(document, part, { tokenClass, several }), uncached: several ? '' : uncached[tokenClass] })),
  );
  const charge = (tokenClass: TokenClass): Line => ({ ...EMPTY, tokenClass, word: CLASS_WORDS[tokenClass], charge: micros(document.chargeByClassUsdMicros[tokenClass]), uncached: uncached[tokenClass] });
  if (several) lines.push(...TOKEN_CLASSES.map((tokenClass) => ({ ...charge(tokenClass), model: 'all' })));
  if (document.webSearchRequests > 0) lines.push(webSearchLine(document));
  lines.push({ ...EMPTY, word: 'total', charge: micros(document.chargeUsdMicros), uncached: uncached.total });
  return lines;
}

type UncachedColumn = Readonly<Record<TokenClass | 'total', string>>;
const NOTHING_CACHED: UncachedColumn = { input: '', output: '', cacheWrite5m: '', cacheWrite1h: '', cacheRead: '', total: '' };

function uncachedColumn(document: ReceiptDocument): UncachedColumn {
  if (!usesCache(document)) return NOTHING_CACHED;
  const { inputCharge, outputCharge, charge } = uncachedOf(document);
  return { ...NOTHING_CACHED, input: formatUsdc(inputCharge, 6), output: formatUsdc(outputCharge, 6), total: formatUsdc(charge, 6) };
}

const EMPTY: Line = { model: '', tokenClass: null, word: '', count: '', price: '', factor: '', exact: '', charge: '', uncached: '' };
const micros = (amount: number): string => formatUsdc(BigInt(amount), 6);

function partLine(document: ReceiptDocument, part: ReceiptPart, { tokenClass, several }: { tokenClass: TokenClass; several: boolean }): Omit<Line, 'uncached'> {
  const count = part.tokens[tokenClass];
  const price = part.unitPricesUsdMicrosPerMillion[tokenClass];
  const factors = [part.geoFactor, document.tierFactor].filter((factor) => factor !== '1');
  return {
    model: several ? part.model : '',
    tokenClass,
    word: CLASS_WORDS[tokenClass],
    count: String(count),
    price: micros(price),
    factor: factors.map((factor) => `× ${factor}`).join(' '),
    exact: exactUsdc(BigInt(count) * BigInt(price), { geo: part.geoFactor === '1.1', half: document.tierFactor === '0.5' }),
    charge: several ? '' : micros(document.chargeByClassUsdMicros[tokenClass]),
  };
}

function webSearchLine(document: ReceiptDocument): Line {
  const { webSearchRequests: count, webSearchUsdMicrosPerMillion: price } = document;
  const half = document.tierFactor === '0.5';
  return {
    ...EMPTY,
    word: 'web search',
    count: String(count),
    price: micros(price),
    factor: half ? '× 0.5' : '',
    exact: exactUsdc(BigInt(count) * BigInt(price), { geo: false, half }),
    charge: micros(document.webSearchChargeUsdMicros),
  };
}

const COLUMNS: readonly Column<Line>[] = [
  { title: 'model', cell: (line) => line.model },
  { title: 'class', cell: (line) => line.word, raw: (line) => line.tokenClass ?? line.word, markOf: (line) => line.tokenClass },
  { title: 'tokens', cell: (line) => line.count, align: 'right' },
  { title: '× USD per million', field: 'usdPerMillion', cell: (line) => line.price, align: 'right', drop: 1 },
  { title: 'factor', cell: (line) => line.factor, align: 'right' },
  { title: '= exact', field: 'exact', cell: (line) => line.exact, align: 'right', drop: 2 },
  { title: 'charge', cell: (line) => line.charge, align: 'right' },
  { title: UNCACHED, field: 'uncached', cell: (line) => line.uncached, align: 'right', drop: 3 },
];
