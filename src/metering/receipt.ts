/**
 * A receipt: everything a buyer needs to recompute a charge, offline, from the JSON document alone. Money is whole
 * micro-USDC and prices are micro-USDC per million, both as JSON integers (all are below 2^53).
 */
import { formatCardVersion } from '../ids.ts';
import { jsonMicros, type MicroUsdc } from '../money.ts';
import { TOKEN_CLASSES, type TokenClass, type TokenCounts, type Usage } from '../tokens.ts';
import { costOf } from './cost.ts';
import { factorsFor, pricedAs, splitCosts, type Charge } from './price.ts';
import type { PriceCard, PricedModel } from './price-card.ts';
import { uncachedOf } from './uncached.ts';

export const RECEIPT_FORMAT = 'ainogap-receipt-1';

type PerClass = Readonly<Record<TokenClass, number>>;

/** Tokens charged at one model's prices. */
export interface ReceiptPart {
  /** As the response named it. */
  readonly model: string;
  /** Whose prices were taken: the card's model, or the requested one where the card lacks the response's. */
  readonly pricedAs: string;
  readonly tokens: TokenCounts;
  readonly unitPricesUsdMicrosPerMillion: PerClass;
  /** `1.1` where the response came from US-only inference and the model has geo pricing. Token classes only. */
  readonly geoFactor: '1' | '1.1';
}

/** What the charge was computed from, and the charge. */
export interface ReceiptDocument {
  readonly receipt: typeof RECEIPT_FORMAT;
  /** Words for people: request, buyer, route, times, status. Not part of the computation. */
  readonly request: Readonly<Record<string, unknown>>;
  /** `pc_12`. */
  readonly priceCard: string;
  /** `reported`, `drained`, `estimated`, `recovered` or `none`. */
  readonly usageSource: string;
  readonly quoteBasis: string | null;
  readonly flags: readonly string[];
  readonly parts: readonly ReceiptPart[];
  /** `0.5` for batches; applies to everything. */
  readonly tierFactor: '1' | '0.5';
  readonly webSearchRequests: number;
  readonly webSearchUsdMicrosPerMillion: number;
  /** An estimate is charged at most the worst case that was quoted; null where it came to less. */
  readonly cappedAtUsdMicros: number | null;
  readonly chargeByClassUsdMicros: PerClass;
  readonly webSearchChargeUsdMicros: number;
  /** The sum above: tokens × prices × factors + fees, rounded up once. */
  readonly chargeUsdMicros: number;
  /**
   * What caching saved: the same usage with every prompt token at the price of input, less what it costs as it was
   * (before any cap). Below zero where writes cost more than reads saved. Receipts of before it was shown lack it.
   */
  readonly cacheSavedUsdMicros?: number | undefined;
}

export interface ReceiptInputs {
  readonly request: Readonly<Record<string, unknown>>;
  readonly card: PriceCard;
  readonly requestedModel: PricedModel;
  readonly usage: Usage;
  readonly usageSource: string;
  readonly quoteBasis: string | null;
  readonly flags: readonly string[];
  /**
   * What was charged, as recorded. Where it is below the computed charge and the usage is an estimate, it is shown as
   * the cap that it was; any other difference is left for `recomputeReceipt` to find.
   */
  readonly charged: MicroUsdc;
}

