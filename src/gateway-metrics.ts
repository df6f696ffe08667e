/** The gateway's metrics: their listener, and what they are told of its parts. */
import * as path from 'node:path';
import { isLoopback, resolveSecret, type Config } from './config.ts';
import type { GatewayFigures } from './metrics/gateway-families.ts';
import { openMetrics } from './metrics/open-metrics.ts';
import type { RequestCounters } from './metrics/request-counters.ts';
import type { Deps } from './proxy/deps.ts';
import { HostGuard } from './proxy/host-guard.ts';
import type { ProxyServer, ServerOptions } from './proxy/server.ts';

export interface GatewayMetrics {
  readonly address: { readonly host: string; readonly port: number };
  /** Of the listening socket, for a successor; null when the runtime does not tell it. */
  descriptor(): number | null;
  /** Throws `SecretError`, and changes nothing, when the token is not where the configuration says; what it gives back puts it in force. */
  prepare(config: Config): () => void;
  /** Resolves when nothing of it is open any more. */
  close(): Promise<void>;
}

export interface OpenGatewayMetricsOptions {
  readonly config: Config;
  readonly deps: Deps;
  readonly counters: RequestCounters;
  /** The data plane's. */
  readonly server: ProxyServer;
  readonly tls: ServerOptions['tls'];
  readonly version: string;
  /** A listening socket that was given; null: one is opened. */
  readonly fd: number | null;
}

/** Null when the configuration has no address for them. Throws `SecretError`; rejects when it cannot listen. */
export async function openGatewayMetrics(options: OpenGatewayMetricsOptions): Promise<GatewayMetrics | null> {
  const { config, deps, counters, server, tls, version, fd } = options;
  const { listen } = config.metrics;
  if (listen === null) return null;
  const guard = new HostGuard(deps.log);
  let inForce = { token: tokenOf(config), rules: ruleNames(config) };
  const figures = async (): Promise<GatewayFigures> => ({
    server: await server.figures(),
    connectionsMax: config.limits.connectionsMax,
    ledger: deps.ledger.figures(),
    bodyBytes: deps.memory.bytes,
    bodyBytesMax: config.limits.bodyMemoryBytesMax,
    waiting: deps.funds.waiting,
    drains: { ...deps.drains.figures, max: deps.drains.max },
    rules: inForce.rules,
  });
  const metrics = await openMetrics({
    ...listen,
    fd,
    // Whoever is on this machine gains nothing by a certificate that is made for another name.
    tls: isLoopback(listen.host) ? null : tls,
    allows: (host) => guard.allows(host, deps.settings.hosts),
    token: () => inForce.token,
    database: config.database,
    version,
    counters,
    figures,
    log: deps.log,
  });
  return {
    address: metrics.address,
    descriptor: () => metrics.descriptor(),
    prepare(next) {
      const prepared = { token: tokenOf(next), rules: ruleNames(next) };
      return () => void (inForce = prepared);
    },
    close: () => metrics.close(),
  };
}

const ruleNames = ({ alerts }: Config): string[] => alerts.rules.map(({ name }) => name);

function tokenOf({ metrics: { token }, file }: Config): string | null {
  return token && resolveSecret(token, file === null ? process.cwd() : path.dirname(file));
}
