/**
 * What the live view shows, read from the database alone, beside a gateway that writes to it. Each read is one short
 * read transaction; what is over is read once and kept, so a frame costs by who is active and not by the requests.
 */
import type { Db } from '../../db/open.ts';
import type { BuyerId } from '../../ids.ts';
import { createEndedAtUpstreams, ENDED_WINDOW_MS } from '../ended-at-upstreams.ts';
import { startOfDay } from '../zone.ts';
import { createLiveAlerts } from './alerts.ts';
import { createLiveBuyers, liveKeys } from './buyers.ts';
import { liveOverview } from './overview.ts';
import { RecentUsage } from './recent-usage.ts';
import { createRegistryNames } from './registry-names.ts';
import { LiveRequestList } from './requests.ts';
import { liveRoutes } from './routes.ts';
import type { LiveRequest, LiveSnapshot } from './snapshot.ts';
import { liveUpstreams, timesToFirstByte } from './upstreams.ts';

export interface LiveReaderOptions {
  /** IANA name of the zone that today begins in. */
  readonly timezone: string;
  /** For the lines that a new buyer pastes. Default: where `serve` listens unless it is told otherwise. */
  readonly origin?: string;
  /** Wall clock, Unix ms. */
  readonly now: () => number;
  /** Counts the serving processes that are alive; asked every three seconds at most. Default: none. */
  readonly alive?: () => number;
  /** Names of the configured upstreams, which are shown without routes too. */
  readonly upstreams?: readonly string[];
}

export interface LiveReader {
  /** Throws `UsageNotSummedError` while an upgraded database is not summed, and SQLite's errors. */
  read(): LiveSnapshot;
  /** A buyer's last requests, newest first, those that run among them. */
  requestsOf(buyerId: BuyerId, limit: number): LiveRequest[];
  /** How many things are kept between reads: bounded, however long it runs. */
  readonly size: number;
}

const ALIVE_EVERY_MS = 3_000;
const TIMES_MAX = 1_000;

export function createLiveReader(db: Db, options: LiveReaderOptions): LiveReader {
  const { timezone, origin = 'http://127.0.0.1:8787', now, alive = () => 0, upstreams: configured = [] } = options;
  const usage = new RecentUsage(db, timezone);
  const readNames = createRegistryNames(db);
  const readBuyers = createLiveBuyers(db);
  const readAlerts = createLiveAlerts(db);
  const readEnded = createEndedAtUpstreams(db);
  const requests = new LiveRequestList(db);
  const serving = everyNow(alive, now);

  const readFrame = db.transaction((at: number): Omit<LiveSnapshot, 'serving'> => {
    const names = readNames();
    const figures = usage.read(at);
    // Requests start by the wall clock, whose ids find them, and end by the ledger's, which may be ahead.
    const lately = readEnded(at);
    const started = lately.ended.filter(({ startedAt }) => startedAt >= at - ENDED_WINDOW_MS).slice(0, TIMES_MAX);
    return {
      at,
      timezone,
      origin,
      overview: liveOverview(figures, timesToFirstByte(started)),
      buyers: readBuyers(names, figures),
      routes: liveRoutes(names, figures),
      keys: liveKeys(names, figures),
      requests: requests.read(names, at),
      upstreams: liveUpstreams({ names, lately, openByUpstream: requests.openByUpstream(), configured, now: at }),
      alerts: readAlerts(names, startOfDay(figures.at, timezone)),
    };
  });
  const readBuyer = db.transaction((buyerId: BuyerId, limit: number) => requests.ofBuyer(buyerId, readNames(), { at: now(), limit }));
  return {
    read() {
      const at = now();
      usage.catchUp(at);
      return { ...readFrame(at), serving: serving(at) };
    },
    requestsOf: readBuyer,
    get size() {
      return usage.size;
    },
  };
}

function everyNow(count: () => number, now: () => number): (at: number) => number {
  let asked = -Infinity;
  let answer = 0;
  return (at) => {
    if (Math.abs(at - asked) >= ALIVE_EVERY_MS) {
      answer = count();
      asked = now();
    }
    return answer;
  };
}
