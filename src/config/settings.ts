/** What is in force and where each value comes from, for people to look at: no secret, and of webhooks only the origin. */
import type { AlertRule, Config, Setting, UpstreamConfig } from '../config.ts';
import { formatUsdc } from '../money.ts';
import { CLASS_WORDS, TOKEN_CLASSES } from '../tokens.ts';
import type { YamlPath } from './read-yaml.ts';
import { secretPlace } from './resolve-secret.ts';

type Unlisted = Omit<Config, 'settings'>;

interface Entry {
  readonly path: YamlPath;
  /** As it is shown, when that differs from the path. */
  readonly key?: string;
  readonly value: string;
  readonly restart?: boolean;
}

/** @param lineOf the line of what stands in the file; null for what does not. */
export function listSettings(config: Unlisted, lineOf: (path: YamlPath) => number | null): Setting[] {
  const entries = [...networkOf(config), ...[...config.upstreams.values()].flatMap(upstreamOf), ...modelsOf(config), ...limitsOf(config), ...consoleOf(config), ...logOf(config), ...tracingOf(config), ...alertsOf(config), ...metricsOf(config)];
  return entries.map(({ path, key, value, restart = false }) => {
    const line = lineOf(path);
    return { key: key ?? path.join('.'), value, from: line === null ? 'default' : 'file', line, restart };
  });
}

/** With values that the command line set instead. */
export function withOption(settings: readonly Setting[], key: string, value: string): readonly Setting[] {
  return settings.map((setting) => (setting.key === key ? { ...setting, value, from: 'option', line: null } : setting));
}

export const addressText = ({ host, port }: Config['listen']): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;

function networkOf({ listen, database, tls, publicUrl, trustedProxies, allowedHosts, timezone }: Unlisted): Entry[] {
  return [
    { path: ['listen'], value: addressText(listen), restart: true },
    { path: ['database'], value: database, restart: true },
    { path: ['tls'], value: tls === null ? 'none' : `${tls.cert}, ${tls.key}`, restart: true },
    { path: ['public_url'], value: publicUrl ?? 'none' },
    { path: ['trusted_proxies'], value: listText(trustedProxies) },
    { path: ['allowed_hosts'], value: listText(allowedHosts) },
    { path: ['timezone'], value: timezone },
  ];
}

function upstreamOf(upstream: UpstreamConfig): Entry[] {
  const { name, kind, limits } = upstream;
  const at = (key: string, value: string): Entry => ({ path: ['upstreams', name, key], value });
  const own =
    upstream.kind === 'anthropic'
      ? [at('base_url', upstream.baseUrl), at('credential', secretPlace(upstream.credential)), at('credential_header', upstream.credentialHeader)]
      : [
          at('delay', timeText(upstream.knobs.delayMs)),
          at('tokens_per_second', String(upstream.knobs.tokensPerSecond)),
          at('output_tokens', String(upstream.knobs.outputTokens)),
          at('failure', upstream.knobs.failure),
          at('failure_share', String(upstream.knobs.failureShare)),
          at('failure_status', String(upstream.knobs.failureStatus)),
        ];
  return [
    at('kind', kind),
    ...own,
    at('connect_timeout', timeText(limits.connectTimeoutMs)),
    at('first_byte_timeout', timeText(limits.firstByteTimeoutMs)),
    at('first_byte_timeout_json', timeText(limits.firstByteTimeoutJsonMs)),
    at('idle_timeout', timeText(limits.idleTimeoutMs)),
    at('attempts', String(limits.attemptsMax)),
    at('retry_after_max', timeText(limits.retryAfterMaxMs)),
  ];
}

function modelsOf({ models }: Unlisted): Entry[] {
  return models.map((model, index) => ({
    path: ['models', index],
    key: `models.${model.id}`,
    value: `USD per million: ${TOKEN_CLASSES.map((name) => `${CLASS_WORDS[name]} ${formatUsdc(model.prices[name])}`).join(', ')}`,
  }));
}

function limitsOf({ allow, drain, holdWaitMs, shutdownGraceMs, handoverGraceMs, limits }: Unlisted): Entry[] {
  return [
    { path: ['allow'], value: listText([...allow]) },
    { path: ['disconnect', 'drain', 'seconds'], value: timeText(drain.ms) },
    { path: ['disconnect', 'drain', 'concurrent'], value: String(drain.concurrent) },
    { path: ['hold_wait'], value: timeText(holdWaitMs) },
    { path: ['shutdown_grace'], value: timeText(shutdownGraceMs) },
    { path: ['handover_grace'], value: timeText(handoverGraceMs) },
    { path: ['limits', 'request_body'], value: sizeText(limits.requestBodyBytesMax) },
    { path: ['limits', 'body_memory'], value: sizeText(limits.bodyMemoryBytesMax), restart: true },
    { path: ['limits', 'response_buffer'], value: sizeText(limits.responseBufferBytesMax) },
    { path: ['limits', 'connections'], value: String(limits.connectionsMax), restart: true },
  ];
}

