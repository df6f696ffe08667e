/** `config.yaml` → Config. Every mistake is reported at once, with line, key and the nearest valid key. */
import type { Allowance } from './config/allowances.ts';
import type { SimulatorFailure } from './config/simulator-failures.ts';
import type { LogLevel } from './errors.ts';
import type { PricedModel } from './metering/price-card.ts';
import type { MicroUsdc } from './money.ts';

export { ALERT_KINDS, type AlertKind } from './config/alert-kinds.ts';
export { ALLOWANCES, type Allowance } from './config/allowances.ts';
export { ConfigProblem } from './config/config-problem.ts';
export { findConfigFile, type ConfigSearch } from './config/find-config-file.ts';
export { loadConfig, type ConfigLoad } from './config/load-config.ts';
export { isLoopback } from './config/scalars.ts';
export { addressText, ruleText, withOption } from './config/settings.ts';
export { resolveHeaderValue, resolveSecret, SecretError, secretPlace } from './config/resolve-secret.ts';

/** Where a secret is, never the secret: `env:NAME`, `file:PATH`, or `credential:NAME`, a file that the service manager hands over. */
export type SecretRef =
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'credential'; readonly name: string };

export interface UpstreamLimits {
  /** DNS, TCP and TLS. Default 10 s. */
  readonly connectTimeoutMs: number;
  /** From dispatch to the response's headers, for a streaming request. Default 120 s. */
  readonly firstByteTimeoutMs: number;
  /** The same for a request that does not stream. Default 15 min. */
  readonly firstByteTimeoutJsonMs: number;
  /** Silence in the body. Default 120 s. */
  readonly idleTimeoutMs: number;
  /** Tries in all, before the first byte goes down. Default 2. */
  readonly attemptsMax: number;
  /** The longest `retry-after` that is waited for. Default 5 s. */
  readonly retryAfterMaxMs: number;
}

export interface AnthropicUpstreamConfig {
  readonly name: string;
  readonly kind: 'anthropic';
  /** Origin plus an optional path prefix, no trailing slash. */
  readonly baseUrl: string;
  readonly credential: SecretRef;
  /** How the credential is sent. Default `x-api-key`. */
  readonly credentialHeader: 'x-api-key' | 'authorization';
  readonly limits: UpstreamLimits;
}

/** The knobs of the simulator; see src/upstreams/simulator/. */
export interface SimulatorKnobs {
  /** Milliseconds before the first byte. */
  readonly delayMs: number;
  /** 0: as fast as the client reads. */
  readonly tokensPerSecond: number;
  /** Output tokens of an answer, unless `max_tokens` is less. */
  readonly outputTokens: number;
  /** Share 0..1 of requests that fail in the way of `failure`. */
  readonly failureShare: number;
  readonly failure: SimulatorFailure;
  /** For `failure: status`. */
  readonly failureStatus: number;
}

export interface SimulatorUpstreamConfig {
  readonly name: string;
  readonly kind: 'simulator';
  readonly knobs: SimulatorKnobs;
  readonly limits: UpstreamLimits;
}

export type UpstreamConfig = AnthropicUpstreamConfig | SimulatorUpstreamConfig;

/** Which buyers a rule looks at, by name or id; null: all of them. */
interface OfBuyers {
  readonly buyers: readonly string[] | null;
}

/** What is watched. `name` is unique and by default the kind. */
export type AlertRule = { readonly name: string } & (
  | ({ readonly when: 'balance_below'; readonly amount: MicroUsdc } & OfBuyers)
  | ({ readonly when: 'empty_within'; readonly hours: number } & OfBuyers)
  /** Micro-USDC per hour. */
  | ({ readonly when: 'spend_above'; readonly amount: MicroUsdc } & OfBuyers)
  /** Of the requests of the last `windowMs`, when there were `least`: the share, 0 to 1, that broke. */
  | { readonly when: 'error_share_above'; readonly share: number; readonly windowMs: number; readonly least: number }
  | ({ readonly when: 'shortfall' } & OfBuyers)
  | { readonly when: 'upstream_down'; readonly forMs: number }
  | ({ readonly when: 'usage_estimated' } & OfBuyers)
);

export interface WebhookConfig {
  readonly name: string;
  /** https, or http where the configuration allows it; with its query. Not printed whole: it may be as good as a credential. */
  readonly url: string;
  /** Signs each call. */
  readonly secret: SecretRef;
}

