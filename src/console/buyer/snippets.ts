/** Programs that call a buyer's own route. Each runs as it stands; test/console/snippets.test.ts checks their syntax. */

export const LANGUAGES = [
  { value: 'curl', label: 'curl' },
  { value: 'typescript', label: 'TypeScript SDK' },
  { value: 'python', label: 'Python SDK' },
  { value: 'claude-code', label: 'Claude Code' },
  { value: 'streaming', label: 'Streaming' },
  { value: 'caching', label: 'Caching' },
] as const;
export type Language = (typeof LANGUAGES)[number]['value'];

export interface Target {
  /** Of the route: what an SDK calls its base URL. */
  readonly url: string;
  /** Of the gateway. */
  readonly baseUrl: string;
  readonly model: string;
  /** A new key that is still in memory; null: the environment's `AINOGAP_KEY`. */
  readonly key: string | null;
}

/** Within double quotes of a shell, or bare. */
const shellKey = ({ key }: Target): string => key ?? '$AINOGAP_KEY';
const tsKey = ({ key }: Target): string => (key === null ? 'process.env.AINOGAP_KEY' : JSON.stringify(key));
const pythonKey = ({ key }: Target): string => (key === null ? 'os.environ["AINOGAP_KEY"]' : JSON.stringify(key));
const shellText = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

function curl(target: Target, body: Readonly<Record<string, unknown>>, options: string = ''): string {
  return `curl ${options}${target.url}/v1/messages \\
  -H "x-api-key: ${shellKey(target)}" \\
  -H "anthropic-version: 2023-06-01" \\
  -H "content-type: application/json" \\
  -d ${shellText(JSON.stringify({ model: target.model, max_tokens: 256, ...body }, null, 2).replaceAll('\n', '\n  '))}`;
}

const HELLO = [{ role: 'user', content: 'Say hello in five languages.' }];

const WRITERS: Readonly<Record<Language, (target: Target) => string>> = {
  curl: (target) => curl(target, { messages: HELLO }),
  typescript: (target) => `import Anthropic from '@anthropic-ai/sdk';

const client = new Anthropic({
  baseURL: ${JSON.stringify(target.url)},
  apiKey: ${tsKey(target)},
});

const message = await client.messages.create({
  model: ${JSON.stringify(target.model)},
  max_tokens: 256,
  messages: [{ role: 'user', content: 'Say hello in five languages.' }],
});
console.log(message.content, message.usage);`,
  python: (target) => `${target.key === null ? 'import os\n\n' : ''}from anthropic import Anthropic

client = Anthropic(
    base_url=${JSON.stringify(target.url)},
    api_key=${pythonKey(target)},
)

message = client.messages.create(
    model=${JSON.stringify(target.model)},
    max_tokens=256,
    messages=[{"role": "user", "content": "Say hello in five languages."}],
)
print(message.content, message.usage)`,
  'claude-code': (target) => `export ANTHROPIC_BASE_URL=${target.url}
export ANTHROPIC_AUTH_TOKEN=${shellKey(target)}
claude --model ${target.model}`,
  streaming: (target) => curl(target, { stream: true, messages: HELLO }, '-N '),
  caching: (target) => `import Anthropic from '@anthropic-ai/sdk';
import { readFileSync } from 'node:fs';

const client = new Anthropic({
  baseURL: ${JSON.stringify(target.url)},
  apiKey: ${tsKey(target)},
});

// The long part that stays the same comes first and ends with the mark; what changes comes after it.
// The first request writes the cache, later ones within five minutes read it.
const system = [
  { type: 'text' as const, text: readFileSync('manual.txt', 'utf8'), cache_control: { type: 'ephemeral' as const } },
];
for (const question of ['What is chapter one about?', 'And chapter two?']) {
  const message = await client.messages.create({
    model: ${JSON.stringify(target.model)},
    max_tokens: 256,
    system,
    messages: [{ role: 'user', content: question }],
  });
  console.log(message.usage.cache_creation_input_tokens, 'written,', message.usage.cache_read_input_tokens, 'read');
}`,
};

export const snippet = (language: Language, target: Target): string => WRITERS[language](target);
