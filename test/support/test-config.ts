/** The configuration of the gateway under test: short limits, and upstreams that fail in their ways. */
import * as path from 'node:path';
import type { Config, UpstreamConfig, UpstreamLimits } from '../../src/config.ts';

export interface TestGatewayOptions {
  readonly config?: Partial<Config>;
  readonly limits?: Partial<Config['limits']>;
  readonly upstreamLimits?: Partial<UpstreamLimits>;
}

const PATIENT: UpstreamLimits = {
  connectTimeoutMs: 5_000,
  firstByteTimeoutMs: 30_000,
  firstByteTimeoutJsonMs: 30_000,
  idleTimeoutMs: 30_000,
  attemptsMax: 2,
  retryAfterMaxMs: 1_500,
};
const HASTY: UpstreamLimits = { ...PATIENT, firstByteTimeoutMs: 200, firstByteTimeoutJsonMs: 200, idleTimeoutMs: 200 };

/** The configuration with one upstream's base URL changed. */
export function withBaseUrl(config: Config, name: string, baseUrl: string): Config {
  const upstream = config.upstreams.get(name);
  if (upstream?.kind !== 'anthropic') throw new Error(`there is no upstream ${name}`);
  return { ...config, upstreams: new Map([...config.upstreams, [name, { ...upstream, baseUrl }]]) };
}

/** The credential is read from the file `credential` beside the database. */
export function testConfig({ database, origin, options = {} }: { database: string; origin: string; options?: TestGatewayOptions }): Config {
  const upstreamOf = (name: string, baseUrl: string, limits: UpstreamLimits): [string, UpstreamConfig] => [
    name,
    {
      name,
      kind: 'anthropic',
      baseUrl,
      credential: { kind: 'file', path: path.join(path.dirname(database), 'credential') },
      credentialHeader: 'x-api-key',
      limits: { ...limits, ...options.upstreamLimits },
    },
  ];
  return {
    file: null,
    listen: { host: '127.0.0.1', port: 0 },
    database,
    // Port 1 is reserved and refuses connections.
    upstreams: new Map([upstreamOf('main', origin, PATIENT), upstreamOf('hasty', origin, HASTY), upstreamOf('gone', 'http://127.0.0.1:1', PATIENT)]),
    models: [],
    allow: new Set(),
    drain: { ms: 3_000, concurrent: 64 },
    holdWaitMs: 10_000,
    shutdownGraceMs: 1_000,
    handoverGraceMs: 60_000,
    tls: null,
    publicUrl: null,
    trustedProxies: [],
    allowedHosts: [],
    timezone: 'UTC',
    alerts: { rules: [], webhooks: [] },
    console: { enabled: true, listen: null, publicUrl: null, sessionIdleMs: 12 * 3_600_000, sessionMaxMs: 7 * 24 * 3_600_000, inviteMs: 72 * 3_600_000, topUpInstructions: '' },
    log: { level: 'info', format: 'auto', requests: true },
    tracing: { endpoint: null, headers: {}, sample: 1, serviceName: null },
    metrics: { listen: null, token: null },
    settings: [],
    ...options.config,
    limits: {
      requestBodyBytesMax: 32 * 1024 * 1024,
      bodyMemoryBytesMax: 512 * 1024 * 1024,
      responseBufferBytesMax: 16 * 1024 * 1024,
      connectionsMax: 10_000,
      ...options.limits,
    },
  };
}
