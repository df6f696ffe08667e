import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Config } from '../../src/config.ts';
import { openDirectLedger } from '../../src/ledger/direct.ts';
import { micro } from '../../src/money.ts';
import { makeCardModels, parseMultiplier, serializeCard } from '../../src/metering/price-card.ts';
import { createPriceBook } from '../../src/metering/price-book.ts';
import { setBuyerDisabled } from '../../src/registry/buyers.ts';
import { revokeKey, rotateKey } from '../../src/registry/keys.ts';
import { changeRoute, deleteRoute } from '../../src/registry/routes.ts';
import { BareClient, Call, call, errorOf, PATIENTLY, requestBody } from '../support/client-call.ts';
import { addRoute, aliasOf, openTestGateway, type TestBuyer, type TestGateway } from '../support/gateway-in-process.ts';
import { messageDelta, messageDocument, messageStart, messageStop, textDelta, wholeStream } from '../support/message-stream.ts';
import { answers, openScriptedUpstream } from '../support/scripted-upstream.ts';
import { withBaseUrl } from '../support/test-config.ts';

let gateway: TestGateway;
let buyer: TestBuyer;
beforeAll(async () => void (gateway = await openTestGateway()));
afterEach(() => gateway.checkInvariants());
afterAll(() => gateway.close());

const ask = (alias = 'main') => call({ port: gateway.port, key: buyer.key, alias, body: requestBody({ stream: false }) });

/** A stream in its middle; `finish` lets the upstream say the rest. */
async function running(alias = 'main'): Promise<{ call: Call; finish: () => void }> {
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  gateway.upstream.next(async (peer) => {
    await peer.head(200, { 'content-type': 'text/event-stream' });
    await peer.write(messageStart() + textDelta('Hello'));
    await finished;
    await peer.end(messageDelta() + messageStop());
  });
  const begun = new Call({ port: gateway.port, key: buyer.key, alias });
  await begun.until('Hello');
  return { call: begun, finish };
}

