/** The composition root: a Config becomes a running gateway. The only place that picks a database. */
import { openAlerts } from './alerts/open-alerts.ts';
import { alertPlanOf } from './alerts/plan.ts';
import type { ApiPlan } from './api/api-plan.ts';
import { openControlPlane, type ControlPlane } from './api/control-plane.ts';
import { addressText, type Config } from './config.ts';
import { openGatewayMetrics, type GatewayMetrics } from './gateway-metrics.ts';
import { createRequestIds } from './ids.ts';
import { openLedger } from './ledger/sqlite.ts';
import type { GivenSocket } from './handover/given-sockets.ts';
import { openListeners, readTls, type Addresses, type GivenSockets } from './listeners.ts';
import type { Log } from './log.ts';
import { createPriceBook } from './metering/price-book.ts';
import { ScanMemory } from './metering/scan-memory.ts';
import { RequestCounters } from './metrics/request-counters.ts';
import { createAdmitter } from './proxy/admit.ts';
import { BodyMemory } from './proxy/body-memory.ts';
import { combineObservers } from './proxy/combine-observers.ts';
import { Deadlines } from './deadlines.ts';
import type { Deps, Settings, UpstreamEntry } from './proxy/deps.ts';
import { DrainSlots } from './proxy/drain-slots.ts';
import { FundsQueue } from './proxy/funds-queue.ts';
import { hostName } from './proxy/host-guard.ts';
import type { Observer } from './proxy/observer.ts';
import { Probes } from './proxy/probe.ts';
import { recover, type RecoveryDeps } from './proxy/recover.ts';
import type { Control } from './proxy/server.ts';
import { openRegistry } from './registry/sqlite.ts';
import { sumUsage } from './sum-usage.ts';
import { createUpstreamPools } from './upstream-pools.ts';

export interface GatewayOptions {
  readonly log: Log;
  /** What the control plane is told of a configuration. Left out, there is none, as when `console.enabled` is false. */
  readonly planOf?: (config: Config, addresses: Addresses) => ApiPlan;
  /** Who else is told of every request that ends. */
  readonly observers?: readonly Observer[];
  /** The program's, for metrics to tell. */
  readonly version?: string;
  /** Listening sockets that were given; any other is opened. */
  readonly sockets?: GivenSockets;
}

export interface Gateway {
  readonly address: Addresses['data'];
  readonly addresses: Addresses;
  /** Puts a new configuration in force for the requests that come; running ones keep what they began with. */
  reload(config: Config): Promise<void>;
  /** The listening sockets, for a successor; null when the runtime does not tell their descriptors. */
  sockets(): readonly GivenSocket[] | null;
  /** Requests that have no whole answer yet. */
  unanswered(): number;
  /** Stops accepting, lets what runs finish, settles, checkpoints and closes. */
  drain(): Promise<void>;
  /**
   * The same when a successor serves already: what comes on connections that are open is still answered, each answer
   * the last of its connection, and none is closed under a client. `drain` cuts it short.
   */
  handOff(): Promise<void>;
  /** Cuts what still runs, settles partial charges; `drain` then resolves. */
  abort(): Promise<void>;
  /** Resolves when the ledger's writer has answered, whatever it said; while it hangs, not at all. */
  answers(): Promise<void>;
  /** Resolves when the ledger has died: the process must stop with a non-zero code. */
  readonly died: Promise<Error>;
}

const RECOVER_EVERY_MS = 5_000;

