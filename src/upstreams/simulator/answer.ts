/** What the simulated model answers: content blocks, why it stopped, and how many tokens that is. */
import type { Orders } from './directives.ts';
import { isObject, lastUserMessage, messageText, textOr, type JsonObject, type MessagesRequest } from './messages-request.ts';
import { cutToBytes, excerpt, prose } from './prose.ts';
import { sampleOf } from './schema-sample.ts';
import { BYTES_PER_TOKEN, textTokens, WEB_SEARCH_RESULT_TOKENS } from './token-estimate.ts';
import { toolCallsFor } from './tool-choice.ts';
import { webSearchBlocks, webSearchesFor } from './web-search.ts';

export type AnswerBlock =
  | { readonly type: 'text'; readonly text: string }
  /** `shown` is empty when the request asked to leave the thinking out; its tokens count all the same. */
  | { readonly type: 'thinking'; readonly shown: string }
  | { readonly type: 'tool_use' | 'server_tool_use'; readonly id: string; readonly name: string; readonly input: string }
  /** Comes whole, in its `content_block_start`. */
  | { readonly type: 'whole'; readonly block: JsonObject };

export interface Answer {
  readonly blocks: readonly AnswerBlock[];
  readonly stopReason: 'end_turn' | 'max_tokens' | 'stop_sequence' | 'tool_use';
  readonly stopSequence: string | null;
  readonly outputTokens: number;
  readonly thinkingTokens: number;
  readonly webSearchRequests: number;
  /** What server tools added to the input while the answer was made. */
  readonly addedInputTokens: number;
}

export interface AnswerOptions {
  readonly orders: Orders;
  readonly inputTokens: number;
  /** Makes the ids of tool calls. */
  readonly newId: (prefix: string) => string;
}

export function answerTo(request: MessagesRequest, options: AnswerOptions): Answer {
  const maxTokens = request.maxTokens ?? 1;
  const blocks: AnswerBlock[] = [];
  const thinking = thinkingFor(request, options.orders, maxTokens);
  if (thinking) blocks.push(thinking.block);
  const searches = webSearchesFor(request, options.orders.webSearches);
  for (const search of searches) blocks.push(...webSearchBlocks(search, options.newId('srvtoolu_')));
  const left = maxTokens - (thinking?.tokens ?? 0);
  const spoken = speak(request, options, left);
  blocks.push(...spoken.blocks);
  return {
    blocks,
    stopReason: spoken.stopReason,
    stopSequence: spoken.stopSequence,
    outputTokens: Math.min(maxTokens, (thinking?.tokens ?? 0) + spoken.tokens),
    thinkingTokens: thinking?.tokens ?? 0,
    webSearchRequests: searches.length,
    addedInputTokens: searches.length * WEB_SEARCH_RESULT_TOKENS,
  };
}

function thinkingFor(request: MessagesRequest, orders: Orders, maxTokens: number): { block: AnswerBlock; tokens: number } | null {
  const { thinking } = request.body;
  if (!isObject(thinking) || (thinking.type !== 'enabled' && thinking.type !== 'adaptive')) return null;
  const budget = typeof thinking.budget_tokens === 'number' ? thinking.budget_tokens : maxTokens;
  const wanted = orders.thinkingTokens ?? Math.ceil(orders.knobs.outputTokens / 4);
  const tokens = Math.floor(Math.min(wanted, budget, maxTokens / 2));
  if (tokens < 1) return null;
  const text = prose('The user has asked something, and I consider it step by step.', tokens, true);
  return { block: { type: 'thinking', shown: thinking.display === 'omitted' ? '' : text }, tokens };
}

interface Speech {
  readonly blocks: readonly AnswerBlock[];
  readonly tokens: number;
  readonly stopReason: Answer['stopReason'];
  readonly stopSequence: string | null;
}

function speak(request: MessagesRequest, options: AnswerOptions, left: number): Speech {
  const format = isObject(request.body.output_config) ? request.body.output_config.format : undefined;
  if (options.orders.text !== null) return speech(request, options.orders.text, left);
  const calls = callBlocks(request, options.newId, left);
  if (calls) return calls;
  if (isObject(format) && isObject(format.schema))
    return speech(request, JSON.stringify(sampleOf(format.schema, messageText(lastUserMessage(request)))), left);
  const tokens = Math.max(1, Math.floor(options.orders.knobs.outputTokens));
  return speech(request, prose(openingFor(request, options.inputTokens), tokens, tokens <= left), left);
}

/** The tool calls, or null when there are none or they do not fit: then the answer runs into `max_tokens` in words. */
function callBlocks(request: MessagesRequest, newId: (prefix: string) => string, left: number): Speech | null {
  const calls = toolCallsFor(request);
  if (calls.length === 0) return null;
  const text = `I will use ${calls.map((call) => call.name).join(' and ')}.`;
  const blocks = calls.map((call) => ({ type: 'tool_use' as const, id: newId('toolu_'), name: call.name, input: JSON.stringify(call.input) }));
  const tokens = blocks.reduce((sum, block) => sum + textTokens(block.name) + textTokens(block.input), textTokens(text));
  if (tokens > left) return { ...speech(request, text, Math.max(1, Math.min(left, textTokens(text) - 1))), stopReason: 'max_tokens' };
  return { blocks: [{ type: 'text', text }, ...blocks], tokens, stopReason: 'tool_use', stopSequence: null };
}

/** Text up to the first stop sequence or the limit, whichever comes first. */
function speech(request: MessagesRequest, whole: string, left: number): Speech {
  const fitting = cutToBytes(whole, left * BYTES_PER_TOKEN);
  const sequences = Array.isArray(request.body.stop_sequences) ? (request.body.stop_sequences as readonly unknown[]) : [];
  const stop = sequences
    .filter((sequence): sequence is string => typeof sequence === 'string' && sequence !== '' && fitting.includes(sequence))
    .toSorted((a, b) => fitting.indexOf(a) - fitting.indexOf(b))[0];
  const text = stop === undefined ? fitting : fitting.slice(0, fitting.indexOf(stop));
  return {
    blocks: text === '' ? [] : [{ type: 'text', text }],
    tokens: Math.max(1, textTokens(text)),
    stopReason: stop !== undefined ? 'stop_sequence' : fitting === whole ? 'end_turn' : 'max_tokens',
    stopSequence: stop ?? null,
  };
}

function openingFor(request: MessagesRequest, inputTokens: number): string {
  const message = lastUserMessage(request);
  const result = message?.content.findLast((block) => block.type === 'tool_result');
  const size = `${request.messages.length} message${request.messages.length === 1 ? '' : 's'}, ${inputTokens} tokens`;
  if (result) return `The tool answered “${excerpt(resultText(result), 200)}”. (${request.model} was simulated for ${size}.)`;
  return `You wrote “${excerpt(messageText(message), 120)}” to ${request.model} (${size}).`;
}

function resultText(result: JsonObject): string {
  if (typeof result.content === 'string') return result.content;
  const parts = Array.isArray(result.content) ? (result.content as readonly JsonObject[]) : [];
  return parts.map((part) => textOr(part.text) || `[${textOr(part.type)}]`).join(' ');
}
