import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Call, call, requestBody } from '../support/client-call.ts';
import { openTestGateway, UPSTREAM_SECRET, type TestGateway } from '../support/gateway-in-process.ts';
import { event, messageDelta, messageDocument, messageStart, messageStop, ping, textDelta, USUAL_CHARGE, wholeStream } from '../support/message-stream.ts';
import { answers, headerOf } from '../support/scripted-upstream.ts';

let gateway: TestGateway;
beforeAll(async () => void (gateway = await openTestGateway()));
afterEach(() => gateway.checkInvariants());
afterAll(() => gateway.close());

describe('the request', () => {
  it('reaches the upstream byte for byte, unknown fields, odd spacing and query string included', async () => {
    const buyer = gateway.buyer();
    const body = '{ "stream":true,\n"max_tokens" : 100, "model":"claude-haiku-4-5","\\u0066uture":[1.0,1e3,{"a":null}],"messages":[{"role":"narrator","content":"h\\u00ef"}] }';
    gateway.upstream.next(answers.sse(wholeStream()));
    await call({ port: gateway.port, key: buyer.key, body, path: '/v1/messages?beta=true&x=%2F..' });
    const [seen] = gateway.upstream.seen;
    expect(seen?.body.toString()).toBe(body);
    expect(seen?.method).toBe('POST');
    expect(seen?.target).toBe('/v1/messages?beta=true&x=%2F..');
  });

  it("carries the client's version, betas and agent, and none of its credentials, cookies or workspace", async () => {
    const buyer = gateway.buyer();
    gateway.upstream.next(answers.sse(wholeStream()));
    await call({
      port: gateway.port,
      key: buyer.key,
      headers: {
        'anthropic-version': '2026-10-21',
        'anthropic-beta': ['one-2026-01-01', 'two-2026-02-02,three'],
        'anthropic-dangerous-direct-browser-access': 'true',
        'user-agent': 'test-agent/1',
        authorization: 'Bearer sk-ant-oat-of-the-client',
        cookie: 'session=1',
        'anthropic-workspace-id': 'wrkspc_theirs',
        'anthropic-user-profile-id': 'profile_theirs',
        'x-forwarded-for': '10.0.0.1',
        'x-ainogap-request-id': 'req_forged',
        'accept-encoding': 'gzip, br',
        connection: 'keep-alive, x-hop',
        'x-hop': 'hop',
      },
    });
    const [seen] = gateway.upstream.seen;
    const names = seen?.rawHeaders.map(([name]) => name.toLowerCase()).sort();
    expect(names).toEqual(
      ['accept-encoding', 'anthropic-beta', 'anthropic-dangerous-direct-browser-access', 'anthropic-version', 'connection', 'content-length', 'content-type', 'host', 'user-agent', 'x-api-key'].sort(),
    );
    const header = (name: string) => seen && headerOf(seen, name);
    expect(header('anthropic-version')).toBe('2026-10-21');
    expect(header('anthropic-beta')).toBe('one-2026-01-01, two-2026-02-02,three');
    expect(header('user-agent')).toBe('test-agent/1');
    expect(header('accept-encoding')).toBe('identity');
    expect(header('x-api-key')).toBe(UPSTREAM_SECRET);
    expect(header('host')).toBe(`127.0.0.1:${gateway.upstream.port}`);
    expect(JSON.stringify(seen?.rawHeaders)).not.toContain(buyer.key);
  });

  it('may bring its key as x-api-key, as Bearer, or beside another credential that is dropped', async () => {
    const buyer = gateway.buyer();
    gateway.upstream.always(answers.sse(wholeStream()));
    const ask = async (headers: Record<string, string>) => {
      const options = { port: gateway.port, key: '', headers };
      return (await call(options)).status;
    };
    expect(await ask({ 'x-api-key': buyer.key })).toBe(200);
    expect(await ask({ 'x-api-key': 'sk-ant-other', authorization: `Bearer ${buyer.key}` })).toBe(200);
    expect(await ask({ 'x-api-key': buyer.key, authorization: 'Bearer sk-ant-other' })).toBe(200);
    expect(await ask({ 'x-api-key': buyer.key, authorization: `Bearer ${buyer.key}` })).toBe(200);
    expect(await ask({ 'x-api-key': buyer.key, authorization: `Bearer ${gateway.buyer().key}` })).toBe(401);
    expect(await ask({ 'x-api-key': 'sk-ant-other' })).toBe(401);
    for (const seen of gateway.upstream.seen) expect(seen.rawHeaders.filter(([, value]) => value.includes('rk_') || value.includes('other'))).toEqual([]);
    await gateway.rows(buyer, 4);
  });
});

