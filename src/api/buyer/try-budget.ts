/** What a "try it" may produce at most, so that even its worst case costs no more than it may. Pure. */
import type { PriceCard, PricedModel } from '../../metering/price-card.ts';
import { quote } from '../../metering/quote.ts';
import type { RequestFacts } from '../../metering/request-facts.ts';
import { formatUsdc } from '../../money.ts';

/** Micro-USDC: 0.02 USDC. */
export const TRY_COST_MAX = 20_000n;
const OUTPUT_TOKENS_MAX = 512;
/** Fewer would not be an answer. */
const OUTPUT_TOKENS_MIN = 16;

export type TryBudget = { readonly ok: true; readonly maxTokens: number } | { readonly ok: false; readonly reason: string };

/** The same bound that the data plane holds by: a byte is a token at most, plus what upstreams add; × 1.1 where geo pricing exists. */
export function tryBudget({ card, model, body }: { readonly card: PriceCard; readonly model: PricedModel; readonly body: string }): TryBudget {
  const bytes = Buffer.byteLength(body);
  const maxTokens = quote({ facts: factsOf(model, bytes), model, card, holdOutputTokens: null }).maxTokensFitting(TRY_COST_MAX) ?? 0;
  if (maxTokens >= OUTPUT_TOKENS_MIN) return { ok: true, maxTokens };
  return {
    ok: false,
    reason: `${model.id} is too dear to try with this prompt: its worst case would be above ${formatUsdc(TRY_COST_MAX, 2)} USDC. Try a shorter prompt, or another model.`,
  };
}

const PLAIN = { stream: true, cacheWrite: 'none', all1h: false, images: 0, documents: 0, unboundedBlocks: 0, webSearchUsesMax: null, webFetchUsesMax: null } as const;

function factsOf(model: PricedModel, bytes: number): RequestFacts {
  return { ...PLAIN, model: model.id, maxTokens: OUTPUT_TOKENS_MAX, toolCount: 0, definedTools: 0, toolsets: 0, serverTools: false, compaction: false, bodyBytes: bytes, textBytes: bytes, countTokensRanges: [] };
}
