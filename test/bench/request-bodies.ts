/** The request bodies of the bench, the same bytes in every run of one checkout. */
import * as fs from 'node:fs';
import * as path from 'node:path';

export const BENCH_MODEL = 'claude-sonnet-4-6';

export const SMALL_BODY: Buffer = smallBody({});
export const SMALL_STREAM_BODY: Buffer = smallBody({ stream: true });

function smallBody(extra: object): Buffer {
  const messages = [{ role: 'user', content: 'Say hello in five words.' }];
  return Buffer.from(JSON.stringify({ model: BENCH_MODEL, max_tokens: 1024, messages, ...extra }));
}

/**
 * A turn of a coding agent: instructions in a `system` array with cache marks, twenty tools with schemas, and a
 * conversation of tool calls and results that are source code, so that strings are long and full of escapes.
 */
export function agentBody(bytes: number): Buffer {
  const messages: object[] = [{ role: 'user', content: [{ type: 'text', text: 'Find why the tests hang and fix it.' }] }];
  const body = {
    model: BENCH_MODEL,
    max_tokens: 8192,
    system: [
      { type: 'text', text: 'You are a careful programmer working in a terminal.' },
      { type: 'text', text: prose(6_000), cache_control: { type: 'ephemeral' } },
    ],
    tools: Array.from({ length: 20 }, (_, i) => tool(i)),
    metadata: { user_id: JSON.stringify({ session_id: '7b1f0c52-5c1e-4f7c-9f5f-0d8a4c1b2e3d', device_id: 'bench' }) },
    messages,
  };
  const source = sourceText();
  for (let turn = 0, at = 0; JSON.stringify(body).length < bytes - 700; turn++) {
    const room = Math.min(4_000, (bytes - 700 - JSON.stringify(body).length) * 0.85);
    const text = source(at, Math.max(200, Math.floor(room)));
    at += text.length;
    messages.push(...toolTurn(turn, text));
  }
  const last = messages.at(-1) as { content: object[] };
  last.content.push({ type: 'text', text: 'Go on.', cache_control: { type: 'ephemeral' } });
  return Buffer.from(JSON.stringify(body));
}

function toolTurn(turn: number, text: string): object[] {
  const id = `toolu_01Bench${String(turn).padStart(16, '0')}`;
  const input = { file_path: `/home/dev/project/src/part-${turn}.ts`, offset: turn * 100, limit: 120 };
  const plan = `I will read part ${turn}: the "queue" may never drain.\n`;
  return [
    { role: 'assistant', content: [{ type: 'text', text: plan }, { type: 'tool_use', id, name: 'tool_3', input }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: [{ type: 'text', text }] }] },
  ];
}

function tool(i: number): object {
  const field = (text: string) => ({ type: 'string', description: text });
  return {
    name: `tool_${i}`,
    description: prose(700 + 40 * i),
    input_schema: {
      type: 'object',
      properties: {
        file_path: field('The absolute path, e.g. "/home/dev/project/src/main.ts".'),
        offset: { type: 'integer', minimum: 0, description: 'The first line to read.' },
        mode: { type: 'string', enum: ['read', 'write', 'append'], default: 'read' },
        edits: { type: 'array', items: { type: 'object', properties: { old: field('Exact text.'), new: field('Its successor.') } } },
      },
      required: ['file_path'],
      additionalProperties: false,
    },
  };
}

/** Sentences of instructions, with quotes and line breaks as real ones have. */
function prose(bytes: number): string {
  const sentence = 'Prefer small changes, run the "unit" tests after each of them, and say plainly what failed.\n';
  return sentence.repeat(Math.ceil(bytes / sentence.length)).slice(0, bytes);
}

/** The bench's own sources, read over and over: real code of a stable kind. */
function sourceText(): (at: number, length: number) => string {
  const files = ['load-connection.ts', 'upstream-stub.ts', 'bare-proxy.ts'];
  const text = files.map((name) => fs.readFileSync(path.join(import.meta.dirname, name), 'utf8')).join('\n');
  return (at, length) => {
    const from = at % text.length;
    return (text + text).slice(from, from + length);
  };
}
