/** The API's fields of the five classes, in their one order. */
import { TOKEN_CLASSES, type TokenClass, type TokenCounts } from '../tokens.ts';

export type PerClass = Readonly<Record<TokenClass, number>>;

/** One letter or digit for each class, readable without its colour. */
export const CLASS_MARKS: Readonly<Record<TokenClass, string>> = { input: 'I', output: 'O', cacheWrite5m: '5', cacheWrite1h: 'H', cacheRead: 'R' };

interface TokenFields {
  readonly uncachedInputTokens: number;
  readonly outputTokens: number;
  readonly cacheWrite5mTokens: number;
  readonly cacheWrite1hTokens: number;
  readonly cacheReadTokens: number;
}
interface ChargeFields {
  readonly inputChargeUsdMicros: number;
  readonly outputChargeUsdMicros: number;
  readonly cacheWrite5mChargeUsdMicros: number;
  readonly cacheWrite1hChargeUsdMicros: number;
  readonly cacheReadChargeUsdMicros: number;
}

export function tokensOf(row: TokenFields): TokenCounts {
  return { input: row.uncachedInputTokens, output: row.outputTokens, cacheWrite5m: row.cacheWrite5mTokens, cacheWrite1h: row.cacheWrite1hTokens, cacheRead: row.cacheReadTokens };
}

/** Whole micro-USDC. */
export function chargesOf(row: ChargeFields): PerClass {
  return {
    input: row.inputChargeUsdMicros,
    output: row.outputChargeUsdMicros,
    cacheWrite5m: row.cacheWrite5mChargeUsdMicros,
    cacheWrite1h: row.cacheWrite1hChargeUsdMicros,
    cacheRead: row.cacheReadChargeUsdMicros,
  };
}

export const sumOf = (values: PerClass): number => TOKEN_CLASSES.reduce((sum, name) => sum + values[name], 0);

export const NO_AMOUNTS: PerClass = { input: 0, output: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0 };

export function addAmounts(a: PerClass, b: PerClass): PerClass {
  return { input: a.input + b.input, output: a.output + b.output, cacheWrite5m: a.cacheWrite5m + b.cacheWrite5m, cacheWrite1h: a.cacheWrite1h + b.cacheWrite1h, cacheRead: a.cacheRead + b.cacheRead };
}
