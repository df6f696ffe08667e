/** The multiplications of a receipt as lines for the live view: a mark for each class, and a rule above the charge. */
import type { ReceiptDocument, ReceiptPart } from '../metering/receipt.ts';
import { uncachedOf } from '../metering/uncached.ts';
import { formatUsdc } from '../money.ts';
import { printable } from '../printable.ts';
import { TOKEN_CLASSES } from '../tokens.ts';
import type { TokenClass } from '../tokens.ts';
import { cellWidth, padded, paddedLeft } from '../tui/cell-width.ts';
import { CLASS_MARKS, CLASS_NAMES } from '../tui/style.ts';
import { exactUsdc } from './exact-usdc.ts';
import { usesCache } from './receipt-notes.ts';

interface Row {
  /** By the width that there is. */
  readonly name: string;
  readonly shortName: string;
  readonly tokens: string;
  readonly price: string;
  readonly factor: string;
  readonly amount: string;
  readonly uncached: string;
  /** How that came about. */
  readonly working: string;
}

/** Words in a line of their own. */
interface Words {
  readonly words: string;
}
const RULE = 'rule';
/** A row, words, or the rule above what the rows come to. */
type Part = Row | Words | typeof RULE;

const isRow = (part: Part): part is Row => part !== RULE && 'amount' in part;

/** Lines of at most `columns` cells: what a buyer needs least goes first, the class and its charge stay. */
export function receiptFigures(document: ReceiptDocument, columns: number): string[] {
  const parts = partsOf(document);
  const rows = [HEAD, ...parts.filter(isRow)];
  const layout = LAYOUTS.find((each) => widthOf(placed(each, rows)) <= columns) ?? ['shortName', 'amount'];
  const cells = placed(layout, rows);
  const ruled = cells.slice(0, layout.indexOf('amount') + 1);
  const lines = [HEAD, ...parts].map((part) => (part === RULE ? '─'.repeat(widthOf(ruled)) : isRow(part) ? rowLine(part, cells) : part.words));
  return [...lines, ...rounding(document)];
}

type Field = keyof Row;
const LAYOUTS: readonly (readonly Field[])[] = [
  ['name', 'tokens', 'price', 'factor', 'amount', 'uncached', 'working'],
  ['name', 'tokens', 'price', 'factor', 'amount', 'uncached'],
  ['name', 'tokens', 'price', 'factor', 'amount'],
  ['shortName', 'tokens', 'price', 'factor', 'amount'],
  ['shortName', 'tokens', 'amount'],
];
const HEAD: Row = { name: 'class', shortName: 'class', tokens: 'tokens', price: '×  USDC/M', factor: '', amount: '=      USDC', uncached: 'if nothing were cached', working: '' };
const NOTHING: Omit<Row, 'name' | 'shortName'> = { tokens: '', price: '', factor: '', amount: '', uncached: '', working: '' };

interface Cells {
  readonly field: Field;
  readonly width: number;
}

/** A column that no row has anything for is left out. The head of the last figures may stand out over their working. */
function placed(layout: readonly Field[], [head = HEAD, ...rows]: readonly Row[]): Cells[] {
  const used = layout.filter((field) => rows.some((row) => row[field] !== ''));
  return used.map((field) => {
    const widest = Math.max(...rows.map((row) => cellWidth(row[field])));
    return { field, width: field === 'uncached' && used.includes('working') ? widest : Math.max(widest, cellWidth(head[field])) };
  });
}

const GAP = 2;
const widthOf = (cells: readonly Cells[]): number => cells.reduce((sum, { width }) => sum + width + GAP, -GAP);

function rowLine(row: Row, cells: readonly Cells[]): string {
  const texts = cells.map(({ field, width }) => (isLeft(field, row) ? padded(row[field], width) : paddedLeft(row[field], width)));
  return texts.join(' '.repeat(GAP)).trimEnd();
}

const isLeft = (field: Field, row: Row): boolean => field === 'name' || field === 'shortName' || field === 'working' || (field === 'uncached' && row === HEAD);

const LONG_NAMES: Readonly<Record<TokenClass, string>> = { ...CLASS_NAMES, cacheWrite5m: 'cache write 5m', cacheWrite1h: 'cache write 1h', cacheRead: 'cache read' };
const namesOf = (tokenClass: TokenClass): Pick<Row, 'name' | 'shortName'> => ({
  name: `${CLASS_MARKS[tokenClass]} ${LONG_NAMES[tokenClass]}`,
  shortName: `${CLASS_MARKS[tokenClass]} ${CLASS_NAMES[tokenClass]}`,
});

