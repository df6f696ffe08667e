/**
 * Micro-benchmark of the pure hot path: `node test/bench/metering.ts`. Prints µs per call, the median of several
 * rounds, beside the figures that a prototype reached before building and what `JSON.parse` takes for the same bytes.
 */
import { meterJson } from '../../src/metering/meter-json.ts';
import { StreamMeter } from '../../src/metering/meter.ts';
import { chargeFor, usageOf } from '../../src/metering/price.ts';
import { createPriceBook } from '../../src/metering/price-book.ts';
import type { PricedModel } from '../../src/metering/price-card.ts';
import { quote } from '../../src/metering/quote.ts';
import { scanRequest } from '../../src/metering/request.ts';

const ROUNDS = 15;
const NOTHING: ReadonlySet<string> = new Set();

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number;
}

/** Microseconds of the process's CPU time per call: other processes on the machine count for less than in wall time. */
function measure(run: () => unknown, calls: number): number {
  for (let i = 0; i < calls; i++) run();
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.cpuUsage();
    for (let i = 0; i < calls; i++) run();
    const { user, system } = process.cpuUsage(start);
    times.push((user + system) / calls);
  }
  return median(times);
}

function agentBody(bytes: number, escaped: boolean): Buffer {
  const line = escaped ? 'if (a < b) {\n\treturn "x\\\\y";\n}\n' : 'The quick brown fox jumps over the lazy dog and reads the file again. ';
  const tools = Array.from({ length: 20 }, (_, i) => ({
    name: `tool_${i}`,
    description: line.repeat(4),
    input_schema: { type: 'object', properties: { path: { type: 'string', description: line }, limit: { type: 'number' } }, required: ['path'] },
  }));
  const messages: unknown[] = [];
  const body = { model: 'claude-opus-4-6', max_tokens: 32_000, stream: true, system: [{ type: 'text', text: line.repeat(40), cache_control: { type: 'ephemeral' } }], tools, messages };
  for (let i = 0; JSON.stringify(body).length < bytes; i++)
    messages.push(
      { role: 'assistant', content: [{ type: 'tool_use', id: `toolu_${i}`, name: 'tool_1', input: { path: '/src/a.ts', limit: 100 } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: `toolu_${i}`, content: line.repeat(30) }] },
    );
  return Buffer.from(JSON.stringify(body));
}

function streamOf(events: number): Buffer {
  const start = { type: 'message_start', message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-opus-4-6', content: [], usage: { input_tokens: 50, cache_creation_input_tokens: 200, cache_read_input_tokens: 1500, cache_creation: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 0 }, output_tokens: 1, service_tier: 'standard' } } };
  const event = (data: { type: string }) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
  const delta = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: ' and then "some" more words\n' } };
  return Buffer.from(
    event(start) + event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } } as { type: string }) +
      event(delta).repeat(events - 5) + event({ type: 'content_block_stop' }) +
      event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 120 } } as { type: string }) + event({ type: 'message_stop' }),
  );
}

function meterStream(chunks: readonly Buffer[]): void {
  const meter = new StreamMeter({ all1h: false });
  for (const chunk of chunks) meter.push(chunk);
  if (!meter.final) throw new Error('the stream was not metered');
}

function split(body: Buffer): Buffer[] {
  const chunks: Buffer[] = [];
  for (let start = 0; start < body.length; ) {
    const end = body.indexOf('\n\n', start) + 2;
    chunks.push(body.subarray(start, end));
    start = end;
  }
  return chunks;
}

const small = Buffer.from('{"model":"claude-opus-4-6","max_tokens":1024,"messages":[{"role":"user","content":"Hello there"}]}');
const json = Buffer.from(JSON.stringify({ id: 'msg_01', type: 'message', role: 'assistant', model: 'claude-opus-4-6', content: [{ type: 'text', text: 'Hello! '.repeat(20) }], stop_reason: 'end_turn', stop_sequence: null, usage: { input_tokens: 50, cache_creation_input_tokens: 200, cache_read_input_tokens: 1500, cache_creation: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 0 }, output_tokens: 120, service_tier: 'standard' } }));
const brackets = Buffer.alloc(10_000_000, '[');
const stream = streamOf(300);
const perEvent = split(stream);
const body40 = agentBody(40_000, false);
const body288 = agentBody(288_000, true);
const objects = Buffer.from(`{"model":"m","messages":[${'{},'.repeat(10_600_000)}{}]}`);
const book = createPriceBook([]);
const model = book.byName.get('claude-opus-4-6') as PricedModel;
const facts = scanRequest(small, NOTHING);
if (facts.kind !== 'ok') throw new Error('the small body was refused');
const reading = meterJson(json, { all1h: false });

/** What the same bytes cost `JSON.parse`, in the same run: on a busy machine only the ratio tells anything. */
const parse = (bytes: Buffer) => (): unknown => JSON.parse(bytes.toString());
const parseEvents = (): void => {
  for (const event of perEvent) JSON.parse(event.toString().slice(event.indexOf('{')));
};

interface Case {
  readonly name: string;
  readonly reached: string;
  readonly calls: number;
  readonly run: () => unknown;
  readonly against?: () => unknown;
}

const cases: readonly Case[] = [
  { name: `body scan, ${small.length} B`, reached: '0.5', calls: 20_000, run: () => scanRequest(small, NOTHING), against: parse(small) },
  { name: `body scan, ${body40.length} B`, reached: '85', calls: 300, run: () => scanRequest(body40, NOTHING), against: parse(body40) },
  { name: `body scan, ${body288.length} B of escapes`, reached: '389', calls: 60, run: () => scanRequest(body288, NOTHING), against: parse(body288) },
  { name: 'body scan, 10 MB of [', reached: '1300', calls: 3, run: () => scanRequest(brackets, NOTHING) },
  { name: `body scan, ${(objects.length / 1e6).toFixed(0)} MB of {},`, reached: '-', calls: 1, run: () => scanRequest(objects, NOTHING) },
  { name: `usage of a JSON body, ${json.length} B`, reached: '1.8', calls: 20_000, run: () => meterJson(json, { all1h: false }), against: parse(json) },
  { name: 'stream of 300 events, one chunk', reached: '57', calls: 300, run: () => meterStream([stream]), against: parseEvents },
  { name: 'stream of 300 events, a chunk each', reached: '-', calls: 300, run: () => meterStream(perEvent), against: parseEvents },
  { name: 'quote', reached: '-', calls: 20_000, run: () => quote({ facts: facts.facts, model, card: book, holdOutputTokens: null }) },
  { name: 'charge', reached: '-', calls: 20_000, run: () => chargeFor({ usage: usageOf(reading, model), card: book, requestedModel: model }) },
];

console.log(`${'case'.padEnd(42)}${'µs'.padStart(10)}${'reached'.padStart(10)}${'JSON.parse'.padStart(12)}`);
for (const { name, reached, calls, run, against } of cases) {
  const own = measure(run, calls).toFixed(2);
  const parsed = against === undefined ? '-' : measure(against, calls).toFixed(2);
  console.log(`${name.padEnd(42)}${own.padStart(10)}${reached.padStart(10)}${parsed.padStart(12)}`);
}