describe('what changes while a stream runs', () => {
  it('a rotated key: the stream ends well, and its next request is a 401, although the key is remembered', async () => {
    buyer = gateway.buyer();
    const stream = await running();
    const rotated = rotateKey(gateway.db, { buyerId: buyer.id, keyId: null, rotationId: null });
    expect((await ask()).status).toBe(401);
    stream.finish();
    expect((await stream.call.answer).text).toContain('event: message_stop');
    const key = rotated.kind === 'rotated' ? rotated.created.secret : '';
    gateway.upstream.next(answers.json(200, messageDocument()));
    expect((await call({ port: gateway.port, key })).status).toBe(200);
    await gateway.rows(buyer, 2);
  });

  it('a revoked key is refused by the next request and by count_tokens, and nothing is forwarded', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.json(200, messageDocument()));
    expect((await ask()).status).toBe(200);
    revokeKey(gateway.db, buyer.keyId);
    expect((await ask()).status).toBe(401);
    expect((await call({ port: gateway.port, key: buyer.key, path: '/v1/messages/count_tokens' })).status).toBe(401);
    expect((await call({ port: gateway.port, key: buyer.key, path: '/v1/models', method: 'GET' })).status).toBe(401);
    expect(gateway.upstream.seen).toHaveLength(1);
  });

  it('a revoked key that is remembered hears a 401 whatever is wrong with its request, and leaves no row', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.json(200, messageDocument()));
    expect((await ask()).status).toBe(200);
    revokeKey(gateway.db, buyer.keyId);
    for (const body of [requestBody({ model: 'nope' }), requestBody({ container: 'c' }), '{', '']) {
      const answer = await call({ port: gateway.port, key: buyer.key, body });
      expect(answer).toMatchObject({ status: 401 });
      expect(errorOf(answer).type).toBe('authentication_error');
      expect(answer.text).not.toContain('claude');
    }
    await gateway.rows(buyer);
  });

  it.each(['content-length: 2000000', 'transfer-encoding: chunked', 'content-length: 900\r\ncontent-encoding: gzip'])(
    'a revoked key that is remembered is refused before its body is read, when that may be large (%j)',
    async (framing) => {
      buyer = gateway.buyer();
      gateway.upstream.next(answers.json(200, messageDocument()));
      expect((await ask()).status).toBe(200);
      revokeKey(gateway.db, buyer.keyId);
      const client = new BareClient(gateway.port);
      await client.send(`POST /main/v1/messages HTTP/1.1\r\nhost: localhost\r\nx-api-key: ${buyer.key}\r\n${framing}\r\n\r\n`);
      expect(await client.status()).toBe(401);
      client.socket.destroy();
    },
  );

  it('a route that a remembered key may not use any more does not tell what it has', async () => {
    buyer = gateway.buyer();
    addRoute(gateway.db, 'closing', 'main');
    gateway.upstream.next(answers.json(200, messageDocument()));
    expect((await ask('closing')).status).toBe(200);
    deleteRoute(gateway.db, 'closing');
    const answer = await call({ port: gateway.port, key: buyer.key, alias: 'closing', body: requestBody({ model: 'nope' }) });
    expect(answer.status).toBe(404);
    expect(answer.text).not.toContain('claude');
    await gateway.rows(buyer);
  });

  it("a disabled buyer's keys stop at once, and work again when the buyer is enabled", async () => {
    buyer = gateway.buyer();
    const stream = await running();
    setBuyerDisabled(gateway.db, buyer.id, Date.now());
    expect((await ask()).status).toBe(401);
    stream.finish();
    expect((await stream.call.answer).whole).toBe(true);
    setBuyerDisabled(gateway.db, buyer.id, null);
    gateway.upstream.next(answers.json(200, messageDocument()));
    expect((await ask()).status).toBe(200);
    await gateway.rows(buyer, 2);
  });

  it('a deleted route: the stream ends well, and the next request is a 404', async () => {
    buyer = gateway.buyer();
    addRoute(gateway.db, 'doomed', 'main');
    const stream = await running('doomed');
    deleteRoute(gateway.db, 'doomed');
    expect((await ask('doomed')).status).toBe(404);
    stream.finish();
    expect((await stream.call.answer).text).toContain('event: message_stop');
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'completed', charge: 110 });
  });

  it('a route that becomes private does not exist for others from the next request on', async () => {
    buyer = gateway.buyer();
    const other = gateway.buyer();
    addRoute(gateway.db, 'club', 'main');
    gateway.upstream.always(answers.json(200, messageDocument()));
    expect((await ask('club')).status).toBe(200);
    changeRoute(gateway.db, aliasOf('club'), () => ({ buyers: [other.id] }));
    expect((await ask('club')).status).toBe(404);
    expect((await call({ port: gateway.port, key: other.key, alias: 'club' })).status).toBe(200);
    await gateway.rows(buyer);
  });

  it('a repriced route: the stream is charged at the price it was admitted at, the next request at the new one', async () => {
    buyer = gateway.buyer();
    addRoute(gateway.db, 'moving', 'main');
    const stream = await running('moving');
    const multiplier = parseMultiplier('2');
    if (!multiplier.ok) throw new Error(multiplier.reason);
    const book = createPriceBook([]);
    const body = serializeCard({ models: makeCardModels(book.models, multiplier.multiplier), webSearchPerMillion: book.webSearchPerMillion });
    changeRoute(gateway.db, aliasOf('moving'), () => ({ card: { body, origin: { kind: 'multiplier', multiplier: '2', bookDate: book.date } } }));
    gateway.upstream.next(answers.json(200, messageDocument()));
    expect((await ask('moving')).headers['x-ainogap-charge-usd-micros']).toBe('220');
    stream.finish();
    await stream.call.answer;
    const [first, second] = await gateway.rows(buyer, 2);
    expect(first).toMatchObject({ charge: 110 });
    expect(second).toMatchObject({ charge: 220 });
    expect(second?.['card_version']).not.toBe(first?.['card_version']);
  });

  it('a top-up counts for the next request', async () => {
    buyer = gateway.buyer('0.0001');
    expect((await ask()).status).toBe(402);
    openDirectLedger(gateway.db).deposit({ buyerId: buyer.id, amount: micro(1_000_000), kind: 'deposit', reference: null, reason: null });
    gateway.upstream.forget();
    gateway.upstream.next(answers.json(200, messageDocument()));
    expect((await ask()).status).toBe(200);
    await gateway.rows(buyer, 2);
  });
});

