/** What the upstream stub answers: built once, in the shape of the real service, headers included. */

const HEADERS = [
  'date: Mon, 02 Nov 2026 10:00:00 GMT',
  'connection: keep-alive',
  'request-id: req_011CbenchBENCHbenchBENCH',
  'anthropic-organization-id: 00000000-0000-4000-8000-000000000000',
  'anthropic-ratelimit-requests-limit: 4000',
  'anthropic-ratelimit-requests-remaining: 3999',
  'anthropic-ratelimit-requests-reset: 2026-11-02T10:00:00Z',
  'anthropic-ratelimit-tokens-limit: 480000',
  'anthropic-ratelimit-tokens-remaining: 480000',
  'anthropic-ratelimit-tokens-reset: 2026-11-02T10:00:00Z',
  'strict-transport-security: max-age=31536000; includeSubDomains; preload',
  'server: stub',
];

const MODEL = 'claude-sonnet-4-6';
const USAGE = {
  input_tokens: 21,
  cache_creation_input_tokens: 188,
  cache_read_input_tokens: 4100,
  cache_creation: { ephemeral_5m_input_tokens: 188, ephemeral_1h_input_tokens: 0 },
  output_tokens: 2,
  service_tier: 'standard',
  inference_geo: 'global',
};

/** A whole HTTP response: head and JSON body. */
export const JSON_RESPONSE: Buffer = (() => {
  const body = JSON.stringify({
    id: 'msg_01BenchBenchBenchBenchBe',
    type: 'message',
    role: 'assistant',
    model: MODEL,
    content: [{ type: 'text', text: 'Hello there, and welcome back! How can I help with the "build" today?\nTell me.' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { ...USAGE, output_tokens: 24 },
  });
  const head = ['HTTP/1.1 200 OK', 'content-type: application/json', ...HEADERS, `content-length: ${Buffer.byteLength(body)}`];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
})();

const event = (type: string, rest: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;
const WORDS = ['The ', 'function ', 'returns ', '"null" ', 'when ', 'the\n', 'queue is ', 'empty; ', 'otherwise it ', 'waits. '];

function* streamEvents(): Generator<string> {
  const message = { id: 'msg_01BenchBenchBenchBenchBe', type: 'message', role: 'assistant', model: MODEL, content: [] };
  yield event('message_start', { message: { ...message, stop_reason: null, stop_sequence: null, usage: USAGE } });
  yield event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
  yield event('ping', {});
  for (let i = 0; i < EVENT_COUNT - 6; i++)
    yield event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: WORDS[i % WORDS.length] } });
  yield event('content_block_stop', { index: 0 });
  yield event('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 588 } });
  yield event('message_stop', {});
}

export const EVENT_COUNT = 300;
export const STREAM_EVENTS: readonly string[] = [...streamEvents()];

const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
/** The stream as it is written: the head goes out with the first event, the last chunk marker with the last. */
export const STREAM_WRITES: readonly Buffer[] = STREAM_EVENTS.map((text, i) => {
  const head = ['HTTP/1.1 200 OK', 'content-type: text/event-stream; charset=utf-8', 'cache-control: no-cache', ...HEADERS];
  const before = i === 0 ? `${head.join('\r\n')}\r\ntransfer-encoding: chunked\r\n\r\n` : '';
  return Buffer.from(before + chunk(text) + (i === EVENT_COUNT - 1 ? '0\r\n\r\n' : ''));
});