describe('a stream', () => {
  it('arrives byte for byte, with pings, padding, unknown events and unknown fields', async () => {
    const buyer = gateway.buyer();
    const pieces = [
      ': a comment\n\n',
      messageStart({ input_tokens: 10, output_tokens: 1, service_tier: 'standard', novelty: null }),
      ping(),
      'event: hologram\ndata: {"type":"hologram","x":[1,2]}\n\nid: 7\nretry: 10\ndata: plain words\n\n',
      'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"h\\u00ef"}      }   \n\n',
      event({ type: 'content_block_delta', index: 0, delta: { type: 'smell_delta', smell: 'roses' } }),
      messageDelta({ output_tokens: 20 }),
      messageStop(),
    ];
    gateway.upstream.next(answers.sse(pieces));
    const answer = await call({ port: gateway.port, key: buyer.key });
    expect(answer).toMatchObject({ status: 200, whole: true, text: pieces.join('') });
    expect(answer.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'completed', http_status: 200, usage_source: 'reported', input_tokens: 10, output_tokens: 20, flags: null, attempts: 1 });
    expect(gateway.balance(buyer)).toEqual({ balance: 1_000_000n - USUAL_CHARGE, held: 0n });
  });

  it('is not buffered: each event is there before the upstream sends the next', async () => {
    const buyer = gateway.buyer();
    let next = (): void => undefined;
    const turn = () => new Promise<void>((resolve) => (next = resolve));
    gateway.upstream.next(async (peer) => {
      await peer.head(200, { 'content-type': 'text/event-stream' });
      for (const piece of [messageStart(), textDelta('one'), textDelta('two')]) {
        const waiting = turn();
        await peer.write(piece);
        await waiting;
      }
      await peer.end(messageDelta() + messageStop());
    });
    const running = new Call({ port: gateway.port, key: buyer.key });
    for (const mark of ['message_start', 'one', 'two']) {
      await running.until(mark);
      next();
    }
    expect((await running.answer).whole).toBe(true);
  });

  it("gets its headers before the upstream's first event", async () => {
    const buyer = gateway.buyer();
    let go = (): void => undefined;
    const waiting = new Promise<void>((resolve) => (go = resolve));
    gateway.upstream.next(async (peer) => {
      await peer.head(200, { 'content-type': 'text/event-stream', 'request-id': 'req_011CSHo' });
      await waiting;
      await peer.end(wholeStream().join(''));
    });
    const running = new Call({ port: gateway.port, key: buyer.key });
    const { headers } = await running.head;
    expect(headers['request-id']).toBe('req_011CSHo');
    go();
    await running.answer;
  });
});

describe('the response headers', () => {
  it("show the upstream's id and retry advice, and hide its quota, organisation, cookies and server", async () => {
    const buyer = gateway.buyer();
    const hidden = {
      'set-cookie': 'cf=1',
      'anthropic-ratelimit-requests-limit': '4000',
      'anthropic-organization-id': 'org_operator',
      'anthropic-workspace-id': 'wrkspc_operator',
      server: 'cloudflare',
      'cf-ray': '8f',
      'x-secret': UPSTREAM_SECRET,
    };
    gateway.upstream.next(answers.json(200, messageDocument(), { 'request-id': 'req_011CSHo', 'retry-after-ms': 5, 'x-should-retry': 'false', ...hidden }));
    const { headers } = await call({ port: gateway.port, key: buyer.key, body: requestBody({ stream: false }) });
    expect(headers).toMatchObject({ 'request-id': 'req_011CSHo', 'retry-after-ms': '5', 'x-should-retry': 'false', 'content-type': 'application/json' });
    for (const name of Object.keys(hidden)) expect(headers).not.toHaveProperty(name);
    const [row] = await gateway.rows(buyer);
    expect(headers['x-ainogap-request-id']).toMatch(/^req_[0-9a-z]{13}$/);
    expect(row).toMatchObject({ upstream_request_id: 'req_011CSHo' });
  });

  it('of a JSON response tell the charge and what is available after it', async () => {
    const buyer = gateway.buyer('0.5');
    gateway.upstream.next(answers.json(200, messageDocument()));
    const answer = await call({ port: gateway.port, key: buyer.key, body: requestBody({ stream: false }) });
    expect(answer.text).toBe(messageDocument());
    expect(answer.headers).toMatchObject({ 'x-ainogap-charge-usd-micros': '110', 'x-ainogap-balance-usd-micros': '499890' });
    expect(answer.headers['request-id']).toBe(answer.headers['x-ainogap-request-id']);
  });
});

describe('count_tokens', () => {
  it('passes through, free of charge and without a hold', async () => {
    const buyer = gateway.buyer('0.000001');
    gateway.upstream.next(answers.json(200, '{"input_tokens": 14}', { 'request-id': 'req_count', 'set-cookie': 'a=b' }));
    const body = { model: 'claude-haiku-4-5', messages: [{ role: 'user', content: 'Hi' }] };
    const answer = await call({ port: gateway.port, key: buyer.key, body, path: '/v1/messages/count_tokens?beta=true' });
    expect(answer).toMatchObject({ status: 200, text: '{"input_tokens": 14}' });
    expect(answer.headers).not.toHaveProperty('set-cookie');
    expect(gateway.upstream.seen[0]?.target).toBe('/v1/messages/count_tokens?beta=true');
    await gateway.rows(buyer, 0);
  });
});
