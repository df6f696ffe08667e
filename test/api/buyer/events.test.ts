import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BuyerChanges } from '../../../src/api/buyer/buyer-changes.ts';
import { BuyerFeed, type Subscriber } from '../../../src/api/buyer/buyer-feed.ts';
import { balanceEvent, usageEvent, type Balance } from '../../../src/api/schemas/buyer.ts';
import { requestSummary, type RequestSummary } from '../../../src/api/schemas/usage.ts';
import { openDatabase, type Db } from '../../../src/db/open.ts';
import { createRequestIds, type BuyerId, type CardVersion, type InstanceId, type KeyId, type RouteId } from '../../../src/ids.ts';
import { createEngine } from '../../../src/ledger/engine.ts';
import { micro } from '../../../src/money.ts';
import { answers } from '../../support/scripted-upstream.ts';
import { MODEL, wholeStream } from '../../support/message-stream.ts';
import { postMessages } from '../../support/sse.ts';
import { openBuyerWorld, type BuyerWorld } from './buyer-world.ts';
import { openGatewayWorld } from './gateway-world.ts';

interface Heard {
  readonly event: string;
  readonly data: unknown;
}

/** The events of a text, comments left out. */
function eventsIn(text: string): Heard[] {
  return [...text.matchAll(/event: (\S+)\ndata: (.*)\n\n/g)].map(([, event = '', data = '']) => ({ event, data: JSON.parse(data) as unknown }));
}