export async function openGateway(config: Config, { log, planOf, observers = [], version = '0', sockets = new Map() }: GatewayOptions): Promise<Gateway> {
  const opened: (() => unknown)[] = [];
  try {
    const ledger = await openLedger({ file: config.database, log });
    opened.push(() => ledger.close());
    sumUsage(config.database, log);
    const registry = openRegistry(config.database);
    opened.push(() => registry.close());
    let { models } = config;
    const counters = config.metrics.listen && new RequestCounters();
    const observer = combineObservers([...observers, ...(counters ? [counters] : [])], log);
    const recovery: RecoveryDeps = {
      ledger,
      card: (card) => registry.card(card),
      alias: (route) => registry.alias(route),
      book: () => createPriceBook(models),
      log,
      observer,
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
      observer,
      funded: new Set(),
      settings,
    };
    const alerts = openAlerts({ file: config.database, plan: alertPlanOf(config), log });
    opened.push(() => alerts.stop());
    const control = planOf === undefined || !config.console.enabled ? null : new LateControl();
    const listeners = await openListeners(deps, config, { control, given: sockets });
    opened.push(() => listeners.cut().then(() => listeners.drain()));
    const metrics = counters && (await openGatewayMetrics({ config, deps, counters, server: listeners.data, tls: readTls(config), version, fd: sockets.get('metrics')?.fd ?? null }));
    // A service manager's stays its own, as those of the listeners do.
    const metricsSetting = sockets.get('metrics')?.setting === null ? null : config.metrics.listen && addressText(config.metrics.listen);
    if (metrics) opened.push(() => metrics.close());
    const addresses = { ...listeners.addresses, metrics: metrics?.address ?? null };
    // Its plan names the ports, which are known now.
    const controlPlane = control && planOf ? openControlPlane({ plan: planOf(config, addresses), log }) : null;
    if (control) control.plane = controlPlane;
    const stopRecovery = every(RECOVER_EVERY_MS, () => recover(recovery), log);
    const closeRest = once(async () => {
      stopRecovery();
      await pools.close();
      await alerts.stop();
      await controlPlane?.stop();
      await metrics?.close();
      // Readers close before the writer: one that closes last leaves -wal and -shm behind.
      registry.close();
      await ledger.close();
    });
    return {
      address: addresses.data,
      addresses,
      died: ledger.died,
      answers: async () => void (await ledger.writable()),
      async reload(next) {
        const alertPlan = alertPlanOf(next);
        const apiPlan = controlPlane && planOf ? planOf(next, addresses) : null;
        const retell = metrics?.prepare(next);
        deps.settings = settingsOf(next, await pools.open(next));
        retell?.();
        alerts.reload(alertPlan);
        models = next.models;
        deps.drains.max = next.drain.concurrent;
        if (apiPlan) controlPlane?.reload(apiPlan);
      },
      sockets: () => withMetrics(listeners.sockets(), metrics, metricsSetting),
      unanswered: () => listeners.unanswered(),
      async drain() {
        controlPlane?.quiesce();
        await listeners.drain();
        await closeRest();
      },
      async handOff() {
        // The successor's rules are in force: those of before must neither fire nor clear an alert.
        const stopped = alerts.stop();
        controlPlane?.endStreams();
        // Whoever scrapes is to read the successor's figures.
        void metrics?.close();
        await listeners.handOff();
        await stopped;
        await closeRest();
      },
      abort: () => listeners.cut(),
    };
  } catch (error) {
    for (const close of opened.reverse()) await close();
    throw error;
  }
}

function withMetrics(sockets: readonly GivenSocket[] | null, metrics: GatewayMetrics | null, setting: string | null): readonly GivenSocket[] | null {
  if (metrics === null) return sockets;
  const fd = metrics.descriptor();
  if (sockets === null || fd === null) return null;
  return [...sockets, { name: 'metrics', fd, address: metrics.address, setting }];
}

/** Runs it once; whoever asks again waits for the same end. */
function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  return () => (running ??= run());
}

/** The control plane before it is there: a listener may get a request as soon as it listens. */
class LateControl implements Control {
  plane: ControlPlane | null = null;

  handles(target: string): boolean {
    return this.plane?.handles(target) === true;
  }

  handle(...exchange: Parameters<ControlPlane['handle']>): Promise<void> {
    return this.plane?.handle(...exchange) ?? Promise.resolve();
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

/** Loopback names, the listen address, the public name, and what the operator adds. */
function hostsOf(config: Config): ReadonlySet<string> {
  const hosts = ['localhost', '127.0.0.1', '::1', config.listen.host, ...config.allowedHosts];
  for (const own of [config.console.listen, config.metrics.listen]) if (own) hosts.push(own.host);
  for (const url of [config.publicUrl, config.console.publicUrl]) if (url) hosts.push(new URL(url).hostname);
  return new Set(hosts.map(hostName));
}
