/** What a request had cost if nothing were cached: every token of its prompt at the price of plain input. */
import { TOKEN_CLASSES, type TokenClass } from '../tokens.ts';
import type { MicroUsdc } from '../money.ts';
import { costOf, roundUp } from './cost.ts';
import { splitCosts } from './price.ts';

/** Tokens at one model's prices, as a receipt has them. Prices are micro-USDC per million. */
export interface PricedTokens {
  readonly tokens: Readonly<Record<TokenClass, number>>;
  readonly unitPricesUsdMicrosPerMillion: Readonly<Record<TokenClass, number>>;
  readonly geoFactor: '1' | '1.1';
}

export interface UncachedInputs {
  readonly parts: readonly PricedTokens[];
  readonly tierFactor: '1' | '0.5';
  readonly webSearchRequests: number;
  readonly webSearchUsdMicrosPerMillion: number;
}

export interface Uncached {
  /** Input, writes and reads together. */
  readonly inputTokens: number;
  readonly inputCharge: MicroUsdc;
  readonly outputCharge: MicroUsdc;
  /** With web searches; rounded up once, which the two above are shares of. */
  readonly charge: MicroUsdc;
  /** That charge less what the usage costs with its cache (before any cap): below zero where writes were never made good. */
  readonly saved: MicroUsdc;
}

const PROMPT_CLASSES = ['input', 'cacheWrite5m', 'cacheWrite1h', 'cacheRead'] as const satisfies readonly TokenClass[];

export function uncachedOf(inputs: UncachedInputs): Uncached {
  const halves = inputs.tierFactor === '0.5' ? 1n : 2n;
  let inputTokens = 0;
  let input = 0n;
  let output = 0n;
  let cached = 0n;
  for (const part of inputs.parts) {
    const factors = { tenths: part.geoFactor === '1.1' ? 11n : 10n, halves };
    const cost = (tokenClass: TokenClass, tokens: number): bigint => costOf(tokens, BigInt(part.unitPricesUsdMicrosPerMillion[tokenClass]), factors);
    const prompt = PROMPT_CLASSES.reduce((sum, tokenClass) => sum + part.tokens[tokenClass], 0);
    inputTokens += prompt;
    input += cost('input', prompt);
    output += cost('output', part.tokens.output);
    cached += TOKEN_CLASSES.reduce((sum, tokenClass) => sum + cost(tokenClass, part.tokens[tokenClass]), 0n);
  }
  const fees = costOf(inputs.webSearchRequests, BigInt(inputs.webSearchUsdMicrosPerMillion), { halves });
  const { total: charge, byClass } = splitCosts([input, output, 0n, 0n, 0n, fees], null);
  return { inputTokens, inputCharge: byClass.input, outputCharge: byClass.output, charge, saved: (charge - roundUp(cached + fees)) as MicroUsdc };
}
