/** A Messages request as the simulator reads it: checked where the real API checks, and brought into one form. */
import type { IncomingHttpHeaders } from 'node:http';
import { ApiError, badRequest } from './api-error.ts';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

export interface RequestMessage {
  readonly role: string;
  /** A string in the request is one text block here. */
  readonly content: readonly JsonObject[];
}

export interface MessagesRequest {
  readonly body: JsonObject;
  readonly model: string;
  /** Null only for `count_tokens`. */
  readonly maxTokens: number | null;
  readonly stream: boolean;
  readonly tools: readonly JsonObject[];
  readonly system: readonly JsonObject[];
  readonly messages: readonly RequestMessage[];
}

/** Sampling parameters are refused from this API version on. */
const NO_SAMPLING_SINCE = '2026-10-21';

/** Throws an `ApiError` with status 400 or 404 for what the real API would refuse. */
export function parseMessagesRequest(raw: Buffer, headers: IncomingHttpHeaders, counting: boolean): MessagesRequest {
  const version = headers['anthropic-version'];
  if (typeof version !== 'string' || version === '') throw badRequest('anthropic-version: header is required');
  const body = parseObject(raw);
  if (body.thread !== undefined)
    throw new ApiError(400, 'thread: not supported by the simulator; send the whole conversation', {
      details: { error_code: 'thread_unsupported_request' },
    });
  if (version >= NO_SAMPLING_SINCE)
    for (const key of ['temperature', 'top_p', 'top_k'])
      if (body[key] !== undefined) throw badRequest(`${key}: not supported since anthropic-version ${NO_SAMPLING_SINCE}`);
  return {
    body,
    model: modelOf(body),
    maxTokens: counting ? null : maxTokensOf(body),
    stream: body.stream === true,
    tools: objects(body.tools, 'tools'),
    system: blocks(body.system, 'system'),
    messages: messagesOf(body),
  };
}

function parseObject(raw: Buffer): JsonObject {
  let value: Json;
  try {
    value = JSON.parse(raw.toString('utf8')) as Json;
  } catch {
    throw badRequest('The request body is not valid JSON.');
  }
  if (!isObject(value)) throw badRequest('The request body must be a JSON object.');
  return value;
}

function modelOf(body: JsonObject): string {
  const { model } = body;
  if (typeof model !== 'string' || model === '') throw badRequest('model: Field required');
  if (!model.startsWith('claude-')) throw new ApiError(404, `model: ${model.slice(0, 100)}`);
  return model;
}

function maxTokensOf(body: JsonObject): number {
  const value = body.max_tokens;
  if (value === undefined) throw badRequest('max_tokens: Field required');
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1)
    throw badRequest('max_tokens: Input should be an integer greater than or equal to 1');
  return value;
}

function messagesOf(body: JsonObject): RequestMessage[] {
  const list = objects(body.messages, 'messages');
  if (list.length === 0) throw badRequest('messages: at least one message is required');
  return list.map((message, index) => {
    const { role } = message;
    if (typeof role !== 'string') throw badRequest(`messages.${index}.role: Field required`);
    if (index === 0 && role !== 'user') throw badRequest('messages: first message must use the "user" role');
    if (message.content === undefined) throw badRequest(`messages.${index}.content: Field required`);
    return { role, content: blocks(message.content, `messages.${index}.content`) };
  });
}

function blocks(value: Json | undefined, where: string): readonly JsonObject[] {
  return typeof value === 'string' ? [{ type: 'text', text: value }] : objects(value, where);
}

function objects(value: Json | undefined, where: string): readonly JsonObject[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw badRequest(`${where}: Input should be a valid list`);
  const list = value as readonly Json[];
  list.forEach((item, index) => {
    if (!isObject(item)) throw badRequest(`${where}.${index}: Input should be an object`);
  });
  return list as readonly JsonObject[];
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value if it is a text, else an empty one. */
export const textOr = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** The last message of the user; `null` when the conversation ends otherwise. Later system messages do not count. */
export function lastUserMessage(request: MessagesRequest): RequestMessage | null {
  return request.messages.findLast((message) => message.role !== 'system') ?? null;
}

/** All text of a message, without the reminders that Claude Code's harness wraps into its user's turns. */
export function messageText(message: RequestMessage | null): string {
  const texts = (message?.content ?? []).map((block) => textOr(block.text));
  return texts
    .join('\n')
    .replace(/<system-reminder>[\s\S]*?<\/system-reminder>/g, '')
    .trim();
}
