/** The secrets that a configuration leads to, as values: for the log, which blots them out wherever they might appear. */
import * as path from 'node:path';
import type { Config, SecretRef } from '../config.ts';
import { resolveHeaderValue, SecretError } from './resolve-secret.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** A webhook's path that is longer than this may be its credential, as with those of chat services. */
const PATH_CHARS_MIN = 16;

/** What cannot be read is left out: whoever needs it says so. */
export function secretsInForce(config: Config, env: Env = process.env): string[] {
  const folder = config.file === null ? process.cwd() : path.dirname(config.file);
  const refs: SecretRef[] = [
    ...[...config.upstreams.values()].flatMap((upstream) => (upstream.kind === 'anthropic' ? [upstream.credential] : [])),
    ...config.alerts.webhooks.map(({ secret }) => secret),
    ...Object.values(config.tracing.headers),
    ...(config.metrics.token ? [config.metrics.token] : []),
  ];
  const paths = config.alerts.webhooks.map(({ url }) => new URL(url)).map(({ pathname, search }) => pathname + search);
  return [...refs.flatMap((ref) => valueOf(ref, folder, env)), ...paths.filter((hook) => hook.length > PATH_CHARS_MIN), ...exporterHeaders(env)];
}

function valueOf(ref: SecretRef, folder: string, env: Env): string[] {
  try {
    const value = resolveHeaderValue(ref, folder, env);
    // Also without the scheme before it: `Bearer …`.
    return value.includes(' ') ? [value, ...value.split(' ')] : [value];
  } catch (error) {
    if (error instanceof SecretError) return [];
    throw error;
  }
}

/** `name=value,name=value`, percent-encoded. */
function exporterHeaders(env: Env): string[] {
  const given = [env['OTEL_EXPORTER_OTLP_HEADERS'], env['OTEL_EXPORTER_OTLP_TRACES_HEADERS']];
  const values = given.flatMap((headers) => (headers ?? '').split(',').map((pair) => pair.slice(pair.indexOf('=') + 1).trim()));
  return values.flatMap((value) => (value === '' ? [] : [value, decoded(value)]));
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
