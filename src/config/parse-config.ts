/** The text of a configuration file → Config, or every mistake in it, each with its line. */
import * as path from 'node:path';
import type { Config, SecretRef, TracingConfig, UpstreamConfig, UpstreamLimits } from '../config.ts';
import type { PricedModel } from '../metering/price-card.ts';
import { didYouMean } from '../nearest.ts';
import { ConfigProblem } from './config-problem.ts';
import { check } from './check.ts';
import { readAlerts } from './read-alerts.ts';
import { asMap, CREDENTIAL_IN_FILE, crossChecks, type Mistake } from './cross-checks.ts';
import { readYaml, type YamlPath, type YamlTree, type YamlValue } from './read-yaml.ts';
import { fileSchema, UPSTREAM_KINDS, upstreamSchemas, type AnthropicValues, type FileValues, type ModelValues, type SimulatorValues } from './schema.ts';
import { isKnownKeyShape, shown } from './secret-shape.ts';
import { listSettings } from './settings.ts';

export type ConfigParse = { readonly ok: true; readonly config: Config } | { readonly ok: false; readonly problems: ConfigProblem[] };

/** `file` is absolute: relative paths in the text are relative to its folder. */
export function parseConfig(source: string, file: string): ConfigParse {
  const tree = readYaml(source);
  const root = asMap(tree.value);
  if (tree.mistakes.length > 0 && !root) return { ok: false, problems: problemsOf(tree, file, []) };
  if (!root) return { ok: false, problems: [problem(file, null, [], 'must be a group of keys such as listen, database and upstreams')] };
  const mistakes: Mistake[] = [];
  const upstreams = readUpstreams(root.upstreams, mistakes);
  const alerts = readAlerts(root.alerts, { mistakes, folder: path.dirname(file) });
  const values = check(fileSchema, root, [], mistakes);
  mistakes.push(...crossChecks(root));
  const problems = problemsOf(tree, file, mistakes);
  if (problems.length > 0 || !values) return { ok: false, problems };
  const config = { ...toConfig(values, upstreams, file), alerts };
  return { ok: true, config: { ...config, settings: listSettings(config, lineIn(tree)) } };
}

type UpstreamValues =
  | { readonly name: string; readonly kind: 'anthropic'; readonly values: AnthropicValues }
  | { readonly name: string; readonly kind: 'simulator'; readonly values: SimulatorValues };

function readUpstreams(value: YamlValue | undefined, mistakes: Mistake[]): UpstreamValues[] {
  return Object.entries(asMap(value) ?? {}).flatMap(([name, upstream]): UpstreamValues[] => {
    const at = ['upstreams', name];
    const map = asMap(upstream);
    if (!map) {
      mistakes.push({ path: at, message: 'must be a group of keys such as kind, base_url and credential' });
      return [];
    }
    if (map.kind === 'anthropic') {
      const values = check(upstreamSchemas.anthropic, map, at, mistakes);
      return values ? [{ name, kind: 'anthropic', values }] : [];
    }
    if (map.kind === 'simulator') {
      const values = check(upstreamSchemas.simulator, map, at, mistakes);
      return values ? [{ name, kind: 'simulator', values }] : [];
    }
    mistakes.push({ path: [...at, 'kind'], message: kindMessage(map.kind) });
    return [];
  });
}

function kindMessage(kind: YamlValue | undefined): string {
  const known = UPSTREAM_KINDS.join(', ');
  if (kind === undefined || kind === null) return `is missing; kinds are ${known}`;
  return typeof kind === 'string' ? `unknown kind ${shown(kind)}; kinds are ${known}.${didYouMean(kind, UPSTREAM_KINDS)}` : `must be one of ${known}`;
}

/** In the order of the file; one problem a key and message. */
function problemsOf(tree: YamlTree, file: string, mistakes: readonly Mistake[]): ConfigProblem[] {
  const found = [...tree.mistakes, ...mistakes.map((mistake) => ({ ...mistake, line: tree.lineOf(mistake.path) }))];
  const exposed = new Set(found.filter((mistake) => mistake.message === CREDENTIAL_IN_FILE).map((mistake) => mistake.path.join('.')));
  const unique = new Map<string, ConfigProblem>();
  for (const mistake of found.toSorted((a, b) => a.line - b.line)) {
    const key = mistake.path.join('.');
    // What holds a credential is said once, not again as an unknown key or a wrong value.
    const message = exposed.has(key) ? CREDENTIAL_IN_FILE : mistake.message;
    const id = `${key}:${message}`;
    if (!unique.has(id)) unique.set(id, problem(file, mistake.line, mistake.path, message));
  }
  return [...unique.values()];
}

