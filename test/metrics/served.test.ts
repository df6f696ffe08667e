/** Metrics of a real `serve`: their figures are those of `usage`, and nobody reads them who may not. */
import * as fs from 'node:fs';
import * as http from 'node:http';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/books.ts';
import { readPrometheusText, sumOf, type SeenFamily } from '../support/prometheus-text.ts';
import { ALIAS, NEW_MODEL, startProduct, temporaryFolder, type Product } from '../support/product.ts';
import type { ServeProcess } from '../support/serve-process.ts';
import { postMessages, readStream } from '../support/sse.ts';

const TOKEN = 'canary-metrics-4711';
const OTHER_MODEL = 'claude-haiku-4-5';
const BILLING = ['uncachedInputTokens', 'outputTokens', 'cacheWrite5mTokens', 'cacheWrite1hTokens', 'cacheReadTokens'] as const;
const CHARGES = ['inputChargeUsdMicros', 'outputChargeUsdMicros', 'cacheWrite5mChargeUsdMicros', 'cacheWrite1hChargeUsdMicros', 'cacheReadChargeUsdMicros', 'webSearchChargeUsdMicros'] as const;
const CLASSES = ['input', 'output', 'cache_write_5m', 'cache_write_1h', 'cache_read', 'web_search'] as const;

type UsageRow = Readonly<Record<(typeof BILLING)[number] | (typeof CHARGES)[number] | 'requests' | 'refused' | 'estimated' | 'listCostUsdMicros' | 'shortfallUsdMicros', number>> & {
  readonly route?: string;
  readonly model?: string;
};

let product: Product;
let tokenFile: string;

const urlOf = (server: ServeProcess): string => /^metrics\s+(\S+)$/m.exec(server.stdout())?.[1] ?? '';
const ask = (server: ServeProcess, headers: Readonly<Record<string, string>> = {}): Promise<Response> => fetch(urlOf(server), { headers: { authorization: `Bearer ${TOKEN}`, ...headers } });

async function scrape(server: ServeProcess = product.server): Promise<Map<string, SeenFamily>> {
  const response = await ask(server);
  expect(response.status).toBe(200);
  return readPrometheusText(await response.text());
}

/** What is settled is counted a moment after its client has read the end, and the text may be a moment old. */
const scrapeWhen = (done: (seen: Map<string, SeenFamily>) => boolean, server?: ServeProcess): Promise<Map<string, SeenFamily>> => until(() => scrape(server), done);

async function usage(by: string): Promise<{ rows: UsageRow[]; total: UsageRow }> {
  return await product.json('usage', '--by', by, '--since', '2h');
}

/** The figures of a row of `usage` are those of the series with these labels. */
function expectSame(seen: ReadonlyMap<string, SeenFamily>, row: UsageRow, labels: Record<string, string>): void {
  const counted = (name: string, more: Record<string, string> = {}): number => Number(sumOf(seen, `ainogap_${name}_total`, { ...labels, ...more }));
  expect(BILLING.map((_, i) => counted('tokens', { class: CLASSES[i] as string }))).toEqual(BILLING.map((field) => row[field]));
  expect(CHARGES.map((_, i) => counted('charged_micro_usdc', { class: CLASSES[i] as string }))).toEqual(CHARGES.map((field) => row[field]));
  const others = [counted('list_cost_micro_usdc'), counted('shortfall_micro_usdc'), counted('estimated_requests')];
  expect(others).toEqual([row.listCostUsdMicros, row.shortfallUsdMicros, row.estimated]);
}

interface Asked {
  readonly alias?: string;
  readonly key?: string;
  readonly model?: string;
  readonly stream?: boolean;
}

const send = async (prompt: string, { alias = ALIAS, key = product.key, model = NEW_MODEL, stream = false }: Asked = {}): Promise<number> => {
  const response = await postMessages({ baseUrl: `${product.origin}/${alias}`, key, model, prompt, stream, maxTokens: 5_000 });
  await (stream ? readStream(response) : response.text());
  return response.status;
};

