/** The upstreams of a configuration, opened. A reload keeps those that did not change, with their connections. */
import { dirname } from 'node:path';
import { resolveSecret, type Config, type UpstreamConfig } from './config.ts';
import type { UpstreamEntry } from './proxy/deps.ts';
import { openAnthropicUpstream } from './upstreams/anthropic.ts';
import { openSimulator } from './upstreams/simulator/server.ts';
import type { Upstream } from './upstreams/upstream.ts';

/** A request that was admitted under the old configuration may still be on its way to its upstream. */
const RETIRE_AFTER_MS = 60_000;

export interface UpstreamPools {
  /** Throws `SecretError`, and changes nothing, when a credential is not where the configuration says. */
  open(config: Config): Promise<ReadonlyMap<string, UpstreamEntry>>;
  /** Cuts what runs. */
  close(): Promise<void>;
}

interface Pool {
  /** Equal for configurations that can share connections. Held in memory only, for it contains the credential. */
  readonly identity: string;
  readonly upstream: Upstream;
}

export function createUpstreamPools(): UpstreamPools {
  let pools = new Map<string, Pool>();
  const retiring = new Set<Upstream>();

  function retire(upstream: Upstream): void {
    retiring.add(upstream);
    setTimeout(() => void upstream.close({ whenIdle: true }).finally(() => retiring.delete(upstream)), RETIRE_AFTER_MS).unref();
  }

  return {
    async open(config) {
      const wanted = [...config.upstreams.values()].map((upstream) => ({ upstream, credential: credentialOf(config, upstream) }));
      const next = new Map<string, Pool>();
      for (const { upstream, credential } of wanted) {
        const identity = JSON.stringify([{ ...upstream, limits: upstream.limits.connectTimeoutMs }, credential]);
        const kept = pools.get(upstream.name);
        next.set(upstream.name, kept?.identity === identity ? kept : { identity, upstream: await openUpstream(upstream, credential) });
      }
      for (const [name, pool] of pools) if (next.get(name) !== pool) retire(pool.upstream);
      pools = next;
      return new Map(wanted.map(({ upstream: { name, limits } }) => [name, { limits, upstream: (next.get(name) as Pool).upstream }]));
    },
    async close() {
      for (const upstream of [...retiring, ...[...pools.values()].map((pool) => pool.upstream)]) await upstream.close();
    },
  };
}

function credentialOf(config: Config, upstream: UpstreamConfig): string {
  if (upstream.kind === 'simulator') return '';
  return resolveSecret(upstream.credential, config.file === null ? process.cwd() : dirname(config.file));
}

async function openUpstream(upstream: UpstreamConfig, credential: string): Promise<Upstream> {
  const { name, kind } = upstream;
  const { connectTimeoutMs } = upstream.limits;
  if (upstream.kind === 'anthropic') {
    const { baseUrl, credentialHeader } = upstream;
    return openAnthropicUpstream({ name, kind, baseUrl, credential, credentialHeader, connectTimeoutMs });
  }
  const simulator = await openSimulator(upstream.knobs);
  const inner = openAnthropicUpstream({
    name,
    kind,
    baseUrl: simulator.origin,
    credential: simulator.credential,
    credentialHeader: 'x-api-key',
    connectTimeoutMs,
  });
  return {
    ...inner,
    async close(how) {
      await inner.close(how);
      await simulator.close();
    },
  };
}
