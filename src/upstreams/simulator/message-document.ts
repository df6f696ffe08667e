/** An answer as the JSON document of a request that does not stream. */
import type { Answer, AnswerBlock } from './answer.ts';
import type { JsonObject } from './messages-request.ts';

export interface MessageFrame {
  readonly id: string;
  readonly model: string;
}

export function messageDocument(frame: MessageFrame, answer: Answer, usage: JsonObject): string {
  return JSON.stringify({
    ...emptyMessage(frame),
    content: answer.blocks.map(contentBlock),
    stop_reason: answer.stopReason,
    stop_sequence: answer.stopSequence,
    usage,
  });
}

/** The message as `message_start` shows it, without usage. */
export function emptyMessage(frame: MessageFrame): JsonObject {
  return {
    model: frame.model,
    id: frame.id,
    type: 'message',
    role: 'assistant',
    content: [],
    container: null,
    diagnostics: null,
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
  };
}

/** No model has signed this, so it verifies nowhere else; clients only hand it back. */
export const signatureOf = (text: string): string => Buffer.from(`simulated:${text.length}`).toString('base64');

function contentBlock(block: AnswerBlock): JsonObject {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: block.text, citations: null };
    case 'thinking':
      return { type: 'thinking', thinking: block.shown, signature: signatureOf(block.shown) };
    case 'tool_use':
    case 'server_tool_use':
      return { type: block.type, id: block.id, name: block.name, input: JSON.parse(block.input) as JsonObject, caller: { type: 'direct' } };
    case 'whole':
      return block.block;
  }
}
