/** An answer as the server-sent events of a stream, in the order and form of the Messages API. */
import type { Answer, AnswerBlock } from './answer.ts';
import { emptyMessage, signatureOf, type MessageFrame } from './message-document.ts';
import type { JsonObject } from './messages-request.ts';
import { BYTES_PER_TOKEN } from './token-estimate.ts';

export interface StreamPiece {
  /** One or more whole events. */
  readonly text: string;
  /** Output tokens that they carry: what pacing counts. */
  readonly tokens: number;
}

export const PING = 'event: ping\ndata: {"type": "ping"}\n\n';
const TOKENS_PER_DELTA = 4;

const event = (name: string, data: JsonObject): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

export interface MessageEventsOptions {
  readonly frame: MessageFrame;
  readonly answer: Answer;
  readonly startUsage: JsonObject;
  readonly deltaUsage: JsonObject;
}

/** Made piece by piece, so that a long answer is never in memory as a whole. */
export function* messageEvents(options: MessageEventsOptions): Generator<StreamPiece, void, undefined> {
  const { answer } = options;
  const message = { ...emptyMessage(options.frame), usage: options.startUsage };
  yield { text: event('message_start', { type: 'message_start', message }), tokens: 0 };
  for (const [index, block] of answer.blocks.entries()) {
    const start = event('content_block_start', { type: 'content_block_start', index, content_block: startOf(block) });
    yield { text: index === 0 ? start + PING : start, tokens: 0 };
    yield* deltasOf(block, index);
    yield { text: event('content_block_stop', { type: 'content_block_stop', index }), tokens: 0 };
  }
  const delta = { stop_reason: answer.stopReason, stop_sequence: answer.stopSequence, stop_details: null };
  yield { text: event('message_delta', { type: 'message_delta', delta, usage: options.deltaUsage }), tokens: 0 };
  yield { text: event('message_stop', { type: 'message_stop' }), tokens: 0 };
}

function startOf(block: AnswerBlock): JsonObject {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: '', citations: null };
    case 'thinking':
      return { type: 'thinking', thinking: '', signature: '' };
    case 'tool_use':
    case 'server_tool_use':
      return { type: block.type, id: block.id, name: block.name, input: {}, caller: { type: 'direct' } };
    case 'whole':
      return block.block;
  }
}

function* deltasOf(block: AnswerBlock, index: number): Generator<StreamPiece, void, undefined> {
  if (block.type === 'text') yield* slices(index, 'text_delta', 'text', block.text);
  if (block.type === 'tool_use' || block.type === 'server_tool_use') yield* slices(index, 'input_json_delta', 'partial_json', block.input);
  if (block.type === 'thinking') {
    yield* slices(index, 'thinking_delta', 'thinking', block.shown);
    const delta = { type: 'signature_delta', signature: signatureOf(block.shown) };
    yield { text: event('content_block_delta', { type: 'content_block_delta', index, delta }), tokens: 0 };
  }
}

function* slices(index: number, type: string, key: string, whole: string): Generator<StreamPiece, void, undefined> {
  const size = TOKENS_PER_DELTA * BYTES_PER_TOKEN;
  const opening = `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":{"type":"${type}","${key}":`;
  let end = 0;
  for (let start = 0; start < whole.length; start = end) {
    end = Math.min(whole.length, start + size);
    // A character of two code units stays whole: half of it would not survive as UTF-8.
    if (/[\ud800-\udbff]/.test(whole[end - 1] ?? '') && end < whole.length) end++;
    yield { text: `${opening}${JSON.stringify(whole.slice(start, end))}}}\n\n`, tokens: (end - start) / BYTES_PER_TOKEN };
  }
}
