/**
 * Counts the requests that end, on the data plane's thread: two look-ups by words that exist already, then additions.
 * Everything is of this process and begins at zero with it. Nothing is made into text before somebody reads it.
 */
import type { RequestRecord } from '../ledger/ledger.ts';
import type { Observer, RequestEnd, Settled } from '../proxy/observer.ts';
import { OTHER } from './end-labels.ts';
import { Histogram, LEDGER_BOUNDS } from './histogram.ts';
import { RouteCells } from './route-cells.ts';
import { UpstreamCells } from './upstream-cells.ts';

/** Pairs of a route and a model, each some thirty series; what comes later is counted as `other`. */
export const PAIRS_MAX = 1000;
export const UPSTREAMS_MAX = 100;

export class RequestCounters implements Observer {
  readonly #byRoute = new Map<string, Map<string, RouteCells>>();
  readonly #upstreams = new Map<string, UpstreamCells>();
  #pairs = 0;
  readonly hold = new Histogram(LEDGER_BOUNDS);
  readonly settle = new Histogram(LEDGER_BOUNDS);
  /** Requests that waited for money that the buyer's other requests held, and seconds of it. */
  waited = 0;
  waitedSeconds = 0;
  /** Settlements of ours that found their hold ended. */
  settledElsewhere = 0;

  requestEnded(end: RequestEnd): void {
    const { record, settled } = end;
    if (settled !== null && settled.outcome !== 'posted' && settled.outcome !== 'voided') {
      this.settledElsewhere++;
      return;
    }
    const cells = this.#cellsOf(end.route ?? '', modelLabel(end));
    cells.ended(record?.status ?? 'refused', end.httpStatus, end.errorCode);
    if (record === null || settled === null) return;
    cells.settled(record, settled);
    this.settle.observe(settled.settleMs / 1000);
    // Of what a dead process began, nothing is known that a clock of ours measured.
    if (record.status !== 'recovered') this.#served(record, settled);
  }

  /** In the order in which they came. */
  routes(): RouteCells[] {
    return [...this.#byRoute.values()].flatMap((models) => [...models.values()]);
  }

  upstreams(): UpstreamCells[] {
    return [...this.#upstreams.values()];
  }

  #served(record: RequestRecord, settled: Settled): void {
    this.hold.observe(settled.holdMs / 1000);
    const upstream = record.upstream ?? '';
    (this.#upstreams.get(upstream) ?? this.#newUpstream(upstream)).ended(record, settled);
    const waitedMs = record.detail?.waitedMs;
    if (waitedMs === undefined) return;
    this.waited++;
    this.waitedSeconds += waitedMs / 1000;
  }

  #cellsOf(route: string, model: string): RouteCells {
    return this.#byRoute.get(route)?.get(model) ?? this.#newCells(route, model);
  }

  #newCells(route: string, model: string): RouteCells {
    if (this.#pairs >= PAIRS_MAX && !(route === OTHER && model === OTHER)) return this.#cellsOf(OTHER, OTHER);
    this.#pairs++;
    const cells = new RouteCells(route, model);
    const models = this.#byRoute.get(route) ?? new Map<string, RouteCells>();
    models.set(model, cells);
    this.#byRoute.set(route, models);
    return cells;
  }

  #newUpstream(upstream: string): UpstreamCells {
    const name = this.#upstreams.size >= UPSTREAMS_MAX ? OTHER : upstream;
    const cells = this.#upstreams.get(name) ?? new UpstreamCells(name);
    this.#upstreams.set(name, cells);
    return cells;
  }
}

/** A model of the route's card, by its id; `other` for any other name; nothing where none was read. */
function modelLabel({ model, record }: RequestEnd): string {
  if (model !== null) return model;
  return record?.model == null ? '' : OTHER;
}
