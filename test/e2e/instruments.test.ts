/**
 * The log of requests and the traces of a real `serve`, with canaries in every place where a secret can be: each is made
 * to come back by the upstream, the client or the operator, and none may be read anywhere.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../support/books.ts';
import { Call, type CallOptions } from '../support/client-call.ts';
import { errorDocument, messageDocument, MODEL, wholeStream } from '../support/message-stream.ts';
import { openOtlpReceiver, type OtlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.ts';
import { ALIAS, PROJECT, startProduct, type Product } from '../support/product.ts';
import { answers, openScriptedUpstream, type ScriptedUpstream } from '../support/scripted-upstream.ts';
import { openReceiver, status as answered, type Receiver } from '../alerts/receiver.ts';

/** Shaped and unshaped, as secrets come. Each is 20 characters or more, so that half of one would be found too. */
const CANARY = {
  credential: 'canary-upstream+credential/1',
  webhook: 'canary-webhook"secret\\2345',
  webhookPath: '/hooks/T0CANARY/B0CANARYPATH42',
  collector: 'canary-collector-token-99',
  buyerKey: `rk_${'Canary7'.repeat(6).slice(0, 36)}`,
  adminToken: `ainogap_admin_${'CanaryAdminToken'.repeat(3).slice(0, 43)}`,
  session: `st_${'CanarySessionTok'.repeat(3).slice(0, 43)}`,
  anthropic: 'sk-ant-api03-CanaryCanaryCanary-AA',
  password: 'canary horse battery',
} as const;

let collector: OtlpReceiver;
let upstream: ScriptedUpstream;
let hooks: Receiver;
let product: Product;
const port = (): number => Number(new URL(product.origin).port);
const call = (options: Partial<CallOptions> = {}): Call => new Call({ port: port(), key: product.key, alias: ALIAS, ...options });

const configOf = (format: string): Parameters<Product['writeConfig']>[0] => ({
  upstreams: `  real: { kind: anthropic, base_url: "${upstream.origin}", credential: env:UPSTREAM_KEY }`,
  config: `log: { level: debug, format: ${format} }
tracing: { endpoint: "${collector.endpoint}", headers: { authorization: env:COLLECTOR_TOKEN }, service_name: edge }
alerts:
  rules: [{ when: usage_estimated }]
  webhooks: [{ name: ops, url: "${hooks.url}${CANARY.webhookPath}", secret: env:HOOK_SECRET }]`,
});

beforeAll(async () => {
  [collector, upstream, hooks] = await Promise.all([openOtlpReceiver(), openScriptedUpstream(), openReceiver()]);
  hooks.answer(answered(500));
  const env = { UPSTREAM_KEY: CANARY.credential, HOOK_SECRET: CANARY.webhook, COLLECTOR_TOKEN: `Bearer ${CANARY.collector}`, OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test%20bed' };
  product = await startProduct({ ...configOf('json'), upstream: 'real', topup: '0.2', env });
});
afterAll(async () => {
  await product.stop();
  await Promise.all([collector.close(), upstream.close(), hooks.close()]);
});

type Line = Readonly<Record<string, unknown>>;
const lines = (): Line[] =>
  product.server
    .stderr()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);
const lineOf = (requestId: unknown): Promise<Line> =>
  until(
    () => Promise.resolve(lines().filter((line) => line['event'] === 'request' && line['requestId'] === requestId)),
    (found) => found.length > 0,
  ).then((found) => found[0] as Line);
const idOf = (headers: { readonly [name: string]: unknown }): unknown => headers['x-ainogap-request-id'] ?? headers['request-id'];
const spansOf = (requestId: unknown, count: number): Promise<ReceivedSpan[]> =>
  until(
    () => {
      const root = collector.spans.find(({ attributes }) => attributes['ainogap.request.id'] === requestId);
      return Promise.resolve(collector.spans.filter(({ traceId }) => traceId === root?.traceId).toSorted((a, b) => a.from - b.from || b.to - a.to));
    },
    (found) => found.length >= count,
  );