const postBody = (body: unknown, signal: AbortSignal | null = null): Promise<Response> =>
  fetch(`${product.baseUrl}/v1/messages`, {
    method: 'POST',
    signal,
    headers: { 'x-api-key': product.key, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify(body),
  });

/** Leaves a stream when its text has begun, and `looked` has resolved. */
async function leave(prompt: string, looked: Promise<void> = Promise.resolve()): Promise<void> {
  const leaving = new AbortController();
  const body = { model: NEW_MODEL, max_tokens: 5_000, stream: true, messages: [{ role: 'user', content: prompt }] };
  const response = await postBody(body, leaving.signal);
  await readStream(response, (name) => {
    if (name === 'content_block_delta') void looked.then(() => leaving.abort());
  });
}

async function search(): Promise<number> {
  const tools = [{ type: 'web_search_20250305', name: 'web_search', max_uses: 2 }];
  const body = { model: NEW_MODEL, max_tokens: 300, tools, messages: [{ role: 'user', content: 'Look [[simulate {"webSearches":2}]]' }] };
  const response = await postBody(body);
  await response.text();
  return response.status;
}

beforeAll(async () => {
  tokenFile = path.join(temporaryFolder(), 'token');
  fs.writeFileSync(tokenFile, `${TOKEN}\n`, { mode: 0o600 });
  const config = `metrics: { listen: "127.0.0.1:0", token: "file:${tokenFile}" }\ndisconnect: { drain: { seconds: 3 } }\nalerts: { rules: [{ when: shortfall }] }`;
  product = await startProduct({ config, topup: '100' });
  await product.server.printed(/^metrics /m);
  await product.json('route', 'create', 'second', '--upstream', 'simulator');
});
afterAll(() => product.stop());

test('before any request the whole is well-formed and says what runs', async () => {
  const seen = await scrape();
  expect(seen.get('ainogap_build_info')?.samples).toMatchObject([{ labels: { node: process.versions.node, version: expect.stringMatching(/^\d/) }, value: 1 }]);
  expect(seen.get('ainogap_buyer_balances_micro_usdc')?.samples).toMatchObject([{ text: '100000000' }]);
  expect(seen.get('ainogap_alerts_firing')?.samples).toMatchObject([{ labels: { rule: 'shortfall' }, value: 0 }]);
  expect(seen.get('ainogap_database_readable')?.samples).toMatchObject([{ value: 1 }]);
  for (const name of ['ainogap_database_size_bytes', 'ainogap_wal_size_bytes', 'process_resident_memory_bytes', 'process_cpu_seconds_total', 'process_start_time_seconds'])
    expect([name, seen.get(name)?.samples.length, (seen.get(name)?.samples[0]?.value ?? 0) > 0]).toEqual([name, 1, true]);
  expect(sumOf(seen, 'ainogap_requests_total')).toBe(0n);
});

test('a stream under way is in flight, connected and held for, and a client that left it is drained', async () => {
  let look = (): void => undefined;
  const left = leave('Count [[simulate {"outputTokens":150,"tokensPerSecond":60}]]', new Promise((resolve) => (look = resolve)));
  const one = (seen: Map<string, SeenFamily>, name: string): number => Number(sumOf(seen, `ainogap_${name}`));
  const under = await scrapeWhen((seen) => one(seen, 'holds_open') === 1);
  expect(['requests_in_flight', 'requests_held'].map((name) => one(under, name))).toEqual([1, 1]);
  expect([one(under, 'client_connections') > 0, one(under, 'held_micro_usdc') > 0]).toEqual([true, true]);
  look();
  await left;
  const after = await scrapeWhen((seen) => one(seen, 'requests_total') === 1);
  expect(['holds_open', 'requests_held', 'held_micro_usdc', 'drains_total', 'drains_running'].map((name) => one(after, name))).toEqual([0, 0, 0, 1, 0]);
});

describe('what is counted', () => {
  let seen: Map<string, SeenFamily>;
  beforeAll(async () => {
    await product.json('buyer', 'create', 'poor');
    const { routeApiKey: poor } = await product.json<{ routeApiKey: string }>('key', 'create', 'poor');
    const statuses = [
      await send('Hi'),
      await send('Hi [[simulate {"outputTokens":7}]]', { stream: true }),
      await send('Hi', { alias: 'second', model: OTHER_MODEL }),
      await send('Hi', { alias: 'second', stream: true }),
      await search(),
      await send('Break [[simulate {"failure":"cut"}]]', { stream: true }),
      await send('Fail [[simulate {"failure":"status","failureStatus":529,"retryAfterSeconds":0}]]'),
      await send('Hi', { model: 'made-up' }),
      await send('Hi', { key: poor }),
      await send('Hi', { key: `rk_${'a'.repeat(32)}` }),
    ];
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 529, 400, 402, 401]);
    // Longer than the drain lasts.
    await leave('Count [[simulate {"outputTokens":4000,"tokensPerSecond":50}]]');
    seen = await scrapeWhen((now) => sumOf(now, 'ainogap_requests_total') === 12n);
  });

  test('is every request, by how it ended', () => {
    const ends = seen.get('ainogap_requests_total')?.samples.map(({ labels: { route, model, outcome, status }, value }) => [route, model, outcome, status, value].join(' '));
    // One left when its head had been sent, so it was answered 200.
    expect(ends?.toSorted()).toEqual(
      [
        `${ALIAS} ${NEW_MODEL} client_left 200 2`,
        `${ALIAS} ${NEW_MODEL} completed 200 3`,
        `second ${OTHER_MODEL} completed 200 1`,
        `second ${NEW_MODEL} completed 200 1`,
        `${ALIAS} ${NEW_MODEL} interrupted 200 1`,
        `${ALIAS} ${NEW_MODEL} upstream_error 529 1`,
        `${ALIAS} other refused 400 1`,
        `${ALIAS}  refused 402 1`,
        '  refused 401 1',
      ].toSorted(),
    );
    expect(seen.get('ainogap_request_errors_total')?.samples.map(({ labels }) => labels.code).toSorted()).toEqual(
      ['insufficient_funds', 'model_not_offered', 'overloaded_error', 'unauthenticated', 'upstream_broken'],
    );
  });

  test('in tokens and money is what `usage` says, by route, by model and in all', async () => {
    const [routes, models] = [await usage('route'), await usage('model')];
    expect(new Set(routes.rows.map(({ route }) => route))).toEqual(new Set([ALIAS, 'second']));
    for (const row of routes.rows) {
      expectSame(seen, row, { route: row.route as string });
      expect(Number(sumOf(seen, 'ainogap_requests_total', { route: row.route as string }))).toBe(row.requests);
    }
    expect(models.rows.map(({ model }) => model)).toEqual(expect.arrayContaining([NEW_MODEL, OTHER_MODEL]));
    for (const row of models.rows.filter(({ model }) => model === NEW_MODEL || model === OTHER_MODEL)) expectSame(seen, row, { model: row.model as string });
    expectSame(seen, routes.total, {});
    expect(routes.total).toMatchObject({ requests: 11, refused: 2, estimated: 2 });
    expect(Math.min(...CHARGES.filter((field) => /input|output|web/.test(field)).map((field) => routes.total[field]))).toBeGreaterThan(0);
  });

  test('of the upstream and the ledger is one observation for each request that was held for', () => {
    expect(sumOf(seen, 'ainogap_upstream_retries_total', { upstream: 'simulator' })).toBe(1n);
    expect(seen.get('ainogap_upstream_results_total')?.samples.map(({ labels, value }) => [labels.result, value])).toEqual([['answered', 5], ['fault', 2], ['open', 2]]);
    const counts = ['ledger_hold', 'ledger_settle', 'request_duration', 'upstream_first_byte'].map((name) => sumOf(seen, `ainogap_${name}_seconds_count`));
    expect(counts).toEqual([9n, 9n, 9n, 9n]);
    expect(sumOf(seen, 'ainogap_drains_total')).toBe(2n);
  });
});

