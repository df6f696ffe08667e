/** What was counted of requests, as Prometheus reads it. */
import { TOKEN_CLASSES, type TokenClass } from '../tokens.ts';
import { single, type Family, type Sample } from './exposition.ts';
import type { RequestCounters } from './request-counters.ts';
import { LIST_COST, SHORTFALL, WEB_SEARCH, type RouteCells } from './route-cells.ts';
import type { UpstreamCells } from './upstream-cells.ts';

const CLASS_LABELS: Readonly<Record<TokenClass, string>> = {
  input: 'input',
  output: 'output',
  cacheWrite5m: 'cache_write_5m',
  cacheWrite1h: 'cache_write_1h',
  cacheRead: 'cache_read',
};

const counter = (name: string, help: string, samples: Sample[]): Family => ({ name, type: 'counter', help, samples });
const histogram = (name: string, help: string, samples: Sample[]): Family => ({ name, type: 'histogram', help, samples });

/** Made one by one, for those of many routes have many series. */
export function* requestFamilies(counters: RequestCounters): Generator<Family> {
  yield* ofRoutes(counters.routes());
  yield* ofUpstreams(counters.upstreams());
  yield* ofLedger(counters);
}

type OfCells = (cells: RouteCells, labels: { readonly route: string; readonly model: string }) => Sample[];
const samplesIn = (routes: readonly RouteCells[], samplesOf: OfCells): Sample[] =>
  routes.flatMap((cells) => samplesOf(cells, { route: cells.route, model: cells.model }));

function* ofRoutes(routes: readonly RouteCells[]): Generator<Family> {
  const each = (samplesOf: OfCells): Sample[] => samplesIn(routes, samplesOf);
  const served = routes.filter(({ settlements }) => settlements > 0);
  const settled: typeof each = (samplesOf) => samplesIn(served, samplesOf);
  yield counter(
    'ainogap_requests_total',
    'Requests to /<route>/v1/messages that ended. status: as the client was answered, 0 when it had left. route is empty without a good key; model is empty where none was read, and other where the route does not have it.',
    each((cells, labels) => cells.ends().map(({ outcome, status, count }) => ({ labels: { ...labels, outcome, status }, value: count }))),
  );
  yield counter(
    'ainogap_request_errors_total',
    "Requests that ended with an error, by the gateway's code or the upstream's error type.",
    each((cells, labels) => cells.errors().map(({ code, count }) => ({ labels: { ...labels, code }, value: count }))),
  );
  yield counter(
    'ainogap_tokens_total',
    'Tokens of settled requests, in the five disjoint classes.',
    settled((cells, labels) => TOKEN_CLASSES.map((name, i) => ({ labels: { ...labels, class: CLASS_LABELS[name] }, value: cells.tokens[i] as number }))),
  );
  yield counter(
    'ainogap_charged_micro_usdc_total',
    'What settled requests cost, in micro-USDC, their shortfall included.',
    settled(({ money }, labels) => [
      ...TOKEN_CLASSES.map((name, i) => ({ labels: { ...labels, class: CLASS_LABELS[name] }, value: money[i] as bigint })),
      { labels: { ...labels, class: 'web_search' }, value: money[WEB_SEARCH] as bigint },
    ]),
  );
  yield counter(
    'ainogap_list_cost_micro_usdc_total',
    'The same usage at list prices, in micro-USDC.',
    settled(({ money }, labels) => [{ labels, value: money[LIST_COST] as bigint }]),
  );
  yield counter(
    'ainogap_shortfall_micro_usdc_total',
    'Of the charges, what buyers did not have and the operator bears, in micro-USDC.',
    settled(({ money }, labels) => [{ labels, value: money[SHORTFALL] as bigint }]),
  );
  yield counter(
    'ainogap_estimated_requests_total',
    "Settled requests whose charge was estimated, for want of the upstream's report.",
    settled(({ estimated }, labels) => [{ labels, value: estimated }]),
  );
  yield counter(
    'ainogap_exposed_requests_total',
    'Settled requests that were charged nothing although the upstream may have billed them.',
    settled(({ exposed }, labels) => [{ labels, value: exposed }]),
  );
}

function ofUpstreams(upstreams: readonly UpstreamCells[]): Family[] {
  const each = (samplesOf: (cells: UpstreamCells, labels: { upstream: string }) => Sample[]): Sample[] =>
    upstreams.flatMap((cells) => samplesOf(cells, { upstream: cells.upstream }));
  return [
    histogram(
      'ainogap_request_duration_seconds',
      'Settled requests, from their start until the upstream had answered and the charge was computed.',
      each(({ duration }, labels) => duration.samples(labels)),
    ),
    histogram(
      'ainogap_upstream_first_byte_seconds',
      'From the dispatch of the last try to the head of its response.',
      each(({ firstByte }, labels) => firstByte.samples(labels)),
    ),
    counter(
      'ainogap_upstream_results_total',
      'Settled requests by what they tell of the upstream: answered, its fault, or open (the client left, the gateway stopped).',
      each(({ results }, labels) => Object.entries(results).map(([result, value]) => ({ labels: { ...labels, result }, value }))),
    ),
    counter('ainogap_upstream_retries_total', 'Tries beyond the first.', each(({ retries }, labels) => [{ labels, value: retries }])),
  ];
}

function ofLedger({ hold, settle, waited, waitedSeconds, settledElsewhere }: RequestCounters): Family[] {
  return [
    histogram('ainogap_ledger_hold_seconds', 'What the ledger took until a hold was on disk.', hold.samples({})),
    histogram('ainogap_ledger_settle_seconds', 'What the ledger took until a charge, or a release, was on disk.', settle.samples({})),
    single('counter', 'ainogap_funds_waits_total', 'Requests that were served after waiting for money that the same buyer had held.')(waited),
    single('counter', 'ainogap_funds_wait_seconds_total', 'How long they waited.')(waitedSeconds),
    single('counter', 'ainogap_settled_elsewhere_total', 'Settlements that found their hold ended by another process; counted nowhere else.')(settledElsewhere),
  ];
}