test('a request has one line, which agrees with the record of the meter', async () => {
  upstream.next(answers.sse(wholeStream(), { 'request-id': 'req_at_upstream' }));
  const { headers } = await call().answer;
  const line = await lineOf(idOf(headers));
  const record = (await product.json<{ requests: Line[] }>('requests')).requests[0] as Line;
  const { buyerId, buyerChargeUsdMicros, startedAt: _, cardVersion: __, ...same } = record;
  expect(line).toMatchObject({
    level: 'info',
    buyer: buyerId,
    key: 'key_1',
    chargeUsdMicros: buyerChargeUsdMicros,
    httpStatus: 200,
    attempts: 1,
    stream: true,
    upstreamRequestId: 'req_at_upstream',
    ...Object.fromEntries(Object.entries(same).filter(([key, value]) => key in line && value !== null)),
  });
  expect(Object.keys(line)).toEqual(expect.arrayContaining(['uncachedInputTokens', 'outputTokens', 'cacheWrite5mTokens', 'cacheWrite1hTokens', 'cacheReadTokens', 'usageSource', 'heldAfterMs', 'timeToFirstByteMs', 'settleMs', 'durationMs', 'holdUsdMicros']));
  expect(lines().filter(({ requestId }) => requestId === idOf(headers))).toHaveLength(1);
});

