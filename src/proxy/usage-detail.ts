/** What a receipt needs of a usage beyond the columns of its request's row. */
import type { RequestDetail } from '../ledger/ledger.ts';
import { addTokens, NO_TOKENS, type TokenCounts, type Usage } from '../tokens.ts';

/** All parts together, as the row's columns show them. */
export function tokensOf(usage: Usage): TokenCounts {
  const [first] = usage.parts;
  return usage.parts.length === 1 && first ? first.tokens : usage.parts.reduce((sum, part) => addTokens(sum, part.tokens), NO_TOKENS);
}

/** `answeredBy`: the model that the row's columns stand for when there are no parts: the response's, else the requested one. */
export function usageDetail(usage: Usage, answeredBy: string): RequestDetail {
  const { parts, inferenceGeo, serviceTier, webSearchRequests } = usage;
  return {
    ...(parts.length > 1 || parts[0]?.model !== answeredBy ? { parts } : {}),
    ...(inferenceGeo === 'us' ? { inferenceGeo } : {}),
    ...(serviceTier !== null && serviceTier !== 'standard' ? { serviceTier } : {}),
    ...(webSearchRequests > 0 ? { webSearchRequests } : {}),
  };
}

/** Null for the many requests whose columns say everything. */
export function orNull(detail: RequestDetail): RequestDetail | null {
  return Object.keys(detail).length > 0 ? detail : null;
}