const micros = (amount: number | bigint): string => formatUsdc(BigInt(amount), 6, true);
const count = (tokens: number): string => tokens.toLocaleString('en-US');
/** At least two decimals, and all that there are. */
const priceOf = (price: number): string => micros(price).replace(/0{1,4}$/, '');

/** Where several models answered, each has its own multiplications, which are then summed up by class. */
function partsOf(document: ReceiptDocument): Part[] {
  const { parts, tierFactor } = document;
  const uncached = uncachedCells(document);
  const charge = (tokenClass: TokenClass): string => micros(document.chargeByClassUsdMicros[tokenClass]);
  const [only] = parts;
  const search = document.webSearchRequests > 0 ? [searchRow(document)] : [];
  if (parts.length === 1 && only !== undefined)
    return [...TOKEN_CLASSES.map((tokenClass) => ({ ...classRow(only, tokenClass, tierFactor), amount: charge(tokenClass), ...uncached(tokenClass) })), ...search, RULE, totalRow(document)];
  const each = parts.flatMap((part): Part[] => [{ words: headingOf(part) }, ...TOKEN_CLASSES.map((tokenClass) => classRow(part, tokenClass, tierFactor))]);
  const sums = TOKEN_CLASSES.map((tokenClass) => ({ ...NOTHING, ...namesOf(tokenClass), amount: charge(tokenClass), ...uncached(tokenClass) }));
  return [...each, { words: 'all models' }, ...sums, ...search, RULE, totalRow(document)];
}

const headingOf = ({ model, pricedAs }: ReceiptPart): string => printable(model === pricedAs ? model : `${model}, priced as ${pricedAs}`);

function classRow(part: ReceiptPart, tokenClass: TokenClass, tierFactor: ReceiptDocument['tierFactor']): Row {
  const [tokens, price] = [part.tokens[tokenClass], part.unitPricesUsdMicrosPerMillion[tokenClass]];
  const factors = [part.geoFactor, tierFactor].filter((factor) => factor !== '1');
  return { ...NOTHING, ...namesOf(tokenClass), tokens: count(tokens), price: priceOf(price), factor: factors.map((factor) => `× ${factor}`).join(' '), amount: exactOf(part, tokenClass, tierFactor) };
}

const exactOf = ({ tokens, unitPricesUsdMicrosPerMillion: prices, geoFactor }: ReceiptPart, tokenClass: TokenClass, tierFactor: ReceiptDocument['tierFactor']): string =>
  exactUsdc(BigInt(tokens[tokenClass]) * BigInt(prices[tokenClass]), { geo: geoFactor === '1.1', half: tierFactor === '0.5' });

function searchRow({ webSearchRequests, webSearchUsdMicrosPerMillion, tierFactor, webSearchChargeUsdMicros }: ReceiptDocument): Row {
  const words = { name: '  web searches', shortName: '  searches' };
  return { ...NOTHING, ...words, tokens: count(webSearchRequests), price: priceOf(webSearchUsdMicrosPerMillion), factor: tierFactor === '1' ? '' : `× ${tierFactor}`, amount: micros(webSearchChargeUsdMicros) };
}

function totalRow(document: ReceiptDocument): Row {
  const tokens = document.parts.reduce((sum, part) => sum + TOKEN_CLASSES.reduce((all, tokenClass) => all + part.tokens[tokenClass], 0), 0);
  const uncached = usesCache(document) ? micros(uncachedOf(document).charge) : '';
  return { ...NOTHING, name: 'charge', shortName: 'charge', tokens: count(tokens), amount: micros(document.chargeUsdMicros), uncached };
}

/** Without a cache all of the prompt had been input: writes and reads had not been there. */
function uncachedCells(document: ReceiptDocument): (tokenClass: TokenClass) => Pick<Row, 'uncached' | 'working'> {
  if (!usesCache(document)) return () => ({ uncached: '', working: '' });
  const { inputTokens, inputCharge, outputCharge } = uncachedOf(document);
  const [only] = document.parts;
  const working = document.parts.length === 1 && only !== undefined ? `(${count(inputTokens)} × ${priceOf(only.unitPricesUsdMicrosPerMillion.input)})` : '';
  return (tokenClass) => {
    if (tokenClass === 'input') return { uncached: micros(inputCharge), working };
    return { uncached: tokenClass === 'output' ? micros(outputCharge) : '—', working: '' };
  };
}

/** Said where a multiplication has more decimals than USDC. */
function rounding({ parts, tierFactor, cappedAtUsdMicros }: ReceiptDocument): string[] {
  const whole = parts.every((part) => TOKEN_CLASSES.every((tokenClass) => /\.\d{6}$/.test(exactOf(part, tokenClass, tierFactor))));
  return whole || cappedAtUsdMicros !== null ? [] : ['rounded up once, to whole micro-USDC; each class has its share of the sum'];
}