/** The document of one request. Throws RangeError for amounts beyond 2^53. */
export function buildReceipt(inputs: ReceiptInputs): ReceiptDocument {
  const { usage, card, requestedModel } = inputs;
  const parts = usage.parts.map((part): ReceiptPart => {
    const model = pricedAs(part, { card, requestedModel });
    return {
      model: part.model,
      pricedAs: model.id,
      tokens: perClass((tokenClass) => part.tokens[tokenClass]),
      unitPricesUsdMicrosPerMillion: perClass((tokenClass) => jsonMicros(model.prices[tokenClass])),
      geoFactor: factorsFor(usage, model).tenths === 11n ? '1.1' : '1',
    };
  });
  const priced = {
    parts,
    tierFactor: factorsFor(usage, requestedModel).halves === 1n ? ('0.5' as const) : ('1' as const),
    webSearchRequests: usage.webSearchRequests,
    webSearchUsdMicrosPerMillion: jsonMicros(card.webSearchPerMillion),
  };
  const estimated = inputs.usageSource === 'estimated' || inputs.usageSource === 'recovered' || inputs.usageSource === 'none';
  const capped = estimated && inputs.charged < priceParts(priced, null).total;
  const split = priceParts(priced, capped ? inputs.charged : null);
  return {
    receipt: RECEIPT_FORMAT,
    request: inputs.request,
    priceCard: formatCardVersion(card.version),
    usageSource: inputs.usageSource,
    quoteBasis: inputs.quoteBasis,
    flags: inputs.flags,
    ...priced,
    cappedAtUsdMicros: capped ? jsonMicros(inputs.charged) : null,
    chargeByClassUsdMicros: perClass((tokenClass) => jsonMicros(split.byClass[tokenClass])),
    webSearchChargeUsdMicros: jsonMicros(split.webSearch),
    chargeUsdMicros: jsonMicros(inputs.charged),
    cacheSavedUsdMicros: jsonMicros(uncachedOf(priced).saved),
  };
}

export interface ReceiptCheck {
  readonly ok: boolean;
  /** As computed from the document's counts, prices and factors. */
  readonly total: MicroUsdc;
  readonly byClass: Readonly<Record<TokenClass, MicroUsdc>>;
  /** In words, each with both numbers; empty when all agree. */
  readonly differences: readonly string[];
}

/** Computes the charge anew from the document alone and compares every figure. */
export function recomputeReceipt(document: ReceiptDocument): ReceiptCheck {
  const cap = document.cappedAtUsdMicros;
  const { total, byClass, webSearch } = priceParts(document, cap === null ? null : BigInt(cap));
  const differences: string[] = [];
  const compare = (name: string, said: number, computed: bigint) => {
    if (BigInt(said) !== computed) differences.push(`${name}: the receipt says ${said}, the computation gives ${computed} micro-USDC`);
  };
  for (const tokenClass of TOKEN_CLASSES) compare(`charge for ${tokenClass}`, document.chargeByClassUsdMicros[tokenClass], byClass[tokenClass]);
  compare('charge for web searches', document.webSearchChargeUsdMicros, webSearch);
  compare('total charge', document.chargeUsdMicros, total);
  if (document.cacheSavedUsdMicros !== undefined) compare('saved by caching', document.cacheSavedUsdMicros, uncachedOf(document).saved);
  return { ok: differences.length === 0, total, byClass, differences };
}

type Priced = Pick<ReceiptDocument, 'parts' | 'tierFactor' | 'webSearchRequests' | 'webSearchUsdMicrosPerMillion'>;

function priceParts(document: Priced, capAt: bigint | null): Omit<Charge, 'flags'> {
  const halves = document.tierFactor === '0.5' ? 1n : 2n;
  const costs = TOKEN_CLASSES.map((tokenClass) =>
    document.parts.reduce((sum, part) => {
      const price = BigInt(part.unitPricesUsdMicrosPerMillion[tokenClass]);
      return sum + costOf(part.tokens[tokenClass], price, { tenths: part.geoFactor === '1.1' ? 11n : 10n, halves });
    }, 0n),
  );
  costs.push(costOf(document.webSearchRequests, BigInt(document.webSearchUsdMicrosPerMillion), { halves }));
  return splitCosts(costs, capAt);
}

function perClass(value: (tokenClass: TokenClass) => number): PerClass {
  return Object.fromEntries(TOKEN_CLASSES.map((tokenClass) => [tokenClass, value(tokenClass)])) as PerClass;
}
