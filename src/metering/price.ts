/** What a response costs: usage × price card, exactly, rounded up once per request. */
import type { MicroUsdc } from '../money.ts';
import { TOKEN_CLASSES, type TokenClass, type TokenCounts, type Usage, type UsagePart } from '../tokens.ts';
import { BYTES_PER_TOKEN } from './delta-text.ts';
import { apportion, COST_UNIT, costOf, roundUp } from './cost.ts';
import type { PriceCard, PricedModel } from './price-card.ts';

export interface Charge {
  readonly total: MicroUsdc;
  /** With `webSearch`, adds up to the total: by largest remainder. */
  readonly byClass: Readonly<Record<TokenClass, MicroUsdc>>;
  readonly webSearch: MicroUsdc;
  /**
   * `model_mismatch`: another model answered, and it was charged at its own prices; `model_not_priced`: the card lacks
   * it, so the requested model's prices were taken. `tier_not_priced`, `geo_not_priced`: charged at list prices.
   */
  readonly flags: readonly string[];
}

export interface ChargeInputs {
  readonly usage: Usage;
  readonly card: Pick<PriceCard, 'byName' | 'webSearchPerMillion'>;
  readonly requestedModel: PricedModel;
  /** For estimates: charge no more than the worst case that was quoted. */
  readonly capAt?: MicroUsdc;
}

/** What multiplies the prices of a usage. Reported values without a known factor keep the list price and are flagged. */
export interface Factors {
  /** 11 where the geo premium applies, else 10. */
  readonly tenths: bigint;
  /** 1 for batches, else 2. */
  readonly halves: bigint;
}

const TIERS: ReadonlySet<string | null> = new Set([null, 'standard', 'batch']);
const GEOS: ReadonlySet<string | null> = new Set([null, 'us', 'global', 'not_available']);

/** Geo pricing multiplies token classes only, by 11/10; a batch halves everything. Source: the pricing page. */
export function factorsFor(usage: Usage, model: PricedModel): Factors {
  return { tenths: usage.inferenceGeo === 'us' && model.geoPremium ? 11n : 10n, halves: halvesOf(usage) };
}

function halvesOf(usage: Usage): bigint {
  return usage.serviceTier === 'batch' ? 1n : 2n;
}

/** The model whose prices a part of a usage is charged at. */
export function pricedAs(part: UsagePart, { card, requestedModel }: Pick<ChargeInputs, 'card' | 'requestedModel'>): PricedModel {
  return card.byName.get(part.model) ?? requestedModel;
}

/** The exact charge. Token counts must be safe integers ≥ 0, as the meter gives them. */
export function chargeFor(inputs: ChargeInputs): Charge {
  return { ...splitCosts(costsOf(inputs), inputs.capAt ?? null), flags: flagsOf(inputs) };
}

/** The total and the flags of `chargeFor`, without the split into classes: all that settling a request needs. */
export function chargeTotal(inputs: ChargeInputs): Pick<Charge, 'total' | 'flags'> {
  return { total: cappedTotal(sumOf(costsOf(inputs)), inputs.capAt ?? null), flags: flagsOf(inputs) };
}

/** Rounds an exact sum up, to `capAt` at most. */
export function cappedTotal(sum: bigint, capAt: MicroUsdc | null): MicroUsdc {
  const exact = roundUp(sum);
  return capAt !== null && capAt < exact ? capAt : exact;
}

export function sumOf(costs: readonly bigint[]): bigint {
  let sum = 0n;
  for (const cost of costs) sum += cost;
  return sum;
}

/** By which prices a usage is counted. */
export interface Prices {
  readonly modelOf: (part: UsagePart) => PricedModel;
  readonly webSearchPerMillion: bigint;
}

/** Six exact costs: the classes in their order, then web searches; by the card's prices. */
export function costsOf(inputs: ChargeInputs): bigint[] {
  return costsBy(inputs.usage, { modelOf: (part) => pricedAs(part, inputs), webSearchPerMillion: inputs.card.webSearchPerMillion });
}

