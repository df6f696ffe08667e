/** What is counted of requests, and that nobody can make it grow without end. */
import { describe, expect, test } from 'vitest';
import type { BuyerId, KeyId, RequestId } from '../../src/ids.ts';
import { NO_SPLIT, type RequestRecord } from '../../src/ledger/ledger.ts';
import { exposition } from '../../src/metrics/exposition.ts';
import { Histogram } from '../../src/metrics/histogram.ts';
import { PAIRS_MAX, RequestCounters, UPSTREAMS_MAX } from '../../src/metrics/request-counters.ts';
import { requestFamilies } from '../../src/metrics/request-families.ts';
import { micro, ZERO } from '../../src/money.ts';
import type { RequestEnd, Settled } from '../../src/proxy/observer.ts';
import { readPrometheusText, sumOf, type SeenFamily } from '../support/prometheus-text.ts';

const RECORD: RequestRecord = {
  requestId: 1n as RequestId,
  buyerId: 1 as BuyerId,
  keyId: 1 as KeyId,
  routeId: null,
  cardVersion: null,
  model: 'claude-haiku-4-5',
  responseModel: null,
  status: 'completed',
  httpStatus: 200,
  errorCode: null,
  tokens: { input: 1, output: 2, cacheWrite5m: 3, cacheWrite1h: 4, cacheRead: 5 },
  listCost: micro(50n),
  outputTokensMax: 10,
  usageSource: 'reported',
  quoteBasis: 'bytes',
  flags: [],
  detail: null,
  upstream: 'main',
  upstreamRequestId: null,
  attempts: 1,
  startedAt: 0,
  durationMs: 1_500,
  timeToFirstByteMs: 300,
};
const SETTLED: Settled = {
  outcome: 'posted',
  stream: true,
  heldAfterMs: 2.5,
  holdMs: 1,
  triedAgainAfterMs: null,
  hold: micro(100n),
  settleMs: 0.5,
  charge: micro(36n),
  split: { byClass: { input: micro(1n), output: micro(2n), cacheWrite5m: micro(3n), cacheWrite1h: micro(4n), cacheRead: micro(5n) }, webSearch: micro(21n), cacheSaved: ZERO },
  shortfall: ZERO,
};

interface Changes {
  readonly end?: Partial<RequestEnd>;
  readonly record?: Partial<RequestRecord>;
  readonly settled?: Partial<Settled>;
}

function ended({ end, record, settled }: Changes = {}): RequestEnd {
  const row = { ...RECORD, ...record };
  return {
    requestId: 'req_1',
    route: 'fast',
    model: row.model,
    httpStatus: row.httpStatus,
    errorCode: row.errorCode,
    startedAt: 0,
    durationMs: row.durationMs,
    traceparent: null,
    settled: { ...SETTLED, ...settled },
    record: row,
    ...end,
  };
}

const refused = (code: string, model: string | null, known: string | null = null): RequestEnd =>
  ended({ record: { status: 'refused', httpStatus: 400, errorCode: code, model }, end: { model: known, settled: null } });

const read = async (counters: RequestCounters): Promise<Map<string, SeenFamily>> => readPrometheusText(await exposition(requestFamilies(counters)));

function told(...ends: readonly RequestEnd[]): Promise<Map<string, SeenFamily>> {
  const counters = new RequestCounters();
  for (const end of ends) counters.requestEnded(end);
  return read(counters);
}

