/** What the tracing of a configuration comes to, with its headers read. Held in memory only. */
import { randomUUID } from 'node:crypto';
import * as os from 'node:os';
import * as path from 'node:path';
import { resolveHeaderValue, SecretError, type Config, type SecretRef } from '../config.ts';

export interface TracingPlan {
  /** OTLP over HTTP, with its path. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Share 0..1 of the requests that do not say by themselves whether they are traced. */
  readonly sample: number;
  /** What is said of this process with every span. */
  readonly resource: Readonly<Record<string, string>>;
  /** To be blotted out wherever an upstream or a client might repeat them. */
  readonly secrets: readonly string[];
  /** Base URLs by the upstream's name; those inside the product have none. */
  readonly upstreams: Readonly<Record<string, string>>;
}

/** Tells processes of one service apart. */
const INSTANCE = randomUUID();

type Env = Readonly<Record<string, string | undefined>>;

export interface TracingPlanOptions {
  readonly config: Pick<Config, 'file' | 'tracing' | 'upstreams'>;
  readonly env: Env;
  readonly version: string;
  /** In force. */
  readonly secrets: readonly string[];
}

/**
 * Null: nothing is traced. The file wins over the environment (https://opentelemetry.io/docs/specs/otel/protocol/exporter/),
 * but for `OTEL_SDK_DISABLED`. Throws `SecretError` when a header is not where the configuration says.
 */
export function tracingPlanOf({ config, env, version, secrets }: TracingPlanOptions): TracingPlan | null {
  const { tracing, upstreams } = config;
  const endpoint = tracing.endpoint ?? endpointOf(env);
  if (endpoint === null || given(env, 'OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return null;
  const attributes = resourceAttributes(given(env, 'OTEL_RESOURCE_ATTRIBUTES'));
  const name = tracing.serviceName ?? given(env, 'OTEL_SERVICE_NAME') ?? attributes['service.name'] ?? 'ainogap';
  const folder = config.file === null ? process.cwd() : path.dirname(config.file);
  return {
    endpoint,
    headers: Object.fromEntries(Object.entries(tracing.headers).map(([header, ref]) => [header, headerOf(ref, { header, folder, env })])),
    sample: tracing.sample,
    secrets,
    resource: { 'service.version': version, 'service.instance.id': INSTANCE, 'host.name': os.hostname(), ...attributes, 'service.name': name },
    upstreams: Object.fromEntries([...upstreams.values()].flatMap((upstream) => (upstream.kind === 'anthropic' ? [[upstream.name, upstream.baseUrl]] : []))),
  };
}

/** Set to nothing is not set, as the specification says. */
function given(env: Env, name: string): string | null {
  return env[name]?.trim() || null;
}

/** The one for traces is taken as it is, the one for all signals gets the path of traces. What is no URL is none. */
function endpointOf(env: Env): string | null {
  if (given(env, 'OTEL_TRACES_EXPORTER')?.toLowerCase() === 'none') return null;
  const own = given(env, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  const all = given(env, 'OTEL_EXPORTER_OTLP_ENDPOINT');
  const url = own ?? (all === null ? null : `${all.replace(/\/+$/, '')}/v1/traces`);
  return url !== null && isHttpUrl(url) ? url : null;
}

/** What the environment asks for and does not get; null: nothing. */
export function environmentWarning(env: Env): string | null {
  for (const name of ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT']) {
    const url = given(env, name);
    if (url !== null && !isHttpUrl(url)) return `${name} is no URL with http:// or https://, so it is not used`;
  }
  const protocol = given(env, 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ?? given(env, 'OTEL_EXPORTER_OTLP_PROTOCOL');
  return protocol === null || protocol === 'http/protobuf' ? null : `traces are sent by http/protobuf, not by ${protocol.slice(0, 40)}: the endpoint must take that`;
}

const isHttpUrl = (url: string): boolean => /^https?:\/\//.test(url) && URL.canParse(url);

/** `key=value,key=value`, values percent-encoded. */
function resourceAttributes(list: string | null): Record<string, string> {
  const pairs = (list ?? '').split(',').flatMap((pair): [string, string][] => {
    const at = pair.indexOf('=');
    const key = pair.slice(0, at).trim();
    return at < 1 || key === '' ? [] : [[key, decoded(pair.slice(at + 1).trim())]];
  });
  return Object.fromEntries(pairs);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function headerOf(ref: SecretRef, { header, folder, env }: { header: string; folder: string; env: Env }): string {
  try {
    return resolveHeaderValue(ref, folder, env);
  } catch (error) {
    if (error instanceof SecretError) throw new SecretError(`the header ${header} of tracing: ${error.message}`);
    throw error;
  }
}
