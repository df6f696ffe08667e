import { isUpstreamDown, type EndedAtUpstream, type EndedLately } from '../ended-at-upstreams.ts';
import { percentile } from './percentile.ts';
import type { RegistryNames } from './registry-names.ts';
import type { LiveUpstream } from './snapshot.ts';

export interface UpstreamsInput {
  readonly names: RegistryNames;
  readonly lately: EndedLately;
  readonly openByUpstream: ReadonlyMap<string, number>;
  /** Those of the configuration, which are shown without routes too. */
  readonly configured: readonly string[];
  /** Unix ms. */
  readonly now: number;
}

const MINUTE_MS = 60_000;
const DEGRADED_ABOVE = 0.05;

/** Those that routes lead to, that are configured, or that were asked within five minutes; by name. */
export function liveUpstreams(input: UpstreamsInput): LiveUpstream[] {
  const { names, lately, openByUpstream, configured, now } = input;
  const { ended, since } = lately;
  const live = names.routes.filter(({ deleted }) => !deleted);
  const byName = new Map<string, EndedAtUpstream[]>();
  for (const name of [...configured, ...live.map(({ upstream }) => upstream), ...openByUpstream.keys()]) byName.set(name, []);
  for (const request of ended) {
    if (request.upstream === null) continue;
    const list = byName.get(request.upstream);
    if (list === undefined) byName.set(request.upstream, [request]);
    else list.push(request);
  }
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, requests]) => {
    const times = timesToFirstByte(requests);
    const faults = requests.filter(({ verdict }) => verdict === 'fault');
    const errorShare = requests.length === 0 ? 0 : faults.length / requests.length;
    const openRequests = openByUpstream.get(name) ?? 0;
    return {
      name,
      health: healthOf(requests, { errorShare, openRequests, now }),
      requestsPerMinute: perMinute(requests, since, now),
      errorShare,
      retriedShare: requests.length === 0 ? 0 : requests.filter(({ attempts }) => attempts > 1).length / requests.length,
      timeToFirstByteP50Ms: percentile(times, 0.5),
      timeToFirstByteP95Ms: percentile(times, 0.95),
      openRequests,
      lastError: lastErrorOf(faults),
      routes: live.filter(({ upstream }) => upstream === name).map(({ alias }) => alias),
    };
  });
}

function healthOf(requests: readonly EndedAtUpstream[], figures: { errorShare: number; openRequests: number; now: number }): LiveUpstream['health'] {
  if (requests.length === 0) return figures.openRequests === 0 ? 'idle' : 'up';
  if (isUpstreamDown(requests, { now: figures.now, windowMs: MINUTE_MS })) return 'down';
  return figures.errorShare > DEGRADED_ABOVE ? 'degraded' : 'up';
}

/** Ended in the last minute. Where the rows that were read reach back less, theirs are taken to be the rule. */
function perMinute(requests: readonly EndedAtUpstream[], since: number, now: number): number {
  const span = now - since;
  if (span < MINUTE_MS) return (requests.length * MINUTE_MS) / Math.max(1, span);
  return requests.filter(({ settledAt }) => settledAt > now - MINUTE_MS).length;
}

function lastErrorOf(faults: readonly EndedAtUpstream[]): LiveUpstream['lastError'] {
  const [first, ...rest] = faults;
  if (first === undefined) return null;
  const last = rest.reduce((latest, fault) => (fault.settledAt > latest.settledAt ? fault : latest), first);
  return { at: last.settledAt, code: last.errorCode ?? `http_${last.httpStatus}` };
}

/** Milliseconds, sorted. */
export function timesToFirstByte(requests: readonly EndedAtUpstream[]): number[] {
  return requests.flatMap(({ timeToFirstByteMs: ms }) => (ms === null ? [] : [ms])).sort((a, b) => a - b);
}
