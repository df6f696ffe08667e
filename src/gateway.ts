/** The composition root: a Config becomes a running gateway. The only place that picks a database. */
import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { resolveSecret, type Config, type UpstreamConfig } from './config.ts';
import { createRequestIds } from './ids.ts';
import { openLedger } from './ledger/sqlite.ts';
import type { Log } from './log.ts';
import { createAdmitter } from './proxy/admit.ts';
import { BodyMemory } from './proxy/body-memory.ts';
import type { Deps, Settings, UpstreamEntry } from './proxy/deps.ts';
import { DrainSlots } from './proxy/drain-slots.ts';
import { FundsQueue } from './proxy/funds-queue.ts';
import { Probes } from './proxy/probe.ts';
import { recover } from './proxy/recover.ts';
import { openProxyServer } from './proxy/server.ts';
import { openRegistry } from './registry/sqlite.ts';
import { openAnthropicUpstream } from './upstreams/anthropic.ts';
import type { Upstream } from './upstreams/upstream.ts';
import { openSimulator } from './upstreams/simulator/server.ts';

export interface Gateway {
  readonly address: { readonly host: string; readonly port: number };
  /** Puts a new configuration in force for the requests that come; running ones keep what they began with. */
  reload(config: Config): Promise<void>;
  /** Stops accepting, lets what runs finish, settles, checkpoints and closes. */
  drain(): Promise<void>;
  /** Cuts what still runs, settles partial charges; `drain` then resolves. */
  abort(): Promise<void>;
  /** Resolves when the ledger has died: the process must stop with a non-zero code. */
  readonly died: Promise<Error>;
}

const RECOVER_EVERY_MS = 5_000;

export async function openGateway(config: Config, options: { log: Log }): Promise<Gateway> {
  const { log } = options;
  const opened: (() => unknown)[] = [];
  try {
    const ledger = await openLedger({ file: config.database, log });
    opened.push(() => ledger.close());
    const registry = openRegistry(config.database);
    opened.push(() => registry.close());
    const recovery = { ledger, card: (version: Parameters<typeof registry.card>[0]) => registry.card(version), log };
    await recover(recovery);
    let settings = await openSettings(config);
    opened.push(() => closeUpstreams(settings));
    const deps: Deps = {
      ledger,
      admitter: createAdmitter(registry),
      memory: new BodyMemory(config.limits.bodyMemoryBytesMax),
      funds: new FundsQueue(),
      drains: new DrainSlots(config.drain.concurrent),
      probes: new Probes(),
      newRequestId: createRequestIds(ledger.instance),
      log,
      funded: new Set(),
      settings,
    };
    const server = await openProxyServer(deps, { ...config.listen, tls: readTls(config), connectionsMax: config.limits.connectionsMax });
    const stopRecovery = every(RECOVER_EVERY_MS, () => recover(recovery), log);
    return {
      address: server.address,
      died: ledger.died,
      async reload(next) {
        const before = settings;
        settings = await openSettings(next);
        deps.settings = settings;
        deps.drains.max = next.drain.concurrent;
        // Running requests still use the old pools; they close when their last request has ended.
        void closeUpstreams(before, true);
      },
      async drain() {
        await server.drain();
        stopRecovery();
        await closeUpstreams(settings);
        // Readers close before the writer: one that closes last leaves -wal and -shm behind.
        registry.close();
        await ledger.close();
      },
      abort: () => server.cut(),
    };
  } catch (error) {
    for (const close of opened.reverse()) await close();
    throw error;
  }
}

/** Runs again that long after the last run has ended; a failure is told and does not end the row. */
function every(ms: number, run: () => Promise<unknown>, log: Log): () => void {
  let timer: NodeJS.Timeout;
  let stopped = false;
  const again = (): void => {
    timer = setTimeout(() => {
      run()
        .catch((error: unknown) => log.error('recovery_failed', { message: String(error) }))
        .finally(() => {
          if (!stopped) again();
        });
    }, ms);
    timer.unref();
  };
  again();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

async function openSettings(config: Config): Promise<Settings> {
  const upstreams = new Map<string, UpstreamEntry>();
  for (const [name, upstream] of config.upstreams) upstreams.set(name, await openUpstream(config, upstream));
  return {
    upstreams,
    allow: config.allow,
    holdWaitMs: config.holdWaitMs,
    drainMs: config.drain.ms,
    requestBodyBytesMax: config.limits.requestBodyBytesMax,
    responseBufferBytesMax: config.limits.responseBufferBytesMax,
    hosts: hostsOf(config),
  };
}

async function openUpstream(config: Config, upstream: UpstreamConfig): Promise<UpstreamEntry> {
  const { name, kind, limits } = upstream;
  if (upstream.kind === 'anthropic') {
    const { baseUrl, credentialHeader } = upstream;
    const credential = resolveSecret(upstream.credential, config.file === null ? process.cwd() : dirname(config.file));
    return { limits, upstream: openAnthropicUpstream({ name, kind, baseUrl, credential, credentialHeader, connectTimeoutMs: limits.connectTimeoutMs }) };
  }
  const simulator = await openSimulator(upstream.knobs);
  const inner = openAnthropicUpstream({
    name,
    kind,
    baseUrl: simulator.origin,
    credential: simulator.credential,
    credentialHeader: 'x-api-key',
    connectTimeoutMs: limits.connectTimeoutMs,
  });
  const close: Upstream['close'] = async (how) => {
    await inner.close(how);
    await simulator.close();
  };
  return { limits, upstream: { ...inner, close } };
}

async function closeUpstreams(settings: Settings, whenIdle = false): Promise<void> {
  for (const { upstream } of settings.upstreams.values()) await upstream.close({ whenIdle });
}

function readTls(config: Config): { cert: Buffer; key: Buffer } | null {
  return config.tls && { cert: fs.readFileSync(config.tls.cert), key: fs.readFileSync(config.tls.key) };
}

/** Loopback names, the listen address, the public name, and what the operator adds; every name behind a trusted proxy. */
function hostsOf(config: Config): ReadonlySet<string> {
  const hosts = new Set(['localhost', '127.0.0.1', '[::1]', config.listen.host.toLowerCase()]);
  if (config.publicUrl) hosts.add(new URL(config.publicUrl).hostname.toLowerCase());
  for (const host of config.allowedHosts) hosts.add(host.toLowerCase());
  return hosts;
}