test('a trace has the request, its hold, its tries and its settlement, in the trace that the client is in', async () => {
  upstream.next(answers.json(529, errorDocument('overloaded_error', 'Overloaded'), { 'retry-after-ms': '20' }), answers.sse(wholeStream(), { 'request-id': 'req_at_upstream' }));
  const traceId = 'a3ce929d0e0e4736a3ce929d0e0e4736';
  const { headers } = await call({ headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` } }).answer;
  expect(await lineOf(idOf(headers))).toMatchObject({ attempts: 2, traceId });
  const spans = await spansOf(idOf(headers), 6);
  const [server, ...parts] = spans as [ReceivedSpan, ...ReceivedSpan[]];
  const named = (name: string): ReceivedSpan[] => parts.filter((span) => span.name === name);
  expect(server).toMatchObject({ traceId, parentSpanId: '00f067aa0ba902b7', name: 'POST /{alias}/v1/messages', kind: 2, status: 0 });
  expect(server.attributes).toMatchObject({
    'http.request.method': 'POST', 'http.route': '/{alias}/v1/messages', 'http.response.status_code': 200, 'url.path': `/${ALIAS}/v1/messages`,
    'ainogap.request.id': idOf(headers), 'ainogap.route': ALIAS, 'ainogap.buyer.id': 'buyer_1', 'ainogap.key.id': 'key_1', 'ainogap.charge_usd_micros': 110, 'ainogap.status': 'completed',
  });
  expect(server.resource).toMatchObject({ 'service.name': 'edge', 'deployment.environment.name': 'test bed' });
  expect(named('hold')).toMatchObject([{ parentSpanId: server.spanId, kind: 1 }]);
  expect(named('settle')).toMatchObject([{ parentSpanId: server.spanId, kind: 1 }]);
  const [first, last] = named(`chat ${MODEL}`) as [ReceivedSpan, ReceivedSpan];
  expect([first, last]).toMatchObject([
    { parentSpanId: server.spanId, kind: 3, status: 2, attributes: { 'http.response.status_code': 529, 'error.type': '529', 'server.address': '127.0.0.1', 'server.port': upstream.port } },
    { parentSpanId: server.spanId, kind: 3, status: 0, attributes: { 'http.response.status_code': 200, 'http.request.resend_count': 1 } },
  ]);
  expect(last.attributes).toMatchObject({
    'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'anthropic', 'gen_ai.request.model': MODEL, 'gen_ai.response.model': MODEL,
    'gen_ai.usage.input_tokens': 10, 'gen_ai.usage.output_tokens': 20, 'gen_ai.usage.cache_read.input_tokens': 0, 'gen_ai.usage.cache_creation.input_tokens': 0,
    'ainogap.upstream.request_id': 'req_at_upstream',
  });
  expect(named('receive')).toMatchObject([{ parentSpanId: last.spanId }]);
  expect(last.from - first.to, 'the wait between the tries is in neither').toBeGreaterThanOrEqual(15);
  for (const { from, to } of parts) expect([from >= server.from, to >= from, to <= server.to]).toEqual([true, true, true]);
  expect(upstream.seen.flatMap(({ rawHeaders }) => rawHeaders.filter(([name]) => /^trace/i.test(name))), 'the trace goes no further').toEqual([]);
});

test('a client that says that it is not traced is not, and one that talks nonsense begins a trace', async () => {
  upstream.next(answers.json(200, messageDocument()), answers.json(200, messageDocument()));
  const unsampled = await call({ headers: { traceparent: '00-11111111111111111111111111111111-2222222222222222-00' } }).answer;
  const nonsense = await call({ headers: { traceparent: `00-${CANARY.buyerKey}-x-01` } }).answer;
  const [root] = await spansOf(idOf(nonsense.headers), 5);
  expect(root?.parentSpanId).toBe('');
  expect(collector.spans.filter(({ attributes }) => attributes['ainogap.request.id'] === idOf(unsampled.headers))).toEqual([]);
});

/** Every way at hand for a secret to come where an event, a line or a span might repeat it. */
async function provoke(): Promise<void> {
  const { credential, buyerKey, anthropic, adminToken, session, webhook, password } = CANARY;
  const odd = { 'x-canary': buyerKey, cookie: `__Host-ainogap=${session}`, traceparent: anthropic };
  const body = (model: string): unknown => ({ model, max_tokens: 100, messages: [{ role: 'user', content: `${buyerKey} ${webhook}` }] });
  const statuses = [
    (await call({ key: buyerKey, headers: odd }).answer).status,
    (await call({ alias: 'nowhere', headers: odd }).answer).status,
    (await call({ alias: buyerKey }).answer).status,
    (await call({ headers: { host: `${buyerKey}.example.com` } }).answer).status,
    (await call({ body: `{"model":"${buyerKey}" "${anthropic}` }).answer).status,
    (await call({ body: body(buyerKey) }).answer).status,
    (await call({ body: { ...(body(MODEL) as object), max_tokens: 60_000 } }).answer).status,
    (await call({ body: { ...(body(MODEL) as object), [anthropic]: 1, mcp_servers: [{ authorization_token: anthropic }] } }).answer).status,
  ];
  expect(statuses).toEqual([401, 404, 404, 404, 400, 400, 402, 400]);
  upstream.next(
    answers.json(401, errorDocument('authentication_error', `invalid x-api-key ${credential}`)),
    answers.json(400, errorDocument(credential, `Bearer ${credential}`), { 'request-id': credential }),
    answers.json(200, messageDocument().replace(MODEL, anthropic)),
    // Usage is missing: it is estimated, which fires the alert, whose webhook fails.
    answers.json(200, messageDocument(null, credential)),
    answers.raw(`HTTP/1.1 200 ${credential}\r\n${credential}`),
  );
  const upstreams = [];
  for (let i = 0; i < 5; i++) upstreams.push((await call({ body: body(MODEL) }).answer).status);
  expect(upstreams).toEqual([502, 400, 200, 200, 502]);
  const post = (target: string, json: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${product.origin}${target}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(json) });
  expect((await post('/buyer/login', { name: 'acme', password })).status).toBe(401);
  expect((await post('/admin/login', { name: buyerKey, password })).status).toBe(401);
  expect((await fetch(`${product.origin}/admin/buyers`, { headers: { authorization: `Bearer ${adminToken}` } })).status).toBe(401);
  expect((await fetch(`${product.origin}/buyer/account`, { headers: { authorization: `Bearer ${session}` } })).status).toBe(401);
}

function expectNoCanary(text: string): void {
  for (const [name, secret] of Object.entries({ ...CANARY, productKey: product.key })) {
    expect(text.includes(secret), name).toBe(false);
    expect(text.includes(secret.slice(0, 20)), `the beginning of ${name}`).toBe(false);
    expect(text.includes(JSON.stringify(secret).slice(1, -1)), `${name} within JSON`).toBe(false);
  }
}

test('no secret is in the log, in JSON and in words, at its most talkative, nor in a trace', async () => {
  await provoke();
  await product.server.printed(/"event":"webhook_failed"/);
  const json = lines();
  expect(json.map(({ event }) => event)).toEqual(expect.arrayContaining(['request', 'host_refused', 'alert_upstream_refused', 'alert_usage_estimated', 'signin_failed', 'webhook_failed']));
  // The walls were needed: an upstream chose its error's type, a client its model, an upstream its request id.
  expect(json.filter(({ event, errorCode }) => event === 'request' && errorCode === '[hidden]')).toMatchObject([{ upstreamRequestId: '[hidden]' }]);
  expect(json.filter(({ event, model }) => event === 'request' && model === 'rk_[hidden]')).toHaveLength(1);
  product.writeConfig(configOf('text'));
  product.server.kill('SIGHUP');
  await product.server.printed(/ info {2}reloaded /);
  await provoke();
  await product.server.printed(/ info {2}request .* errorCode=\[hidden\] /);
  expectNoCanary(product.server.stderr() + product.server.stdout());
  await until(() => Promise.resolve(collector.spans), (spans) => spans.filter(({ attributes }) => attributes['ainogap.error_code'] === '[hidden]').length === 2);
  expectNoCanary(JSON.stringify(collector.spans));
  expect(collector.headers.every(({ authorization }) => authorization === `Bearer ${CANARY.collector}`)).toBe(true);
});

test('a collector that takes nothing costs its traces, is told of once, and is tried again', async () => {
  collector.status = 400;
  for (let round = 0; round < 2; round++) {
    upstream.next(answers.json(200, messageDocument()));
    const before = collector.headers.length;
    expect((await call().answer).status).toBe(200);
    await until(() => Promise.resolve(collector.headers.length), (count) => count > before);
  }
  await product.server.printed(/ warn {2}traces_lost requests=1 /);
  collector.status = 200;
  upstream.next(answers.json(200, messageDocument()));
  await call().answer;
  await product.server.printed(/ info {2}tracing_resumed /);
  expect(product.server.stderr().match(/traces_lost/g)).toHaveLength(1);
});

test('SIGHUP turns lines and traces off, and on again', async () => {
  const reloaded = async (options: Parameters<Product['writeConfig']>[0], count: number): Promise<unknown> => {
    product.writeConfig(options);
    product.server.kill('SIGHUP');
    await product.server.printed(new RegExp(`(?: reloaded [\\s\\S]*){${count}}`));
    upstream.next(answers.json(200, messageDocument()));
    return idOf((await call().answer).headers);
  };
  const { upstreams = '' } = configOf('text');
  const silent = await reloaded({ upstreams, config: 'log: { format: text, requests: false }' }, 2);
  const told = await reloaded(configOf('text'), 3);
  await product.server.printed(new RegExp(` request requestId=${String(told)} `));
  expect(await spansOf(told, 5)).toHaveLength(5);
  expect(product.server.stderr()).not.toContain(silent);
  expect(JSON.stringify(collector.spans)).not.toContain(silent);
});

test('at the end, what was gathered is written and sent', async () => {
  upstream.next(answers.json(200, messageDocument()));
  const { headers } = await call().answer;
  product.server.kill('SIGTERM');
  expect(await product.server.exited).toBe(0);
  expect(product.server.stderr()).toMatch(new RegExp(` info {2}request requestId=${String(idOf(headers))} [\\s\\S]* info {2}stopped\\n$`));
  expect(await spansOf(idOf(headers), 5)).toHaveLength(5);
});

test('OpenTelemetry is in the bundle of its own thread alone, which nobody loads who does not trace', () => {
  const dist = path.join(PROJECT, 'dist');
  const holds = fs.readdirSync(dist).filter((file) => file.endsWith('.cjs') && fs.readFileSync(path.join(dist, file), 'utf8').includes('telemetry.sdk'));
  expect(holds).toEqual(['tracing-worker.cjs']);
});