describe('the stream of a signed-in buyer', () => {
  test('begins with balance and usage, and tells of a request, its charge and the new balance as they happen', async () => {
    const w = await openGatewayWorld();
    try {
      const buyer = w.gateway.buyer();
      const response = await w.call('GET', '/buyer/events', { as: w.signIn(buyer) });
      expect([response.status, response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([200, 'text/event-stream', 'no-store']);
      const reader = response.body!.getReader();
      let text = '';
      const until = async (wanted: (events: Heard[]) => boolean): Promise<void> => {
        while (!wanted(eventsIn(text))) text += new TextDecoder().decode((await reader.read()).value);
      };
      await until((events) => events.length >= 2);
      expect(eventsIn(text).map(({ event }) => event)).toEqual(['balance', 'usage']);
      w.gateway.upstream.next(answers.sse(wholeStream()));
      await (await postMessages({ baseUrl: `http://127.0.0.1:${w.gateway.port}/main`, key: buyer.key, model: MODEL, prompt: 'hi', stream: true })).text();
      await until((events) => events.some(({ event, data }) => event === 'balance' && (data as Balance).balanceUsdMicros === 999_890 && (data as Balance).heldUsdMicros === 0) && events.some(({ event }) => event === 'request'));
      const heard = eventsIn(text);
      const request = heard.find(({ event }) => event === 'request')!.data as RequestSummary;
      expect(request).toMatchObject({ buyerChargeUsdMicros: 110, status: 'completed', route: 'main' });
      expect(heard.findLast(({ event }) => event === 'usage')?.data).toMatchObject({ today: { requests: 1, chargeUsdMicros: 110 }, lastHour: { chargeUsdMicros: 110 } });
      for (const { event, data } of heard) expect({ balance: balanceEvent, usage: usageEvent, request: requestSummary }[event]?.parse(data)).toEqual(data);
      expect(text).not.toMatch(/listCost|margin|upstream/i);
      await reader.cancel();
      await w.gateway.checkInvariants();
    } finally {
      await w.close();
    }
  });
});

describe('the feed', () => {
  let w: BuyerWorld;
  let second: Db;
  let feed: BuyerFeed;
  const ends: (() => void)[] = [];
  beforeEach(() => {
    w = openBuyerWorld();
    w.end();
    // What happens in the gateway is written by another connection.
    second = openDatabase(w.api.deps.plan().database, { mode: 'write' });
    feed = new BuyerFeed(w.api.deps, { tickMs: 5, pingTicks: 3 });
  });
  afterEach(() => {
    for (const end of ends.splice(0)) end();
    second.close();
    w.close();
  });

  class Listener implements Subscriber {
    readonly buyerId: BuyerId;
    readonly sessionId: number;
    text = '';
    closed = false;
    takes = true;
    constructor(buyer: number, sessionId = 1) {
      this.buyerId = buyer as BuyerId;
      this.sessionId = sessionId;
      ends.push(feed.subscribe(this));
    }
    send(text: string): boolean {
      if (!this.takes) return false;
      this.text += text;
      return true;
    }
    close(): void {
      this.closed = true;
    }
    names(): string[] {
      return eventsIn(this.text).map(({ event }) => event);
    }
  }
  const sessionOf = (buyer: number): number => w.api.db.prepare('SELECT s.id FROM sessions s JOIN logins l ON l.id = s.login_id WHERE l.buyer_id = ?').pluck().get(buyer) as number;
  const deposit = (buyer: number): void => void second.prepare('UPDATE accounts SET credits_posted = credits_posted + 7 WHERE id = ?').run(buyer);

  test('sends a buyer what differs, once, and nothing of another buyer', async () => {
    const [one, alsoOne, two] = [new Listener(1, sessionOf(1)), new Listener(1, sessionOf(1)), new Listener(2, sessionOf(2))];
    await expect.poll(() => one.text).toContain(': ping');
    const before = two.names().length;
    deposit(1);
    await expect.poll(() => one.names().filter((name) => name === 'balance').length).toBe(2);
    expect(alsoOne.names()).toEqual(one.names());
    const pings = one.text.match(/: ping/g)!.length;
    await expect.poll(() => one.text.match(/: ping/g)!.length).toBeGreaterThan(pings + 1);
    expect(one.names().filter((name) => name === 'balance')).toHaveLength(2);
    expect(two.names()).toHaveLength(before);
    expect(before).toBe(2);
    const balances = eventsIn(one.text).filter(({ event }) => event === 'balance');
    expect((balances.at(-1)!.data as Balance).balanceUsdMicros - (balances[0]!.data as Balance).balanceUsdMicros).toBe(7);
  });

  test('hears of what the API itself writes', async () => {
    const one = new Listener(1, sessionOf(1));
    await expect.poll(() => one.text).toContain(': ping');
    const before = one.names().length;
    w.api.db.prepare('UPDATE accounts SET credits_posted = credits_posted + 7 WHERE id = 1').run();
    await expect.poll(() => one.names().length).toBeGreaterThan(before);
  });

  test('says signed-out and ends when the session does', async () => {
    const [one, two] = [new Listener(1, sessionOf(1)), new Listener(2, sessionOf(2))];
    second.prepare('UPDATE sessions SET ended_at = 1 WHERE id = ?').run(sessionOf(1));
    await expect.poll(() => one.closed).toBe(true);
    expect(one.names().at(-1)).toBe('signed-out');
    expect([two.closed, feed.size]).toEqual([false, 1]);
  });

  test('reads no figures while nothing is written', async () => {
    const one = new Listener(1, sessionOf(1));
    await expect.poll(() => one.text).toContain(': ping');
    const asked: string[] = [];
    const prepare = w.api.db.prepare.bind(w.api.db);
    w.api.db.prepare = ((sql: string) => (asked.push(sql), prepare(sql))) as typeof w.api.db.prepare;
    const pings = one.text.match(/: ping/g)!.length;
    await expect.poll(() => one.text.match(/: ping/g)!.length).toBeGreaterThan(pings);
    expect(asked.filter((sql) => /usage|accounts|requests/.test(sql))).toEqual([]);
  });

  test('drops one that takes no more, and reads nothing when nobody listens', async () => {
    const one = new Listener(1, sessionOf(1));
    one.takes = false;
    await expect.poll(() => one.closed).toBe(true);
    expect(feed.size).toBe(0);
    let reads = 0;
    const prepare = w.api.db.prepare.bind(w.api.db);
    w.api.db.prepare = ((sql: string) => (reads++, prepare(sql))) as typeof w.api.db.prepare;
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(reads).toBe(0);
  });

  test('goes on after a failure', async () => {
    const one = new Listener(1, sessionOf(1));
    w.api.plan({ timezone: 'Nowhere/Land' });
    deposit(1);
    await expect.poll(() => w.api.logs.some(({ event }) => event === 'buyer_feed_failed')).toBe(true);
    w.api.plan({ timezone: 'UTC' });
    const before = one.names().length;
    deposit(1);
    await expect.poll(() => one.names().length).toBeGreaterThan(before);
  });
});

describe('what ended since one looked last', () => {
  let w: BuyerWorld;
  beforeEach(() => {
    w = openBuyerWorld();
  });
  afterEach(() => w.close());
  const look = (changes: BuyerChanges): string[] =>
    changes.differences({ now: w.world.now, timezone: 'UTC' }).flatMap(({ event, data }) => (event === 'request' ? [(JSON.parse(data) as RequestSummary).requestId] : []));

  test('is each request once, in the order of their starts, and none of before', () => {
    w.end();
    const changes = new BuyerChanges(w.api.db, 1 as BuyerId, w.world.now);
    expect(look(changes)).toEqual([]);
    for (let i = 0; i < 3; i++) w.end({ afterMs: 10 });
    w.end({ key: 2, afterMs: 10 });
    const seen = look(changes);
    expect(seen).toHaveLength(3);
    expect(seen.toSorted()).toEqual(seen);
    expect(look(changes)).toEqual([]);
    w.world.now += 90_000;
    expect(look(changes)).toEqual([]);
  });

  test('is found however long ago it began, when it was seen running', () => {
    w.end();
    w.api.db.prepare('UPDATE accounts SET credits_posted = credits_posted + 90000000 WHERE id = 1').run();
    const ids = createRequestIds(3 as InstanceId, () => w.world.now);
    const engine = createEngine(w.api.db, { instance: 3 as InstanceId, now: () => w.world.now });
    const generation = w.api.db.prepare('SELECT value FROM registry_generation').pluck().get() as number;
    const ours = { buyerId: 1 as BuyerId, keyId: 1 as KeyId, routeId: 1 as RouteId, cardVersion: 1 as CardVersion };
    const hold = { requestId: ids(), ...ours, model: 'claude-haiku-4-5', generation, amount: micro(500n), worstCase: micro(500n), quoteBasis: 'bytes', outputTokensMax: 64, upstream: 'u', startedAt: w.world.now } as const;
    engine.apply([{ op: 'hold', hold }]);
    const changes = new BuyerChanges(w.api.db, 1 as BuyerId, w.world.now);
    expect(look(changes)).toEqual([]);
    w.world.now += 10 * 60_000;
    expect(look(changes)).toEqual([]);
    // As recovery ends it, with a row of its own.
    w.api.db.prepare('DELETE FROM open_requests').run();
    w.api.db.prepare('INSERT INTO requests SELECT ?, buyer_id, key_id, route_id, card_version, model, response_model, status, http_status, error_code, input_tokens, cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, output_tokens, charge, hold, shortfall, usage_source, quote_basis, flags, detail, upstream, upstream_request_id, attempts, started_at, duration_ms, time_to_first_byte_ms, settled_at, list_cost, output_tokens_max FROM requests LIMIT 1').run(hold.requestId);
    expect(look(changes)).toHaveLength(1);
    expect(look(changes)).toEqual([]);
  });

  test('is at most the newest fifty', () => {
    const changes = new BuyerChanges(w.api.db, 1 as BuyerId, w.world.now);
    for (let i = 0; i < 60; i++) w.end({ fate: 'refused', afterMs: 1 });
    const seen = look(changes);
    expect(seen).toHaveLength(50);
    expect(look(changes)).toEqual([]);
  });
});