describe('the listener', () => {
  const statusOf = (target: string, headers: http.OutgoingHttpHeaders, method = 'GET'): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(urlOf(product.server));
      const request = http.request({ hostname, port, path: target, method, headers, agent: false }, (response) => resolve(response.resume().statusCode));
      request.once('error', reject).end();
    });
  const authorization = `Bearer ${TOKEN}`;

  test('answers /metrics, to GET and HEAD, by a name of its own, with the token', async () => {
    const asked: readonly (readonly [string, http.OutgoingHttpHeaders, string, number])[] = [
      ['/metrics', { authorization }, 'GET', 200],
      ['/metrics?x=1', { authorization }, 'GET', 200],
      ['/metrics', { authorization }, 'HEAD', 200],
      ['/metrics', { authorization }, 'POST', 405],
      ['/metricsx', { authorization }, 'GET', 404],
      ['/', { authorization }, 'GET', 404],
      ['/healthz', { authorization }, 'GET', 404],
      ['/metrics', { authorization, host: 'rebound.example.com' }, 'GET', 404],
      ['/metrics', {}, 'GET', 401],
      ['/metrics', { authorization: `Bearer ${TOKEN}x` }, 'GET', 401],
      ['/metrics', { authorization: TOKEN }, 'GET', 401],
    ];
    for (const [target, headers, method, status] of asked) expect([method, target, await statusOf(target, headers, method)]).toEqual([method, target, status]);
    const onDataPlane = await fetch(`${product.origin}/metrics`);
    expect([onDataPlane.status, await onDataPlane.text()]).toEqual([404, expect.not.stringContaining('ainogap_')]);
  });

  test('sends the text of format 0.0.4, packed for those who ask for it', async () => {
    const response = await ask(product.server, { 'accept-encoding': 'gzip' });
    expect([response.headers.get('content-type'), response.headers.get('content-encoding'), response.headers.get('cache-control')]).toEqual(['text/plain; version=0.0.4; charset=utf-8', 'gzip', 'no-store']);
    expect(readPrometheusText(await response.text()).size).toBeGreaterThan(40);
    const plain = await ask(product.server, { 'accept-encoding': 'gzip;q=0' });
    expect(plain.headers.get('content-encoding')).toBeNull();
    await plain.text();
  });

  test('takes another token at SIGHUP, and another address at the next start', async () => {
    fs.writeFileSync(tokenFile, 'another-one');
    product.writeConfig({ config: `metrics: { listen: "127.0.0.1:1", token: "file:${tokenFile}" }\nalerts: { rules: [{ when: shortfall, name: broke }] }` });
    product.server.kill('SIGHUP');
    await product.server.printed(/changes at the next start only: metrics\.listen/);
    await product.server.printed(/"event":"reloaded"/);
    const another = { authorization: 'Bearer another-one' };
    const [before, now] = [await ask(product.server), await ask(product.server, another)];
    expect([before.status, now.status]).toEqual([401, 200]);
    await before.text();
    await now.text();
    const fresh = await until(async () => await (await ask(product.server, another)).text(), (text) => text.includes('rule="broke"'));
    expect(fresh).not.toContain('rule="shortfall"');
    fs.writeFileSync(tokenFile, TOKEN);
    expect(product.server.stdout() + product.server.stderr()).not.toMatch(/canary-metrics|another-one/);
  });

  test('is refused where other machines reach it, without a token, or without TLS to keep it', async () => {
    const refused = async (metrics: string): Promise<string> => {
      product.writeConfig({ config: `metrics: ${metrics}` });
      const { code, stderr } = await product.cli('serve', '--port', '0');
      return `${code} ${stderr}`;
    };
    expect(await refused('{ listen: "0.0.0.0:0" }')).toMatch(/^1 .*0\.0\.0\.0 is reachable from other machines, and metrics tell whoever asks what is sold.*Set metrics\.token/s);
    expect(await refused(`{ listen: "0.0.0.0:0", token: "file:${tokenFile}" }`)).toMatch(/^1 .*without TLS metrics and their token could be read on the way/s);
    const { port } = new URL(urlOf(product.server));
    expect(await refused(`{ listen: "127.0.0.1:${port}" }`)).toMatch(new RegExp(`^1 .*port ${port} on 127\\.0\\.0\\.1 is in use.*metrics\\.listen`, 's'));
  });
});