describe('a settled request', () => {
  test('is counted by route, model and end, its tokens and its charge by class', async () => {
    const seen = await told(ended(), ended({ record: { status: 'interrupted', usageSource: 'estimated', flags: ['exposure'] }, settled: { shortfall: micro(7n) } }));
    expect(seen.get('ainogap_requests_total')?.samples).toMatchObject([
      { labels: { route: 'fast', model: 'claude-haiku-4-5', outcome: 'completed', status: '200' }, value: 1 },
      { labels: { route: 'fast', model: 'claude-haiku-4-5', outcome: 'interrupted', status: '200' }, value: 1 },
    ]);
    const classes = ['input', 'output', 'cache_write_5m', 'cache_write_1h', 'cache_read'];
    expect(seen.get('ainogap_tokens_total')?.samples.map(({ labels, value }) => [labels.class, value])).toEqual(classes.map((name, i) => [name, 2 * (i + 1)]));
    expect(seen.get('ainogap_charged_micro_usdc_total')?.samples.map(({ labels, value }) => [labels.class, value])).toEqual([...classes.map((name, i) => [name, 2 * (i + 1)]), ['web_search', 42]]);
    const singles = ['list_cost_micro_usdc', 'shortfall_micro_usdc', 'estimated_requests', 'exposed_requests'].map((name) => sumOf(seen, `ainogap_${name}_total`));
    expect(singles).toEqual([100n, 7n, 1n, 1n]);
  });

  test('whose money is beyond what a double holds is told exactly', async () => {
    const split = { ...NO_SPLIT, byClass: { ...NO_SPLIT.byClass, output: micro(9_007_199_254_740_993n) } };
    expect(sumOf(await told(ended({ settled: { split } })), 'ainogap_charged_micro_usdc_total')).toBe(9_007_199_254_740_993n);
  });

  test('tells of its upstream: the time to the first byte since the last try was begun, further tries, and whose fault its end was', async () => {
    const seen = await told(ended(), ended({ record: { attempts: 3 }, settled: { triedAgainAfterMs: [100, 200] } }), ended({ record: { status: 'failed', httpStatus: 504, errorCode: 'upstream_timeout', timeToFirstByteMs: null } }));
    expect(sumOf(seen, 'ainogap_upstream_retries_total', { upstream: 'main' })).toBe(2n);
    expect(seen.get('ainogap_upstream_results_total')?.samples.map(({ labels, value }) => [labels.result, value])).toEqual([['answered', 2], ['fault', 1], ['open', 0]]);
    expect(seen.get('ainogap_upstream_first_byte_seconds')?.samples.slice(-2)).toMatchObject([{ value: 0.2975 + 0.1 }, { value: 2 }]);
    expect(seen.get('ainogap_request_duration_seconds')?.samples.slice(-2)).toMatchObject([{ value: 4.5 }, { value: 3 }]);
  });

  test('that waited for money says so', async () => {
    const seen = await told(ended({ record: { detail: { waitedMs: 1_250 } } }));
    expect(seen.get('ainogap_funds_wait_seconds_total')?.samples).toMatchObject([{ value: 1.25 }]);
    expect(sumOf(seen, 'ainogap_funds_waits_total')).toBe(1n);
  });

  test('that another process had ended is counted as that and as nothing else', async () => {
    const seen = await told(ended({ settled: { outcome: 'alreadyPosted' } }), ended({ settled: { outcome: 'noHold' } }));
    expect(sumOf(seen, 'ainogap_settled_elsewhere_total')).toBe(2n);
    expect(['requests', 'tokens', 'charged_micro_usdc'].map((name) => sumOf(seen, `ainogap_${name}_total`))).toEqual([0n, 0n, 0n]);
  });

  test('of a process that died counts, but no time that it took', async () => {
    const seen = await told(ended({ record: { status: 'recovered', httpStatus: 0, errorCode: 'process_died', usageSource: 'recovered' } }));
    expect([sumOf(seen, 'ainogap_requests_total', { outcome: 'recovered', status: '0' }), sumOf(seen, 'ainogap_tokens_total')]).toEqual([1n, 15n]);
    expect([sumOf(seen, 'ainogap_ledger_hold_seconds_count'), sumOf(seen, 'ainogap_request_duration_seconds_count')]).toEqual([0n, 0n]);
  });
});

describe('whatever clients and upstreams send', () => {
  test('a model that the route does not have is `other`, and one that was not read is nothing', async () => {
    const many = Array.from({ length: 3_000 }, (_, i) => refused('model_not_offered', `made-up-${i}`));
    const seen = await told(...many, refused('malformed_body', null), refused('insufficient_funds', 'haiku', 'claude-haiku-4-5'));
    expect(seen.get('ainogap_requests_total')?.samples.map(({ labels, value }) => [labels.model, value])).toEqual([['other', 3_000], ['', 1], ['claude-haiku-4-5', 1]]);
    expect(seen.get('ainogap_tokens_total')?.samples).toEqual([]);
  });

  test('a status or an error type that is not known is counted with its like', async () => {
    const statuses = Array.from({ length: 900 }, (_, i) => ended({ record: { status: 'upstream_error', httpStatus: 100 + i, errorCode: `error-${i}` } }));
    const seen = await told(...statuses);
    expect(sumOf(seen, 'ainogap_requests_total')).toBe(900n);
    expect(sumOf(seen, 'ainogap_requests_total', { status: '5xx' })).toBe(95n);
    expect(seen.get('ainogap_requests_total')?.samples.length).toBeLessThan(32);
    expect(seen.get('ainogap_request_errors_total')?.samples).toMatchObject([{ labels: { code: 'other' }, value: 900 }]);
  });

  test('there are only so many routes, models and upstreams', async () => {
    const counters = new RequestCounters();
    for (let i = 0; i < PAIRS_MAX + 500; i++) counters.requestEnded(ended({ end: { route: `route-${i}` }, record: { upstream: `upstream-${i}` } }));
    const seen = await read(counters);
    const series = new Set(seen.get('ainogap_requests_total')?.samples.map(({ labels }) => labels.route));
    expect(series.size).toBe(PAIRS_MAX + 1);
    expect(sumOf(seen, 'ainogap_requests_total', { route: 'other', model: 'other' })).toBe(500n);
    expect(sumOf(seen, 'ainogap_tokens_total')).toBe(BigInt(15 * (PAIRS_MAX + 500)));
    expect(new Set(seen.get('ainogap_upstream_retries_total')?.samples.map(({ labels }) => labels.upstream)).size).toBe(UPSTREAMS_MAX + 1);
  });

  test('the text stays what it is: names are escaped', async () => {
    const model = 'a"b\\c\nd} 1';
    const seen = await told(ended({ end: { model } }));
    expect(seen.get('ainogap_requests_total')?.samples).toMatchObject([{ labels: { model, route: 'fast' }, value: 1 }]);
  });
});

test('a duration that equals a bound is within it, and one beyond the last is in the infinite bucket only', () => {
  const histogram = new Histogram([0.1, 1]);
  for (const seconds of [0.05, 0.1, 0.100_1, 1, 7]) histogram.observe(seconds);
  expect(histogram.samples({}).map(({ suffix, labels, value }) => [suffix, labels.le, value])).toEqual([
    ['_bucket', '0.1', 2],
    ['_bucket', '1', 4],
    ['_bucket', '+Inf', 5],
    ['_sum', undefined, 0.05 + 0.1 + 0.100_1 + 1 + 7],
    ['_count', undefined, 5],
  ]);
});
