/** The five token classes, always in this order. Source: the Messages API's `usage` object. */

export const TOKEN_CLASSES = ['input', 'output', 'cacheWrite5m', 'cacheWrite1h', 'cacheRead'] as const;
export type TokenClass = (typeof TOKEN_CLASSES)[number];

/** What people read, in tables and on pages. */
export const CLASS_WORDS: Readonly<Record<TokenClass, string>> = {
  input: 'input',
  output: 'output',
  cacheWrite5m: 'write 5m',
  cacheWrite1h: 'write 1h',
  cacheRead: 'read',
};

/** One number per class. Token counts are safe integers ≥ 0. `input` is uncached input only. */
export type TokenCounts = Readonly<Record<TokenClass, number>>;

export const NO_TOKENS: TokenCounts = Object.freeze({ input: 0, output: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0 });

export function addTokens(a: TokenCounts, b: TokenCounts): TokenCounts {
  return {
    input: a.input + b.input,
    output: a.output + b.output,
    cacheWrite5m: a.cacheWrite5m + b.cacheWrite5m,
    cacheWrite1h: a.cacheWrite1h + b.cacheWrite1h,
    cacheRead: a.cacheRead + b.cacheRead,
  };
}

export function anyTokens(t: TokenCounts): boolean {
  return t.input + t.output + t.cacheWrite5m + t.cacheWrite1h + t.cacheRead > 0;
}

/** Tokens billed at one model's prices. `model` is the name the upstream reported. */
export interface UsagePart {
  readonly model: string;
  readonly tokens: TokenCounts;
}

/** What one request is billed for. Usually one part; several when the upstream reported `iterations`. */
export interface Usage {
  readonly parts: readonly UsagePart[];
  readonly webSearchRequests: number;
  /** The response's `inference_geo`, e.g. `us` (multiplies token prices where the model has geo pricing). */
  readonly inferenceGeo: string | null;
  /** The response's `service_tier`, e.g. `standard`, `priority`, `batch`. */
  readonly serviceTier: string | null;
}

/** Where the numbers of a request's usage came from. `none`: nothing was used, nothing is charged. */
export type UsageSource = 'reported' | 'drained' | 'estimated' | 'recovered' | 'none';
/** How the worst case was bounded. */
export type QuoteBasis = 'bytes' | 'count_tokens' | 'window';
