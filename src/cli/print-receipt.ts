/** A receipt for people: every figure opens its multiplication, count × price = charge. */
import { formatRequestId } from '../ids.ts';
import type { ReceiptDocument, ReceiptPart } from '../metering/receipt.ts';
import { uncachedOf } from '../metering/uncached.ts';
import { formatUsdc } from '../money.ts';
import { printable } from '../printable.ts';
import type { PricedReceipt } from '../reports/receipt.ts';
import { paidBy } from '../reports/request-transfers.ts';
import type { RequestTransfer } from '../reports/request-transfers.ts';
import type { RequestEntry } from '../reports/requests.ts';
import { TOKEN_CLASSES } from '../tokens.ts';
import type { TokenClass } from '../tokens.ts';
import { CLASS_WORDS, chalkFor } from './colours.ts';
import type { CliContext } from './context.ts';
import { isoTime } from './print-json.ts';
import { printTable } from './print-table.ts';
import type { Column } from './print-table.ts';

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
  for (const note of [holdNote(entry, document, transfers), ...notes(entry, document)]) ctx.stdout.write(`${note}\n`);
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

const usesCache = ({ parts }: ReceiptDocument): boolean => parts.some(({ tokens }) => tokens.cacheRead + tokens.cacheWrite5m + tokens.cacheWrite1h > 0);

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

const EXACT_DECIMALS = 14;

/** Count × micro-USDC per million × factors, in USDC, with all its decimals (at least six). */
function exactUsdc(product: bigint, { geo, half }: { geo: boolean; half: boolean }): string {
  // A product is worth 10⁻¹² USDC; tenths and halves need two decimals more.
  const scaled = product * (geo ? 11n : 10n) * (half ? 5n : 10n);
  const digits = scaled.toString().padStart(EXACT_DECIMALS + 1, '0');
  const fraction = digits.slice(-EXACT_DECIMALS).replace(/0{1,8}$/, '');
  return `${digits.slice(0, -EXACT_DECIMALS)}.${fraction}`;
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

/** `caching saved 0.005200   held 0.034480   released 0.030280   ledger #88201` */
function holdNote(entry: RequestEntry, document: ReceiptDocument, transfers: readonly RequestTransfer[]): string {
  const saved = document.cacheSavedUsdMicros ?? 0;
  const words = usesCache(document) ? [saved < 0 ? `caching cost ${micros(-saved)} more than it saved` : `caching saved ${micros(saved)}`] : [];
  if (entry.hold !== null) words.push(`held ${formatUsdc(entry.hold, 6)}`, `released ${formatUsdc(paidBy(transfers).released, 6)}`);
  return [...words, ...transfers.map(({ transferId }) => `ledger #${transferId}`)].join('   ');
}

function notes(entry: RequestEntry, document: ReceiptDocument): string[] {
  const lines: string[] = [];
  if (document.cappedAtUsdMicros !== null) lines.push(`! The usage is ${entry.usageSource}; the charge was capped at ${micros(document.cappedAtUsdMicros)} USDC.`);
  else if (entry.usageSource === 'estimated' || entry.usageSource === 'recovered')
    lines.push(`! The upstream's final report never came: the usage is ${entry.usageSource}.`);
  const after = entry.detail?.outputTokensAfterDisconnect ?? 0;
  if (after > 0) lines.push(`${after} of the output tokens were made after the client had left.`);
  if (entry.shortfall > 0n) lines.push(`! ${formatUsdc(entry.shortfall, 6)} USDC of the charge was more than the balance held; it was not debited.`);
  return lines;
}
