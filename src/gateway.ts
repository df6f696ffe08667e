/** The composition root: a Config becomes a running gateway. The only place that picks a database. */
import * as fs from 'node:fs';
import { openAlerts } from './alerts/open-alerts.ts';
import { alertPlanOf } from './alerts/plan.ts';
import type { Config } from './config.ts';
import { createRequestIds } from './ids.ts';
import { openLedger } from './ledger/sqlite.ts';
import type { Log } from './log.ts';
import { createPriceBook } from './metering/price-book.ts';
import { ScanMemory } from './metering/scan-memory.ts';
import { createAdmitter } from './proxy/admit.ts';
import { BodyMemory } from './proxy/body-memory.ts';
import { Deadlines } from './deadlines.ts';
import type { Deps, Settings, UpstreamEntry } from './proxy/deps.ts';
import { DrainSlots } from './proxy/drain-slots.ts';
import { FundsQueue } from './proxy/funds-queue.ts';
import { hostName } from './proxy/host-guard.ts';
import { Probes } from './proxy/probe.ts';
import { recover } from './proxy/recover.ts';
import { openProxyServer } from './proxy/server.ts';
import { openRegistry } from './registry/sqlite.ts';
import { sumUsage } from './sum-usage.ts';
import { createUpstreamPools } from './upstream-pools.ts';

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
    sumUsage(config.database, log);
    const registry = openRegistry(config.database);
    opened.push(() => registry.close());
    let models = config.models;
    const recovery = {
      ledger,
      card: (version: Parameters<typeof registry.card>[0]) => registry.card(version),
      book: () => createPriceBook(models),
      log,
    };
    await recover(recovery);
    const pools = createUpstreamPools();
    opened.push(() => pools.close());
    const settings = settingsOf(config, await pools.open(config));
    const deps: Deps = {
      ledger,
      admitter: createAdmitter(registry),
      memory: new BodyMemory(config.limits.bodyMemoryBytesMax),
      deadlines: new Deadlines(),
      funds: new FundsQueue(),
      drains: new DrainSlots(config.drain.concurrent),
      probes: new Probes(),
      scanMemory: new ScanMemory(),
      newRequestId: createRequestIds(ledger.instance),
      log,
      funded: new Set(),
      settings,
    };
    const alerts = openAlerts({ file: config.database, plan: alertPlanOf(config), log });
    opened.push(() => alerts.stop());
    const server = await openProxyServer(deps, { ...config.listen, tls: readTls(config), connectionsMax: config.limits.connectionsMax });
    const stopRecovery = every(RECOVER_EVERY_MS, () => recover(recovery), log);
    return {
      address: server.address,
      died: ledger.died,
      async reload(next) {
        const alertPlan = alertPlanOf(next);
        deps.settings = settingsOf(next, await pools.open(next));
        alerts.reload(alertPlan);
        models = next.models;
        deps.drains.max = next.drain.concurrent;
      },
      async drain() {
        await server.drain();
        stopRecovery();
        await pools.close();
        await alerts.stop();
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

function settingsOf(config: Config, upstreams: ReadonlyMap<string, UpstreamEntry>): Settings {
  return {
    upstreams,
    allow: config.allow,
    holdWaitMs: config.holdWaitMs,
    drainMs: config.drain.ms,
    requestBodyBytesMax: config.limits.requestBodyBytesMax,
    responseBufferBytesMax: config.limits.responseBufferBytesMax,
    priceBook: createPriceBook(config.models),
    hosts: hostsOf(config),
  };
}

function readTls(config: Config): { cert: Buffer; key: Buffer } | null {
  return config.tls && { cert: fs.readFileSync(config.tls.cert), key: fs.readFileSync(config.tls.key) };
}

/** Loopback names, the listen address, the public name, and what the operator adds. */
function hostsOf(config: Config): ReadonlySet<string> {
  const hosts = ['localhost', '127.0.0.1', '::1', config.listen.host, ...config.allowedHosts];
  if (config.publicUrl) hosts.push(new URL(config.publicUrl).hostname);
  return new Set(hosts.map(hostName));
}