it('a clock that jumps two hours in mid-stream changes no interval, no order and no charge', async () => {
  buyer = gateway.buyer();
  const now = Date.now;
  let shift = 0;
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() + shift);
  const streams = [];
  for (const hours of [2, -2, 0]) {
    const stream = await running();
    shift = hours * 3_600_000;
    streams.push(stream);
  }
  for (const stream of streams) {
    stream.finish();
    expect((await stream.call.answer).text).toContain('event: message_stop');
  }
  clock.mockRestore();
  for (const row of await gateway.rows(buyer, 3)) {
    expect(row).toMatchObject({ status: 'completed', charge: 110 });
    expect(row['duration_ms']).toBeLessThan(60_000);
    expect(row['duration_ms']).toBeGreaterThanOrEqual(0);
  }
});

describe('a reload of the configuration', () => {
  it('lets streams go on, and sends the next request to the new upstream', async () => {
    buyer = gateway.buyer();
    const other = await openScriptedUpstream();
    const stream = await running();
    await gateway.gateway.reload(withMain(other.origin));
    other.next(answers.json(200, messageDocument()));
    expect((await ask()).status).toBe(200);
    expect(other.seen).toHaveLength(1);
    stream.finish();
    expect((await stream.call.answer).text).toContain('event: message_stop');
    await gateway.gateway.reload(gateway.config);
    await other.close();
    await gateway.rows(buyer, 2);
  });

  it('does not fail a request that was still being read, or still waited, when it came', async () => {
    buyer = gateway.buyer();
    const body = JSON.stringify(requestBody({ stream: false }));
    const slow = new BareClient(gateway.port);
    await slow.send(`POST /main/v1/messages HTTP/1.1\r\nhost: localhost\r\nx-api-key: ${buyer.key}\r\ncontent-length: ${body.length}\r\n\r\n${body.slice(0, 20)}`);
    gateway.upstream.next(
      async (peer) => {
        // In the pause before the second try, the configuration changes.
        await peer.json(429, '{}', { 'retry-after-ms': 400 });
      },
      answers.json(200, messageDocument()),
      answers.json(200, messageDocument()),
    );
    const retried = ask();
    await expect.poll(() => gateway.upstream.seen.length, PATIENTLY).toBe(1);
    const other = await openScriptedUpstream();
    await gateway.gateway.reload(withMain(other.origin));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await slow.send(body.slice(20));
    expect(await slow.status()).toBe(200);
    slow.socket.destroy();
    expect((await retried).status).toBe(200);
    expect([gateway.upstream.seen.length, other.seen.length]).toEqual([3, 0]);
    await gateway.gateway.reload(gateway.config);
    await other.close();
    await gateway.rows(buyer, 2);
  });

  it('that cannot be put in force changes nothing', async () => {
    buyer = gateway.buyer();
    const upstreams = [...withMain('http://127.0.0.1:1').upstreams.values()].map((upstream) => ({ ...upstream, credential: { kind: 'file', path: '/nowhere/credential' } as const }));
    const broken: Config = { ...gateway.config, upstreams: new Map(upstreams.map((upstream) => [upstream.name, upstream])) };
    await expect(gateway.gateway.reload(broken)).rejects.toThrow('/nowhere/credential');
    gateway.upstream.next(answers.sse(wholeStream()));
    expect((await call({ port: gateway.port, key: buyer.key })).whole).toBe(true);
    await gateway.rows(buyer);
  });

  it('that drops an upstream makes its routes a 502, without a hold', async () => {
    buyer = gateway.buyer();
    await gateway.gateway.reload({ ...gateway.config, upstreams: new Map([...gateway.config.upstreams].filter(([name]) => name !== 'main')) });
    expect((await ask()).status).toBe(502);
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'refused', error_code: 'upstream_unreachable', hold: null });
    await gateway.gateway.reload(gateway.config);
  });
});

const withMain = (baseUrl: string): Config => withBaseUrl(gateway.config, 'main', baseUrl);
