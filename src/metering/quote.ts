/**
 * The worst case of a request under a price card: what is held before it goes upstream.
 *
 * Input is bounded by bytes, for a token stands for at least one byte of the body (a byte-level tokenizer never makes
 * more), plus what the upstream adds to it; never by more than the context window, above which it refuses. The charge
 * is proven to fit the hold unless tools run upstream or the input was counted by `count_tokens`.
 */
import type { MicroUsdc } from '../money.ts';
import type { QuoteBasis } from '../tokens.ts';
import { COST_UNIT, costOf, roundUp } from './cost.ts';
import type { PriceCard, PricedModel } from './price-card.ts';
import type { RequestFacts } from './request-facts.ts';

/** Anything the upstream adds to every request; recorded requests of a few words report 8 to 30 tokens. */
export const OVERHEAD_TOKENS = 512;
/** The system prompt that tools bring: 500 to 800 tokens, platform.claude.com/docs/en/agents-and-tools/tool-use/overview. */
export const TOOLS_OVERHEAD_TOKENS = 1_000;
/** A tool that the upstream defines: 245 (bash) to 735 (computer use, plus up to 499 of prompt), same documentation. */
export const DEFINED_TOOL_TOKENS = 1_500;
/** A whole toolset, some 25 such members of a few hundred tokens each (our bound; no figure is published). */
export const TOOLSET_TOKENS = 16_000;
/** An image: at most 4,784 tokens at high resolution, platform.claude.com/docs/en/build-with-claude/vision. */
export const IMAGE_TOKENS = 6_000;
/** Added to a count by `count_tokens`, which calls itself an estimate: 5 % and 256 tokens (our margin). */
export const COUNT_MARGIN = { percent: 5, tokens: 256 } as const;

export interface QuoteInputs {
  readonly facts: RequestFacts;
  readonly model: PricedModel;
  readonly card: Pick<PriceCard, 'webSearchPerMillion'>;
  /** Hold for only so many output tokens; null: for all the request may produce. */
  readonly holdOutputTokens: number | null;
}

export interface Quote {
  /** To be held. */
  readonly amount: MicroUsdc;
  /** The amount without `holdOutputTokens`: caps estimates, for what the operator risks the buyer still owes. */
  readonly worstCase: MicroUsdc;
  readonly basis: QuoteBasis;
  readonly inputTokensMax: number;
  /** What the request may produce, whatever is held for it: caps estimates. */
  readonly outputTokensMax: number;
  /** The part of the amount that no tighter input bound can lower. */
  readonly outputAndFees: MicroUsdc;
  /** Micro-USDC per million: the dearest input class that the request can cause. */
  readonly inputPrice: bigint;
  /** The largest `max_tokens` under which this request would need no more than `available`; null if none would. */
  readonly maxTokensFitting: (available: bigint) => number | null;
}

export function quote(inputs: QuoteInputs): Quote {
  const { facts, model } = inputs;
  const tokens = inputBound(facts);
  const windowed = tokens >= model.contextWindow;
  return quoteFor(inputs, windowed ? model.contextWindow : tokens, windowed ? 'window' : 'bytes');
}

/**
 * The same with the upstream's own count of the input. Tools that run upstream still hold a whole context window.
 * Never above the quote without a count.
 */
export function quoteFromCount(inputs: QuoteInputs, countedInputTokens: number): Quote {
  if (!Number.isSafeInteger(countedInputTokens) || countedInputTokens < 0)
    throw new RangeError(`${countedInputTokens} is not a number of input tokens`);
  const bound = quote(inputs);
  if (runsUpstream(inputs.facts)) return bound;
  const tokens = countedInputTokens + Math.ceil((countedInputTokens * COUNT_MARGIN.percent) / 100) + COUNT_MARGIN.tokens;
  return tokens < bound.inputTokensMax ? quoteFor(inputs, tokens, 'count_tokens') : bound;
}

/** Tokens, or Infinity where only the context window bounds them. */
function inputBound(facts: RequestFacts): number {
  if (facts.documents > 0 || facts.unboundedBlocks > 0 || runsUpstream(facts)) return Infinity;
  return (
    facts.textBytes +
    OVERHEAD_TOKENS +
    (facts.toolCount > 0 ? TOOLS_OVERHEAD_TOKENS : 0) +
    facts.definedTools * DEFINED_TOOL_TOKENS +
    facts.toolsets * TOOLSET_TOKENS +
    facts.images * IMAGE_TOKENS
  );
}

function runsUpstream(facts: RequestFacts): boolean {
  return facts.webSearchUsesMax !== null || facts.webFetchUsesMax !== null || facts.serverTools;
}

function quoteFor(inputs: QuoteInputs, inputTokens: number, basis: QuoteBasis): Quote {
  const { facts, model, card, holdOutputTokens } = inputs;
  // A summary of the context is sampled apart from the answer: it reads the input once more and writes up to as much.
  const samplings = facts.compaction ? 2 : 1;
  const outputTokensMax = Math.min(facts.maxTokens ?? model.maxOutput, model.maxOutput);
  const heldOutput = Math.min(outputTokensMax, holdOutputTokens ?? outputTokensMax);
  const geo = { tenths: model.geoPremium ? 11n : 10n };
  const inputPrice = dearestInput(facts, model);
  const inputCost = costOf(inputTokens * samplings, inputPrice, geo);
  const outputCost = costOf(heldOutput * samplings, model.prices.output, geo);
  const fees = costOf(facts.webSearchUsesMax ?? 0, card.webSearchPerMillion);
  const fullOutputCost = costOf(outputTokensMax * samplings, model.prices.output, geo);
  return {
    amount: roundUp(inputCost + outputCost + fees),
    worstCase: roundUp(inputCost + fullOutputCost + fees),
    basis,
    inputTokensMax: inputTokens,
    outputTokensMax,
    outputAndFees: roundUp(outputCost + fees),
    inputPrice,
    maxTokensFitting: (available) => {
      const left = available * COST_UNIT - inputCost - fees;
      if (left < 0n) return null;
      const perToken = costOf(samplings, model.prices.output, geo);
      const fitting = perToken === 0n ? BigInt(outputTokensMax) : left / perToken;
      if (fitting < 1n) return null;
      return fitting > BigInt(outputTokensMax) ? outputTokensMax : Number(fitting);
    },
  };
}

/** Reads and writes need a breakpoint; a request that asks for 1-hour writes may cause 5-minute ones too. */
function dearestInput(facts: RequestFacts, model: PricedModel): bigint {
  const { input, cacheRead, cacheWrite5m, cacheWrite1h } = model.prices;
  const possible = [input];
  if (facts.cacheWrite !== 'none') possible.push(cacheRead, cacheWrite5m);
  if (facts.cacheWrite === '1h') possible.push(cacheWrite1h);
  return possible.reduce((dearest, price) => (price > dearest ? price : dearest));
}