test('what a killed process left is counted by the one that recovers it', async () => {
  const before = (await usage('route')).total;
  const stream = postMessages({ ...product, model: NEW_MODEL, prompt: 'Count [[simulate {"outputTokens":4000,"tokensPerSecond":50}]]', maxTokens: 5_000, stream: true }).then(readStream);
  await until(() => product.read((db) => db.prepare('SELECT progress_at FROM open_requests').pluck().get()), (at) => typeof at === 'number');
  product.server.kill('SIGKILL');
  await stream.catch(() => undefined);
  product.writeConfig({ config: `metrics: { listen: "127.0.0.1:0", token: "file:${tokenFile}" }` });
  const next = await product.serve();
  await next.printed(/^metrics /m);
  const seen = await scrapeWhen((now) => sumOf(now, 'ainogap_requests_total') > 0n, next);
  const after = (await usage('route')).total;
  const grown = Object.fromEntries(Object.entries(after).map(([key, value]) => [key, Number(value) - Number(before[key as keyof UsageRow])])) as unknown as UsageRow;
  expectSame(seen, grown, { route: ALIAS, model: NEW_MODEL });
  expect(seen.get('ainogap_requests_total')?.samples).toMatchObject([{ labels: { route: ALIAS, outcome: 'recovered', status: '0' }, value: 1 }]);
  expect(grown).toMatchObject({ requests: 1, estimated: 1 });
});