/** The same by any prices. */
export function costsBy(usage: Usage, { modelOf, webSearchPerMillion }: Prices): bigint[] {
  const costs = [0n, 0n, 0n, 0n, 0n, 0n];
  for (const part of usage.parts) {
    const model = modelOf(part);
    const factors = factorsFor(usage, model);
    for (let i = 0; i < TOKEN_CLASSES.length; i++) {
      const tokenClass = TOKEN_CLASSES[i] as TokenClass;
      const count = part.tokens[tokenClass];
      if (count > 0) costs[i] = (costs[i] as bigint) + costOf(count, model.prices[tokenClass], factors);
    }
  }
  if (usage.webSearchRequests > 0) costs[5] = costOf(usage.webSearchRequests, webSearchPerMillion, { halves: halvesOf(usage) });
  return costs;
}

/** Rounds the sum of six costs (the classes in their order, then web searches) up once and splits the total. */
export function splitCosts(costs: readonly bigint[], capAt: bigint | null): Omit<Charge, 'flags'> {
  const sum = sumOf(costs);
  const exact: bigint = roundUp(sum);
  const capped = capAt !== null && capAt < exact;
  const total = capped ? capAt : exact;
  const unit = capped ? { numerator: total, denominator: sum } : { numerator: 1n, denominator: COST_UNIT };
  // In the order of TOKEN_CLASSES.
  const [input, output, cacheWrite5m, cacheWrite1h, cacheRead, webSearch] = apportion(costs, total, unit) as Six<MicroUsdc>;
  return { total: total as MicroUsdc, byClass: { input, output, cacheWrite5m, cacheWrite1h, cacheRead }, webSearch };
}
type Six<T> = [T, T, T, T, T, T];

export function flagsOf({ usage, card, requestedModel }: ChargeInputs): string[] {
  const flags: string[] = [];
  if (usage.parts.some((part) => part.model !== requestedModel.id && card.byName.get(part.model)?.id !== requestedModel.id)) flags.push('model_mismatch');
  if (usage.parts.some((part) => !card.byName.has(part.model) && part.model !== requestedModel.id)) flags.push('model_not_priced');
  if (!TIERS.has(usage.serviceTier)) flags.push('tier_not_priced');
  if (!GEOS.has(usage.inferenceGeo)) flags.push('geo_not_priced');
  return flags;
}

/** What `usageOf` and `estimateUsage` need of a reading. What recovery has on disk (its progress) is enough. */
export interface UsageReading {
  readonly model: string | null;
  readonly tokens: TokenCounts;
  readonly iterations?: readonly UsagePart[] | null;
  readonly webSearchRequests?: number;
  readonly inferenceGeo?: string | null;
  readonly serviceTier?: string | null;
}

/** The usage that the upstream reported: its iterations, each at its own model, or else its totals. */
export function usageOf(reading: UsageReading, requestedModel: PricedModel): Usage {
  const named = reading.iterations?.map((part) => (part.model === '' ? { ...part, model: requestedModel.id } : part));
  return {
    parts: named ?? [{ model: reading.model ?? requestedModel.id, tokens: reading.tokens }],
    webSearchRequests: reading.webSearchRequests ?? 0,
    inferenceGeo: reading.inferenceGeo ?? null,
    serviceTier: reading.serviceTier ?? null,
  };
}

export interface EstimateOptions {
  readonly requestedModel: PricedModel;
  /** What the request could produce at most (`Quote.outputTokensMax`). */
  readonly outputTokensMax: number;
}

/**
 * The usage of a response whose final report never came: the input classes as last reported, and as output the later
 * of the last report and the text that was seen, at 3 bytes a token, capped by what the request could produce.
 */
export function estimateUsage(reading: UsageReading & { readonly deltaBytes: number }, options: EstimateOptions): Usage {
  const usage = usageOf(reading, options.requestedModel);
  const reported = usage.parts.reduce((sum, part) => sum + part.tokens.output, 0);
  const seen = Math.min(Math.ceil(reading.deltaBytes / BYTES_PER_TOKEN), options.outputTokensMax);
  const more = seen - reported;
  const last = usage.parts.at(-1);
  if (more <= 0 || last === undefined) return usage;
  const tokens = { ...last.tokens, output: last.tokens.output + more };
  return { ...usage, parts: [...usage.parts.slice(0, -1), { model: last.model, tokens }] };
}