function consoleOf({ console }: Unlisted): Entry[] {
  const at = (key: string, value: string, restart = false): Entry => ({ path: ['console', key], value, restart });
  return [
    at('enabled', String(console.enabled), true),
    at('listen', console.listen === null ? 'the same as listen' : addressText(console.listen), true),
    at('public_url', console.publicUrl ?? 'none'),
    at('session_idle', timeText(console.sessionIdleMs)),
    at('session_max', timeText(console.sessionMaxMs)),
    at('invite_expires', timeText(console.inviteMs)),
    at('top_up_instructions', console.topUpInstructions === '' ? 'none' : console.topUpInstructions),
  ];
}

const logOf = ({ log }: Unlisted): Entry[] => [
  { path: ['log', 'level'], value: log.level },
  { path: ['log', 'format'], value: log.format },
  { path: ['log', 'requests'], value: String(log.requests) },
];

function tracingOf({ tracing }: Unlisted): Entry[] {
  const headers = Object.entries(tracing.headers).map(([name, ref]) => `${name} from ${secretPlace(ref)}`);
  return [
    { path: ['tracing', 'endpoint'], value: tracing.endpoint ?? 'none, or what OTEL_EXPORTER_OTLP_ENDPOINT says' },
    { path: ['tracing', 'headers'], value: listText(headers) },
    { path: ['tracing', 'sample'], value: String(tracing.sample) },
    { path: ['tracing', 'service_name'], value: tracing.serviceName ?? 'ainogap, or what OTEL_SERVICE_NAME says' },
  ];
}

function alertsOf({ alerts }: Unlisted): Entry[] {
  return [
    ...alerts.rules.map((rule, index) => ({ path: ['alerts', 'rules', index], key: `alerts.rules.${rule.name}`, value: ruleText(rule) })),
    ...alerts.webhooks.map((hook, index) => ({
      path: ['alerts', 'webhooks', index],
      key: `alerts.webhooks.${hook.name}`,
      value: `${new URL(hook.url).origin}, signed with ${secretPlace(hook.secret)}`,
    })),
  ];
}

function metricsOf({ metrics: { listen, token } }: Unlisted): Entry[] {
  return [
    { path: ['metrics', 'listen'], value: listen === null ? 'off' : addressText(listen), restart: true },
    { path: ['metrics', 'token'], value: token === null ? 'none' : secretPlace(token) },
  ];
}

/** A rule in a few words: `balance_below 10.000000 of acme`. */
export function ruleText(rule: AlertRule): string {
  const buyers = 'buyers' in rule && rule.buyers !== null ? ` of ${rule.buyers.join(', ')}` : '';
  switch (rule.when) {
    case 'balance_below':
    case 'spend_above':
      return `${rule.when} ${formatUsdc(rule.amount)} USDC${rule.when === 'spend_above' ? ' an hour' : ''}${buyers}`;
    case 'empty_within':
      return `${rule.when} ${rule.hours} h${buyers}`;
    case 'error_share_above':
      return `${rule.when} ${rule.share} of at least ${rule.least} requests in ${timeText(rule.windowMs)}`;
    case 'upstream_down':
      return `${rule.when} for ${timeText(rule.forMs)}`;
    default:
      return `${rule.when}${buyers}`;
  }
}

const listText = (items: readonly string[]): string => (items.length === 0 ? 'none' : items.join(', '));

const UNITS = [['h', 3_600_000], ['m', 60_000], ['s', 1_000]] as const;
function timeText(ms: number): string {
  const unit = ms === 0 ? undefined : UNITS.find(([, size]) => ms % size === 0);
  return unit ? `${ms / unit[1]}${unit[0]}` : `${ms}ms`;
}

const SIZES = [['GB', 1024 ** 3], ['MB', 1024 ** 2], ['KB', 1024]] as const;
function sizeText(bytes: number): string {
  const unit = bytes === 0 ? undefined : SIZES.find(([, size]) => bytes % size === 0);
  return unit ? `${bytes / unit[1]}${unit[0]}` : `${bytes}B`;
}
