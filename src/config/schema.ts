/** The shape of `config.yaml`: which keys there are, how each is read, and what holds when it is left out. */
import * as z from 'zod';
import { ALLOWANCES } from './allowances.ts';
import { didYouMean, nearest } from '../nearest.ts';
import { SIMULATOR_FAILURES } from './simulator-failures.ts';
import { Numeral, type YamlValue } from './read-yaml.ts';
import { address, decimal, duration, flag, hostName, integer, oneOf, price, secretRef, size, text, url, type Parser } from './scalars.ts';

const MB = 1024 ** 2;
const GB = 1024 ** 3;

function field<T>(parse: Parser<T>, absent: () => { ok: true; value: T } | { ok: false; message: string }) {
  return z.unknown().optional().transform((value, ctx): T => {
    const parsed = value === undefined ? absent() : parse(value as YamlValue);
    if (parsed.ok) return parsed.value;
    ctx.issues.push({ code: 'custom', message: parsed.message, input: undefined });
    return z.NEVER;
  });
}

const required = <T>(parse: Parser<T>, example: string) =>
  field(parse, () => ({ ok: false, message: `is missing; an example: ${example}` }));
const optional = <T, D>(parse: Parser<T>, absent: D) => field<T | D>(parse, () => ({ ok: true, value: absent }));

/** Words that people write for a key of ours and that are too far from it to be found by their letters. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  api_key: 'credential',
  key: 'credential',
  token: 'credential',
  url: 'base_url',
  type: 'kind',
  host: 'listen',
  port: 'listen',
  db: 'database',
  first_token_timeout: 'first_byte_timeout',
  retries: 'attempts',
};

function unknownKey(key: string, known: readonly string[]): string {
  const other = OTHER_WORDS[key];
  const meant = other !== undefined && known.includes(other) ? other : nearest(key, known);
  return meant === null ? `unknown key; known here are ${known.join(', ')}` : `unknown key; did you mean "${meant}"?`;
}

/** A group of keys. Left out or empty, it is read as if it had none. Unknown keys: one line of the message for each. */
function group<S extends z.ZodRawShape>(shape: S) {
  const known = Object.keys(shape);
  const error = (issue: { readonly code?: string | undefined; readonly keys?: unknown }): string =>
    issue.code === 'unrecognized_keys' ? (issue.keys as string[]).map((key) => unknownKey(key, known)).join('\n') : 'must be a group of keys';
  return z.preprocess((value) => (value instanceof Numeral ? value.source : (value ?? {})), z.strictObject(shape, { error }));
}

const list = <T>(parse: Parser<T>, example: string) =>
  z.preprocess(
    (value) => value ?? [],
    z.array(
      required(parse, example),
      { error: `must be a list such as [${example}]` },
    ),
  );

/** Time limits of an upstream; see `UpstreamLimits`. */
const limits = {
  connect_timeout: optional(duration(1), 10_000),
  first_byte_timeout: optional(duration(1), 120_000),
  first_byte_timeout_json: optional(duration(1), 15 * 60_000),
  idle_timeout: optional(duration(1), 120_000),
  attempts: optional(integer(1, 10), 2),
  retry_after_max: optional(duration(0), 5_000),
};

const CREDENTIAL_HEADERS = ['x-api-key', 'authorization'] as const;

const anthropic = group({
  kind: z.unknown().optional(),
  base_url: required(url, 'https://api.anthropic.com'),
  credential: required(secretRef, 'env:ANTHROPIC_API_KEY'),
  credential_header: optional(oneOf(CREDENTIAL_HEADERS, (word) => didYouMean(word, CREDENTIAL_HEADERS)), 'x-api-key' as const),
  insecure_http: optional(flag, false),
  ...limits,
});

const simulator = group({
  kind: z.unknown().optional(),
  delay: optional(duration(0), 0),
  tokens_per_second: optional(decimal(0, 1_000_000), 0),
  output_tokens: optional(integer(1, 1_000_000), 120),
  failure: optional(oneOf(SIMULATOR_FAILURES, (word) => didYouMean(word, SIMULATOR_FAILURES)), 'none' as const),
  failure_share: optional(decimal(0, 1), 1),
  failure_status: optional(integer(400, 599), 529),
  ...limits,
});

export const UPSTREAM_KINDS = ['anthropic', 'simulator'] as const;
export const upstreamSchemas = { anthropic, simulator } as const;

const model = group({
  id: required(text, 'claude-opus-5-5'),
  aliases: list(text, 'claude-opus-5-5-20261001'),
  prices: group({
    input: required(price, '5'),
    output: required(price, '25'),
    cache_write_5m: required(price, '6.25'),
    cache_write_1h: required(price, '10'),
    cache_read: required(price, '0.50'),
  }),
  context_window: required(integer(1, 100_000_000), '1000000'),
  max_output: required(integer(1, 100_000_000), '128000'),
  geo_premium: optional(flag, false),
});

export const fileSchema = group({
  listen: optional(address, { host: '127.0.0.1', port: 8787 }),
  database: required(text, './ainogap.db'),
  /** Read one by one with `upstreamSchemas`, for each kind has keys of its own. */
  upstreams: z.unknown().optional(),
  models: z.preprocess((value) => value ?? [], z.array(model, { error: 'must be a list of models' })),
  allow: list(oneOf(ALLOWANCES, (word) => didYouMean(word, ALLOWANCES)), 'code_execution'),
  disconnect: group({ drain: group({ seconds: optional(duration(0), 5_000), concurrent: optional(integer(0, 100_000), 64) }) }),
  hold_wait: optional(duration(0), 10_000),
  shutdown_grace: optional(duration(0), 25_000),
  limits: group({
    request_body: optional(size(1024, GB), 32 * MB),
    body_memory: optional(size(MB, 1024 * GB), 512 * MB),
    response_buffer: optional(size(0, GB), 16 * MB),
    connections: optional(integer(1, 1_000_000), 10_000),
  }),
  tls: z.preprocess((value) => value ?? null, z.nullable(group({ cert: required(text, './cert.pem'), key: required(text, './key.pem') }))),
  public_url: optional(url, null),
  trusted_proxies: list(text, '10.0.0.0/8'),
  allowed_hosts: list(hostName, 'gateway.example.com'),
  timezone: optional(text, 'UTC'),
});

export type FileValues = z.output<typeof fileSchema>;
export type AnthropicValues = z.output<typeof anthropic>;
export type SimulatorValues = z.output<typeof simulator>;
export type ModelValues = z.output<typeof model>;
