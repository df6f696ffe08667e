/** The live figures for all who watch: one reader, which reads nothing while nobody does. */
import { liveJson } from '../../documents/live-json.ts';
import type { Db } from '../../db/open.ts';
import { prepared } from '../../db/prepared.ts';
import { createServingCount } from '../../ledger/serving-count.ts';
import { createLiveReader, type LiveReader } from '../../reports/live/live-reader.ts';
import type { LiveSnapshot } from '../../reports/live/snapshot.ts';
import type { ApiDeps } from '../api-app.ts';
import type { ApiPlan } from '../api-plan.ts';

export interface LivePace {
  readonly everyMs: number;
  /** Without any change; rates and ages move on. */
  readonly atLeastEveryMs: number;
  /** Something is sent so often, for proxies close what is silent for long, and sessions are looked at. */
  readonly pingEveryMs: number;
}
const PACE: LivePace = { everyMs: 1_000, atLeastEveryMs: 5_000, pingEveryMs: 15_000 };

type Listener = (snapshot: string) => void;

export class LiveFeed {
  readonly pace: LivePace;
  readonly #deps: ApiDeps;
  readonly #listeners = new Set<Listener>();
  #reader: { readonly plan: ApiPlan; readonly reader: LiveReader } | null = null;
  #last: { readonly snapshot: LiveSnapshot; readonly version: string; readonly readAt: number } | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: ApiDeps, pace: LivePace = PACE) {
    this.pace = pace;
    this.#deps = deps;
  }

  /** How many watch. */
  get size(): number {
    return this.#listeners.size;
  }

  /** As of now. Throws what the live reader throws. */
  read(): LiveSnapshot {
    const plan = this.#deps.plan();
    if (this.#reader?.plan !== plan) this.#reader = { plan, reader: readerFor(this.#deps, plan) };
    try {
      const version = versionOf(this.#deps.db);
      const snapshot = this.#reader.reader.read();
      this.#last = { snapshot, version, readAt: performance.now() };
      return snapshot;
    } catch (error) {
      // What it keeps between reads may be half of something.
      this.#reader = null;
      throw error;
    }
  }

  /** Calls back with each snapshot's JSON as it is read: within a second of a change. Returns how to stop. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#timer ??= setInterval(() => this.#tick(), this.pace.everyMs).unref();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  #tick(): void {
    try {
      if (!this.#isDue()) return;
      const text = JSON.stringify(liveJson(this.read()));
      for (const listener of this.#listeners) listener(text);
    } catch (error) {
      // Those who watch see that their figures grow old; the next tick tries again.
      this.#deps.log.warn('live_read_failed', { message: (error as Error).message });
    }
  }

  #isDue(): boolean {
    const last = this.#last;
    if (last === null || performance.now() - last.readAt >= this.pace.atLeastEveryMs) return true;
    return last.snapshot.requests.openCount > 0 || versionOf(this.#deps.db) !== last.version;
  }
}

/** Differs after every change, of other connections and of this one. */
function versionOf(db: Db): string {
  return `${String(db.pragma('data_version', { simple: true }))} ${String(prepared(db, 'SELECT total_changes()', 'pluck').get())}`;
}

function readerFor(deps: ApiDeps, { timezone, baseUrl, upstreams }: ApiPlan): LiveReader {
  const { db } = deps;
  return createLiveReader(db, { timezone, origin: baseUrl, now: () => deps.now(), alive: createServingCount(db), upstreams: upstreams.map(({ name }) => name) });
}
