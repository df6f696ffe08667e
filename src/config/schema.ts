/** The shape of `config.yaml`: which keys there are, how each is read, and what holds when it is left out. */
import type * as z from 'zod/mini';
import { ALLOWANCES } from './allowances.ts';
import { didYouMean } from '../nearest.ts';
import { anything, group, list, listOf, named, optional, orNull, required } from './schema-parts.ts';
import { SIMULATOR_FAILURES } from './simulator-failures.ts';
import { address, decimal, duration, flag, hostName, integer, oneOf, price, secretRef, size, text, url, words } from './scalars.ts';

const MB = 1024 ** 2;
const GB = 1024 ** 3;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

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
  kind: anything,
  base_url: required(url, 'https://api.anthropic.com'),
  credential: required(secretRef, 'env:ANTHROPIC_API_KEY'),
  credential_header: optional(oneOf(CREDENTIAL_HEADERS, (word) => didYouMean(word, CREDENTIAL_HEADERS)), 'x-api-key' as const),
  insecure_http: optional(flag, false),
  ...limits,
});

const simulator = group({
  kind: anything,
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

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
const LOG_FORMATS = ['auto', 'json', 'text'] as const;

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
  upstreams: anything,
  models: listOf(model, 'must be a list of models'),
  allow: list(oneOf(ALLOWANCES, (word) => didYouMean(word, ALLOWANCES)), 'code_execution'),
  disconnect: group({ drain: group({ seconds: optional(duration(0), 5_000), concurrent: optional(integer(0, 100_000), 64) }) }),
  hold_wait: optional(duration(0), 10_000),
  shutdown_grace: optional(duration(0), 25_000),
  handover_grace: optional(duration(0), 15 * MINUTE),
  limits: group({
    request_body: optional(size(1024, GB), 32 * MB),
    body_memory: optional(size(MB, 1024 * GB), 512 * MB),
    response_buffer: optional(size(0, GB), 16 * MB),
    connections: optional(integer(1, 1_000_000), 10_000),
  }),
  tls: orNull(group({ cert: required(text, './cert.pem'), key: required(text, './key.pem') })),
  public_url: optional(url, null),
  trusted_proxies: list(text, '10.0.0.0/8'),
  allowed_hosts: list(hostName, 'gateway.example.com'),
  timezone: optional(text, 'UTC'),
  /** Read one by one with `ruleSchemas` (alert-schema.ts), for each kind of rule has keys of its own. */
  alerts: anything,
  console: group({
    enabled: optional(flag, true),
    listen: optional(address, null),
    public_url: optional(url, null),
    session_idle: optional(duration(MINUTE, 30 * DAY), 12 * HOUR),
    session_max: optional(duration(MINUTE, 90 * DAY), 7 * DAY),
    invite_expires: optional(duration(MINUTE, 30 * DAY), 72 * HOUR),
    top_up_instructions: optional(words(2_000), ''),
  }),
  log: group({
    level: optional(oneOf(LOG_LEVELS, (word) => didYouMean(word, LOG_LEVELS)), 'info' as const),
    format: optional(oneOf(LOG_FORMATS, (word) => didYouMean(word, LOG_FORMATS)), 'auto' as const),
    requests: optional(flag, true),
  }),
  tracing: group({
    endpoint: optional(url, null),
    headers: named(required(secretRef, 'env:OTLP_AUTHORIZATION'), 'must be a group of headers, each with its place'),
    sample: optional(decimal(0, 1), 1),
    service_name: optional(text, null),
  }),
  metrics: group({ listen: optional(address, null), token: optional(secretRef, null) }),
});

export type FileValues = z.output<typeof fileSchema>;
export type AnthropicValues = z.output<typeof anthropic>;
export type SimulatorValues = z.output<typeof simulator>;
export type ModelValues = z.output<typeof model>;
