/** The end of a request's story: what it cost, class by class, and what its cache did. */
import type { ReceiptDocument, ReceiptPart } from '../../metering/receipt.ts';
import { uncachedOf } from '../../metering/uncached.ts';
import { formatUsdc } from '../../money.ts';
import { TOKEN_CLASSES, type TokenClass } from '../../tokens.ts';
import { count, counted, usdc } from './figure-words.ts';
import type { StoryStep } from './story-step.ts';

const CLASS_WORDS: Readonly<Record<TokenClass, string>> = {
  input: 'input',
  output: 'output',
  cacheWrite5m: 'cache write 5m',
  cacheWrite1h: 'cache write 1h',
  cacheRead: 'cache read',
};

export function chargeStep(receipt: ReceiptDocument): StoryStep {
  const sentences = ['Each class costs its tokens × its price per million; the sum is rounded up once.'];
  if (receipt.parts.some(({ geoFactor }) => geoFactor === '1.1')) sentences.push('It ran in the US only, which costs 1.1 times the token prices.');
  if (receipt.tierFactor === '0.5') sentences.push('It was a batch, which costs half.');
  for (const { model, pricedAs } of receipt.parts) if (model !== pricedAs) sentences.push(`${model} was charged at the prices of ${pricedAs}.`);
  const cap = receipt.cappedAtUsdMicros;
  if (cap !== null) sentences.push(`As an estimate it was capped at ${micros(cap)} USDC, the worst case that was quoted.`);
  return { topic: 'charge', text: sentences.join(' '), rows: chargeRows(receipt) };
}

interface Row {
  readonly word: string;
  readonly tokens: string;
  readonly price: string;
  /** ` × 1.1` */
  readonly factors: string;
  readonly charge: string;
}

const EMPTY: Row = { word: '', tokens: '', price: '', factors: '', charge: '' };

function chargeRows(receipt: ReceiptDocument): string[] {
  const { parts } = receipt;
  const [only] = parts;
  const rows = parts.length === 1 && only !== undefined ? TOKEN_CLASSES.map((tokenClass) => classRow(receipt, only, tokenClass)) : severalRows(receipt);
  if (receipt.webSearchRequests > 0) rows.push(webSearchRow(receipt));
  rows.push({ ...EMPTY, word: 'charge', charge: micros(receipt.chargeUsdMicros) });
  return aligned(rows);
}

function aligned(rows: readonly Row[]): string[] {
  const wide = (column: keyof Row): number => Math.max(...rows.map((row) => row[column].length));
  const [words, tokens, prices, factors, charges] = [wide('word'), wide('tokens'), wide('price'), wide('factors'), wide('charge')];
  return rows.map((row) => {
    const [times, equals] = row.tokens === '' ? [' ', ' '] : ['×', row.charge === '' ? ' ' : '='];
    const product = `${row.tokens.padStart(tokens)} ${times} ${row.price.padStart(prices)}${row.factors.padEnd(factors)}`;
    return `${row.word.padEnd(words)}  ${product} ${equals} ${row.charge.padStart(charges)}`.trimEnd();
  });
}

function classRow(receipt: ReceiptDocument, part: ReceiptPart, tokenClass: TokenClass): Row {
  return { ...productRow(receipt, part, tokenClass), charge: micros(receipt.chargeByClassUsdMicros[tokenClass]) };
}

/** Each model's tokens that there are, then the charge of each class over all of them. */
function severalRows(receipt: ReceiptDocument): Row[] {
  const products = receipt.parts.flatMap((part) =>
    TOKEN_CLASSES.filter((tokenClass) => part.tokens[tokenClass] > 0).map((tokenClass) => {
      const row = productRow(receipt, part, tokenClass);
      return { ...row, word: `${part.model} ${row.word}` };
    }),
  );
  const sums = TOKEN_CLASSES.map((tokenClass) => ({ ...EMPTY, word: `all ${CLASS_WORDS[tokenClass]}`, charge: micros(receipt.chargeByClassUsdMicros[tokenClass]) }));
  return [...products, ...sums];
}

function productRow(receipt: ReceiptDocument, part: ReceiptPart, tokenClass: TokenClass): Row {
  const factors = [part.geoFactor, receipt.tierFactor].filter((factor) => factor !== '1').map((factor) => ` × ${factor}`);
  const price = micros(part.unitPricesUsdMicrosPerMillion[tokenClass]);
  return { ...EMPTY, word: CLASS_WORDS[tokenClass], tokens: count(part.tokens[tokenClass]), price, factors: factors.join('') };
}

function webSearchRow(receipt: ReceiptDocument): Row {
  const factors = receipt.tierFactor === '0.5' ? ' × 0.5' : '';
  const price = micros(receipt.webSearchUsdMicrosPerMillion);
  return { word: 'web search', tokens: count(receipt.webSearchRequests), price, factors, charge: micros(receipt.webSearchChargeUsdMicros) };
}

const micros = (amount: number): string => formatUsdc(BigInt(amount), 6);

export function cacheStep(receipt: ReceiptDocument): StoryStep {
  const sum = (tokenClass: TokenClass): number => receipt.parts.reduce((all, part) => all + part.tokens[tokenClass], 0);
  const [reads, writes5m, writes1h] = [sum('cacheRead'), sum('cacheWrite5m'), sum('cacheWrite1h')];
  const writes = writes5m + writes1h;
  if (reads + writes === 0) return { topic: 'cache', text: 'Nothing was read from a cache and nothing written to one, so caching neither saved nor cost anything.' };
  const { inputTokens, charge, saved } = uncachedOf(receipt);
  const did = [...(reads > 0 ? [`${counted(reads, 'token')} read from the cache`] : []), ...(writes > 0 ? [`${counted(writes, 'token')} written to it`] : [])].join(', ');
  const without = `If nothing were cached, its ${counted(inputTokens, 'input token')} would have brought the charge to ${usdc(charge)}`;
  return { topic: 'cache', text: `${did}. ${without}: ${savedWords(saved, { reads, writes5m, writes1h })}` };
}

function savedWords(saved: bigint, { reads, writes5m, writes1h }: { reads: number; writes5m: number; writes1h: number }): string {
  if (saved >= 0n) return `caching saved ${usdc(saved)}.`;
  const life = writes5m > 0 && writes1h > 0 ? '5 minutes or 1 hour' : writes1h > 0 ? '1 hour' : '5 minutes';
  const why = reads === 0 ? 'writes cost more than input' : 'its writes cost more than its reads saved';
  return `caching cost ${usdc(-saved)} more, for ${why}. That pays off once a later request reads what was written, within ${life}.`;
}