export interface AlertsConfig {
  readonly rules: readonly AlertRule[];
  readonly webhooks: readonly WebhookConfig[];
}

/** The console, the operator's panel, their HTTP API and the docs. */
export interface ConsoleConfig {
  readonly enabled: boolean;
  /** An address of its own; null: the data plane's. */
  readonly listen: { readonly host: string; readonly port: number } | null;
  /** Where browsers reach it, when that is not what it listens on. */
  readonly publicUrl: string | null;
  /** A session that is not used for so long ends. Default 12 h. */
  readonly sessionIdleMs: number;
  /** A session ends after so long in any case. Default 7 days. */
  readonly sessionMaxMs: number;
  /** How long an invitation's link works. Default 72 h. */
  readonly inviteMs: number;
  /** What buyers read about how to pay. */
  readonly topUpInstructions: string;
}

/** What goes to standard error. */
export interface LogConfig {
  readonly level: LogLevel;
  /** `auto`: words on a terminal, else JSON. */
  readonly format: 'auto' | 'json' | 'text';
  /** A line for each request that ends. */
  readonly requests: boolean;
}

/** Where OpenTelemetry traces go. */
export interface TracingConfig {
  /** OTLP over HTTP; null: nowhere, unless the standard environment variables name a place. */
  readonly endpoint: string | null;
  /** By header name. */
  readonly headers: Readonly<Record<string, SecretRef>>;
  /** Share 0..1 of the requests that do not say by themselves whether they are traced. */
  readonly sample: number;
  /** Null: `OTEL_SERVICE_NAME`, else `ainogap`. */
  readonly serviceName: string | null;
}

/** What Prometheus reads. */
export interface MetricsConfig {
  /** Null: it is off. */
  readonly listen: { readonly host: string; readonly port: number } | null;
  /** What a reader must send as a bearer token; null: nothing. */
  readonly token: SecretRef | null;
}

/** One value of the configuration and where it comes from; without secrets. */
export interface Setting {
  /** As in the file: `console.session_idle`. */
  readonly key: string;
  readonly value: string;
  readonly from: 'file' | 'option' | 'default';
  /** In the file; null when it does not stand there. */
  readonly line: number | null;
  /** A change needs a restart. */
  readonly restart: boolean;
}

export interface Config {
  /** Absolute path of the file it came from; null for the demo. */
  readonly file: string | null;
  readonly listen: { readonly host: string; readonly port: number };
  /** Absolute path. */
  readonly database: string;
  readonly upstreams: ReadonlyMap<string, UpstreamConfig>;
  /** Models beyond the built-in price book. */
  readonly models: readonly PricedModel[];
  readonly allow: ReadonlySet<Allowance>;
  /** When a client leaves: how long, and how many at once, the upstream is drained. Default 5 s, 64. */
  readonly drain: { readonly ms: number; readonly concurrent: number };
  /** How long a request waits for the buyer's own holds to be released. Default 10 s. */
  readonly holdWaitMs: number;
  /** From SIGTERM to cutting what still runs. Default 25 s. */
  readonly shutdownGraceMs: number;
  /** From handing over to a successor to cutting what still runs. Default 15 min. */
  readonly handoverGraceMs: number;
  readonly limits: {
    /** Default 32 MB. */
    readonly requestBodyBytesMax: number;
    /** Request bodies in memory, all together. Default 512 MB; a buyer may have a quarter of it. */
    readonly bodyMemoryBytesMax: number;
    /** JSON responses are held back until settled up to this size. Default 16 MB. */
    readonly responseBufferBytesMax: number;
    readonly connectionsMax: number;
  };
  /** Absolute paths of PEM files. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  readonly publicUrl: string | null;
  readonly trustedProxies: readonly string[];
  /** Host names beyond loopback, the listen address and `publicUrl` that requests may name. */
  readonly allowedHosts: readonly string[];
  /** IANA name for reports. Default UTC. */
  readonly timezone: string;
  readonly alerts: AlertsConfig;
  readonly console: ConsoleConfig;
  readonly log: LogConfig;
  readonly tracing: TracingConfig;
  readonly metrics: MetricsConfig;
  /** What is in force and where each value comes from, in the order of config.example.yaml. */
  readonly settings: readonly Setting[];
}
