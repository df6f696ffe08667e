/** Small streams for tests, written as an upstream writes them. */

export interface UsageFields {
  readonly [field: string]: unknown;
}

export function event(data: { readonly type: string; readonly [key: string]: unknown }, name: string = data.type): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

export function start(usage: UsageFields, model = 'claude-opus-4-6'): string {
  return event({ type: 'message_start', message: { id: 'msg_1', type: 'message', role: 'assistant', model, content: [], usage } });
}

export function delta(value: { readonly type: string; readonly [key: string]: unknown }): string {
  return event({ type: 'content_block_delta', index: 0, delta: value });
}

export const text = (words: string): string => delta({ type: 'text_delta', text: words });

export function usage(fields: UsageFields): string {
  return event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: fields });
}

export const STOP = event({ type: 'message_stop' });

export const START_USAGE = {
  input_tokens: 50,
  cache_creation_input_tokens: 200,
  cache_read_input_tokens: 1500,
  cache_creation: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 0 },
  output_tokens: 1,
  service_tier: 'standard',
  inference_geo: 'us',
};

/** A whole response with text beyond ASCII and padding, as real ones have. */
export const WHOLE =
  start(START_USAGE) +
  event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }) +
  event({ type: 'ping' }) +
  text('Grüße, "Wörld"\n🙂') +
  text('plain').replace('}}\n', '}   }      \n') +
  event({ type: 'content_block_stop', index: 0 }) +
  usage({ output_tokens: 120, input_tokens: null }) +
  STOP;
export const WHOLE_TEXT_BYTES = Buffer.byteLength('Grüße, "Wörld"\n🙂plain');
