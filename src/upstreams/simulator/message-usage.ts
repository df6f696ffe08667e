/** The `usage` objects of an answer: whole at the start and in JSON, cumulative and partial in `message_delta`. */
import type { Answer } from './answer.ts';
import type { JsonObject } from './messages-request.ts';
import type { CacheUse } from './prompt-cache.ts';

export interface UsageContext {
  readonly cache: CacheUse;
  readonly answer: Answer;
  /** From the request; `us` is priced higher. */
  readonly inferenceGeo: string;
  /** For the failure `malformed_usage`: values that no meter can use. */
  readonly malformed: boolean;
}

/** At the start of a stream the input is what is known so far and the output a placeholder. */
export function startUsage(context: UsageContext): JsonObject {
  return wholeUsage(context, context.cache.input, Math.min(1, context.answer.outputTokens));
}

/** The usage of a JSON response. */
export function finalUsage(context: UsageContext): JsonObject {
  const { answer, cache } = context;
  return {
    ...wholeUsage(context, cache.input + answer.addedInputTokens, answer.outputTokens),
    output_tokens_details: { thinking_tokens: answer.thinkingTokens },
    server_tool_use: serverToolUse(answer),
  };
}

/** The usage of `message_delta`: no cache split, tier, geo or speed, as in the real stream. */
export function deltaUsage(context: UsageContext): JsonObject {
  const { answer, cache } = context;
  if (context.malformed) return { output_tokens: `${answer.outputTokens}`, input_tokens: -1, cache_read_input_tokens: 0.5 };
  return {
    input_tokens: cache.input + answer.addedInputTokens,
    cache_creation_input_tokens: cache.cacheWrite5m + cache.cacheWrite1h,
    cache_read_input_tokens: cache.cacheRead,
    output_tokens: answer.outputTokens,
    output_tokens_details: { thinking_tokens: answer.thinkingTokens },
    server_tool_use: serverToolUse(answer),
  };
}

function wholeUsage(context: UsageContext, input: number, output: number): JsonObject {
  const { cache } = context;
  const usage = {
    input_tokens: input,
    cache_creation_input_tokens: cache.cacheWrite5m + cache.cacheWrite1h,
    cache_read_input_tokens: cache.cacheRead,
    cache_creation: { ephemeral_5m_input_tokens: cache.cacheWrite5m, ephemeral_1h_input_tokens: cache.cacheWrite1h },
    output_tokens: output,
    output_tokens_details: null,
    server_tool_use: null,
    service_tier: 'standard',
    inference_geo: context.inferenceGeo,
    speed: 'standard',
  };
  return context.malformed ? { ...usage, input_tokens: -1, output_tokens: `${output}`, cache_read_input_tokens: 0.5 } : usage;
}

const serverToolUse = (answer: Answer): JsonObject | null =>
  answer.webSearchRequests === 0 ? null : { web_search_requests: answer.webSearchRequests, web_fetch_requests: 0 };
