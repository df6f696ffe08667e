/** Metrics beside a serving gateway: gathers every family when somebody reads, and serves the text. */
import type { Log } from '../log.ts';
import { openDatabaseReader } from './database-families.ts';
import { watchEventLoop } from './event-loop.ts';
import { exposition, type Family } from './exposition.ts';
import { gatewayFamilies, type GatewayFigures } from './gateway-families.ts';
import { openMetricsServer, type MetricsServerOptions } from './metrics-server.ts';
import { processFamilies } from './process-families.ts';
import type { RequestCounters } from './request-counters.ts';
import { requestFamilies } from './request-families.ts';

export interface Metrics {
  readonly address: { readonly host: string; readonly port: number };
  /** Of the listening socket; null when the runtime does not tell it. */
  descriptor(): number | null;
  /** Resolves when nothing of it is open any more. */
  close(): Promise<void>;
}

export interface OpenMetricsOptions extends Omit<MetricsServerOptions, 'text'> {
  /** A database with this program's schema. */
  readonly database: string;
  readonly version: string;
  readonly counters: RequestCounters;
  readonly figures: () => Promise<GatewayFigures>;
  readonly log: Log;
}

/** However many read, and however often: the main thread makes the text at most so often. */
const FRESH_MS = 100;
const TELL_EVERY_MS = 60_000;

/** Rejects when it cannot listen, or the database cannot be read. */
export async function openMetrics(options: OpenMetricsOptions): Promise<Metrics> {
  const { database, counters, figures, version, log } = options;
  const reader = openDatabaseReader(database);
  const loop = watchEventLoop();
  const stop = (): void => {
    loop.stop();
    reader.close();
  };

  async function gather(): Promise<string> {
    const now = await figures();
    const [ofDatabase, ofProcess] = await Promise.all([reader.families(now.rules), processFamilies()]);
    function* all(): Generator<Family> {
      yield buildFamily(version);
      yield* [...gatewayFamilies(now), ...ofDatabase, ...loop.families(), ...ofProcess];
      yield* requestFamilies(counters);
    }
    return await exposition(all());
  }

  try {
    const server = await openMetricsServer({ ...options, text: sparingly(gather, log) });
    let closed: Promise<void> | null = null;
    return {
      address: server.address,
      descriptor: () => server.descriptor(),
      close: () => (closed ??= server.close().then(stop)),
    };
  } catch (error) {
    stop();
    throw error;
  }
}

function buildFamily(version: string): Family {
  return { name: 'ainogap_build_info', type: 'gauge', help: 'Always 1.', samples: [{ labels: { version, node: process.versions.node }, value: 1 }] };
}

/** Those who ask while it is made share it, and so do those who ask within a moment. */
function sparingly(gather: () => Promise<string>, log: Log): () => Promise<string> {
  let shared: Promise<string> | null = null;
  let toldAt = -Infinity;
  return () => {
    shared ??= gather()
      .catch((error: unknown) => {
        if (performance.now() - toldAt >= TELL_EVERY_MS) {
          toldAt = performance.now();
          log.error('metrics_failed', { error: String((error as Error).stack ?? error) });
        }
        throw error;
      })
      .finally(() => void setTimeout(() => (shared = null), FRESH_MS).unref());
    return shared;
  };
}
