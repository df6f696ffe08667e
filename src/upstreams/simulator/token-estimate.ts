/**
 * The simulator's idea of a token: four bytes. `count_tokens`, `usage` and the prompt cache all count with these
 * functions, so that their figures agree with each other as the real ones do.
 */
import { isObject, type JsonObject } from './messages-request.ts';

export const BYTES_PER_TOKEN = 4;
/** The system prompt that offering tools adds; the real one has 500 to 800 tokens. */
export const TOOL_PROMPT_TOKENS = 500;
/** What one web search brings into the context. */
export const WEB_SEARCH_RESULT_TOKENS = 400;
const IMAGE_TOKENS_MAX = 1_500;
const IMAGE_TOKENS_MIN = 64;
const DOCUMENT_TOKENS_MAX = 100_000;

export const textTokens = (text: string): number => Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);

/** Tokens of one content block, tool or system block whose JSON text is `json`. */
export function blockTokens(block: JsonObject, json: string): number {
  if (block.type === 'image') return mediaTokens(block, 64, IMAGE_TOKENS_MIN, IMAGE_TOKENS_MAX);
  if (block.type === 'document' && sourceOf(block)?.type !== 'text') return mediaTokens(block, 32, 500, DOCUMENT_TOKENS_MAX);
  if (block.type === 'tool_result' && Array.isArray(block.content)) {
    const parts = block.content as readonly JsonObject[];
    return parts.reduce((sum, part) => sum + blockTokens(part, JSON.stringify(part)), 8);
  }
  return textTokens(json);
}

function sourceOf(block: JsonObject): JsonObject | null {
  const { source } = block;
  return isObject(source) ? source : null;
}

function mediaTokens(block: JsonObject, bytesPerToken: number, least: number, most: number): number {
  const data = sourceOf(block)?.data;
  const bytes = typeof data === 'string' ? data.length : most * bytesPerToken;
  return Math.min(most, Math.max(least, Math.ceil(bytes / bytesPerToken)));
}
