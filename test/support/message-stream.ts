/** Responses in the grammar of the Messages API, small enough to be charged by heart. */

export const MODEL = 'claude-haiku-4-5';

export type UsageJson = Readonly<Record<string, unknown>>;

export function event(data: { readonly type: string; readonly [key: string]: unknown }): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

export function messageStart(usage: UsageJson | null = { input_tokens: 10, output_tokens: 1 }, model: string = MODEL): string {
  const message = { id: 'msg_01', type: 'message', role: 'assistant', model, content: [], stop_reason: null, ...(usage ? { usage } : {}) };
  return event({ type: 'message_start', message });
}

export const blockStart = (): string => event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } });

export function textDelta(text: string): string {
  return event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } });
}

export const blockStop = (): string => event({ type: 'content_block_stop', index: 0 });

export function messageDelta(usage: UsageJson | null = { output_tokens: 20 }): string {
  return event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, ...(usage ? { usage } : {}) });
}

export const messageStop = (): string => event({ type: 'message_stop' });
export const ping = (): string => event({ type: 'ping' });

/** A whole stream, event by event. */
export function wholeStream(text = 'Hello there', usage: { input?: number; output?: number } = {}): string[] {
  return [
    messageStart({ input_tokens: usage.input ?? 10, output_tokens: 1 }),
    blockStart(),
    textDelta(text),
    blockStop(),
    messageDelta({ output_tokens: usage.output ?? 20 }),
    messageStop(),
  ];
}

export function messageDocument(usage: UsageJson | null = { input_tokens: 10, output_tokens: 20 }, text = 'Hello there'): string {
  return JSON.stringify({
    id: 'msg_01',
    type: 'message',
    role: 'assistant',
    model: MODEL,
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    ...(usage ? { usage } : {}),
  });
}

/** What `wholeStream` and `messageDocument` cost at the list prices of their model: 10 × 1 + 20 × 5 micro-USDC. */
export const USUAL_CHARGE = 110n;

export function errorDocument(type: string, message: string): string {
  return JSON.stringify({ type: 'error', error: { type, message }, request_id: 'req_upstream' });
}