function problem(file: string, line: number | null, at: YamlPath, message: string): ConfigProblem {
  return new ConfigProblem({ file: path.basename(file), line, key: at.map(keyShown).join('.') }, message);
}

/** Someone may have put the credential where the key belongs. */
function keyShown(part: string | number): string {
  return typeof part === 'string' && isKnownKeyShape(part) ? '(not shown)' : String(part);
}

/** The line of what stands in the file; null for what does not. */
function lineIn(tree: YamlTree): (path: YamlPath) => number | null {
  const at = (value: YamlValue | undefined, part: string | number): YamlValue | undefined => (Array.isArray(value) ? value[Number(part)] : asMap(value)?.[part]);
  return (path) => {
    const value = path.reduce<YamlValue | undefined>(at, tree.value);
    return value === undefined ? null : tree.lineOf(path);
  };
}

function toConfig(values: FileValues, upstreams: readonly UpstreamValues[], file: string): Omit<Config, 'alerts' | 'settings'> {
  const folder = path.dirname(file);
  const { tls, limits } = values;
  return {
    file,
    listen: values.listen,
    database: path.resolve(folder, values.database),
    upstreams: new Map(upstreams.map((upstream) => [upstream.name, toUpstream(upstream, folder)])),
    models: values.models.map(toModel),
    allow: new Set(values.allow),
    drain: { ms: values.disconnect.drain.seconds, concurrent: values.disconnect.drain.concurrent },
    holdWaitMs: values.hold_wait,
    shutdownGraceMs: values.shutdown_grace,
    handoverGraceMs: values.handover_grace,
    limits: {
      requestBodyBytesMax: limits.request_body,
      bodyMemoryBytesMax: limits.body_memory,
      responseBufferBytesMax: limits.response_buffer,
      connectionsMax: limits.connections,
    },
    tls: tls && { cert: path.resolve(folder, tls.cert), key: path.resolve(folder, tls.key) },
    publicUrl: values.public_url,
    trustedProxies: values.trusted_proxies,
    allowedHosts: values.allowed_hosts,
    timezone: values.timezone,
    console: {
      enabled: values.console.enabled,
      listen: values.console.listen,
      publicUrl: values.console.public_url,
      sessionIdleMs: values.console.session_idle,
      sessionMaxMs: values.console.session_max,
      inviteMs: values.console.invite_expires,
      topUpInstructions: values.console.top_up_instructions,
    },
    log: values.log,
    tracing: toTracing(values.tracing, folder),
    metrics: { listen: values.metrics.listen, token: values.metrics.token && absolute(values.metrics.token, folder) },
  };
}

function toTracing({ endpoint, headers, sample, service_name: serviceName }: FileValues['tracing'], folder: string): TracingConfig {
  return { endpoint, headers: Object.fromEntries(Object.entries(headers).map(([name, ref]) => [name.toLowerCase(), absolute(ref, folder)])), sample, serviceName };
}

function toUpstream(upstream: UpstreamValues, folder: string): UpstreamConfig {
  const { name, values } = upstream;
  const limits: UpstreamLimits = {
    connectTimeoutMs: values.connect_timeout,
    firstByteTimeoutMs: values.first_byte_timeout,
    firstByteTimeoutJsonMs: values.first_byte_timeout_json,
    idleTimeoutMs: values.idle_timeout,
    attemptsMax: values.attempts,
    retryAfterMaxMs: values.retry_after_max,
  };
  if (upstream.kind === 'anthropic') {
    const { base_url: baseUrl, credential, credential_header: credentialHeader } = upstream.values;
    return { name, kind: 'anthropic', baseUrl, credential: absolute(credential, folder), credentialHeader, limits };
  }
  const knobs = upstream.values;
  return {
    name,
    kind: 'simulator',
    knobs: {
      delayMs: knobs.delay,
      tokensPerSecond: knobs.tokens_per_second,
      outputTokens: knobs.output_tokens,
      failureShare: knobs.failure_share,
      failure: knobs.failure,
      failureStatus: knobs.failure_status,
    },
    limits,
  };
}

function absolute(ref: SecretRef, folder: string): SecretRef {
  return ref.kind === 'file' ? { kind: 'file', path: path.resolve(folder, ref.path) } : ref;
}

function toModel(model: ModelValues): PricedModel {
  const { prices } = model;
  return {
    id: model.id,
    aliases: model.aliases,
    prices: {
      input: prices.input,
      output: prices.output,
      cacheWrite5m: prices.cache_write_5m,
      cacheWrite1h: prices.cache_write_1h,
      cacheRead: prices.cache_read,
    },
    contextWindow: model.context_window,
    maxOutput: model.max_output,
    geoPremium: model.geo_premium,
  };
}
