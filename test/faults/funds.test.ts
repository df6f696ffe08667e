import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openDirectLedger } from '../../src/ledger/direct.ts';
import { micro } from '../../src/money.ts';
import { changeRoute } from '../../src/registry/routes.ts';
import { Call, call, errorOf, moment, PATIENTLY, requestBody, type Answer } from '../support/client-call.ts';
import { aliasOf, openTestGateway, type TestBuyer, type TestGateway } from '../support/gateway-in-process.ts';
import { messageDocument, MODEL } from '../support/message-stream.ts';
import { answers, headerOf, type Script } from '../support/scripted-upstream.ts';

let gateway: TestGateway;
let buyer: TestBuyer;
afterEach(() => gateway.checkInvariants());

const ask = (more: Record<string, unknown> = {}, alias = 'main') => call({ port: gateway.port, key: buyer.key, alias, body: requestBody({ stream: false, ...more }) });

/** Answers once the test says so. */
function gate(): { readonly script: Script; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return {
    open,
    script: async (peer) => {
      await opened;
      await peer.json(200, messageDocument());
    },
  };
}

/** What a request like `ask()` holds, in micro-USDC. */
async function holdOf(more: Record<string, unknown> = {}): Promise<bigint> {
  const rich = gateway.buyer('1000');
  gateway.upstream.next(answers.json(200, messageDocument()));
  await call({ port: gateway.port, key: rich.key, body: requestBody({ stream: false, ...more }) });
  const [row] = await gateway.rows(rich);
  gateway.upstream.seen.length = 0;
  return BigInt(row?.['hold'] as number);
}

const usdc = (amount: bigint): string => `${amount / 1_000_000n}.${(amount % 1_000_000n).toString().padStart(6, '0')}`;

describe('money that is not there', () => {
  beforeAll(async () => void (gateway = await openTestGateway({ config: { holdWaitMs: 300 } })));
  afterAll(() => gateway.close());

  it('is a 402 that says what is needed, what there is and which max_tokens would fit', async () => {
    const hold = await holdOf({ max_tokens: 1_000 });
    buyer = gateway.buyer(usdc(hold - 2_000n));
    gateway.upstream.next(answers.json(500, 'no count today'));
    const answer = await ask({ max_tokens: 1_000 });
    expect(answer.status).toBe(402);
    expect(answer.headers['x-should-retry']).toBe('false');
    const { type, message } = errorOf(answer);
    expect(type).toBe('billing_error');
    expect(message).toContain(`needs a hold of ${usdc(hold)} USDC`);
    expect(message).toContain(`${usdc(hold - 2_000n)} USDC is available`);
    expect(message).toContain('Top up 0.002000 USDC');
    // 2,000 micro-USDC are 400 output tokens.
    expect(message).toContain('lower max_tokens to 600 or less');
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'refused', http_status: 402, error_code: 'insufficient_funds', charge: 0, hold: null, model: MODEL });
    gateway.upstream.next(answers.json(200, messageDocument()));
    expect((await ask({ max_tokens: 600 })).status).toBe(200);
  });

  it('of which there is none at all is a 402 before the body is read', async () => {
    buyer = gateway.buyer('0');
    const running = new Call({ port: gateway.port, key: buyer.key, body: '', headers: { 'content-length': 1_000 } });
    running.request.flushHeaders();
    const answer = await running.answer;
    expect(answer.status).toBe(402);
    running.leave();
    await gateway.rows(buyer);
    openDirectLedger(gateway.db).deposit({ buyerId: buyer.id, amount: micro(1_000_000), kind: 'deposit', reference: null, reason: null });
    gateway.upstream.next(answers.json(200, messageDocument()));
    expect((await ask()).status).toBe(200);
  });

  it('suggests no max_tokens when the input alone is too dear', async () => {
    buyer = gateway.buyer('0.0003');
    gateway.upstream.next(answers.json(200, '{"input_tokens": 5000}'));
    const answer = await ask({ max_tokens: 1 });
    expect(answer.status).toBe(402);
    expect(errorOf(answer).message).not.toContain('max_tokens');
    await gateway.rows(buyer);
  });

  it('after it was spent is refused by the next request', async () => {
    buyer = gateway.buyer('0.01');
    gateway.upstream.next(answers.json(200, messageDocument({ input_tokens: 100_000, output_tokens: 1 })));
    expect((await ask()).status).toBe(200);
    expect((await ask()).status).toBe(402);
    expect(gateway.balance(buyer)).toEqual({ balance: 0n, held: 0n });
    await gateway.rows(buyer, 2);
  });

  it('costs nothing to a route that holds less, at the risk of its operator', async () => {
    changeRoute(gateway.db, aliasOf('hasty'), () => ({ holdOutputTokens: 10 }));
    buyer = gateway.buyer('0.01');
    gateway.upstream.next(answers.json(200, messageDocument({ input_tokens: 10, output_tokens: 50_000 })));
    expect((await ask({ max_tokens: 60_000 }, 'hasty')).status).toBe(200);
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ charge: 250_010, shortfall: 240_010, output_tokens: 50_000 });
    expect(gateway.balance(buyer)).toEqual({ balance: 0n, held: 0n });
  });
});

describe('a bound by bytes that does not fit', () => {
  beforeAll(async () => void (gateway = await openTestGateway({ config: { holdWaitMs: 300 } })));
  afterAll(() => gateway.close());
  const text = 'word '.repeat(4_000);
  const big = { messages: [{ role: 'user', content: text }], system: 'Be brief.', metadata: { user_id: 'u' }, temperature: 0.5, max_tokens: 100 };

  it('is replaced by the count of the upstream, asked with the fields that it accepts and the original bytes', async () => {
    buyer = gateway.buyer('0.01');
    gateway.upstream.next(answers.json(200, '{"input_tokens": 4000}'), answers.json(200, messageDocument()));
    const answer = await ask(big);
    expect(answer.status).toBe(200);
    const [probe, request] = gateway.upstream.seen;
    expect(probe?.target).toBe('/v1/messages/count_tokens');
    expect(JSON.parse(probe?.body.toString() as string)).toEqual({ model: MODEL, messages: big.messages, system: 'Be brief.' });
    expect(probe && headerOf(probe, 'x-api-key')).not.toContain('rk_');
    expect(request?.target).toBe('/v1/messages');
    const [row] = await gateway.rows(buyer);
    // 4000 + 5 % + 256 input tokens at 1, 100 output tokens at 5.
    expect(row).toMatchObject({ quote_basis: 'count_tokens', hold: 4_956, charge: 110 });
  });

  it.each([
    ['fails', answers.json(500, 'no')],
    ['is refused', answers.json(401, '{"type":"error","error":{"type":"authentication_error","message":"x"}}')],
    ['is no number', answers.json(200, '{"input_tokens": -5}')],
    ['is no JSON', answers.json(200, '<html>')],
    ['does not fit either', answers.json(200, '{"input_tokens": 400000}')],
    ['breaks off', answers.reset()],
  ])('is a 402 when the count %s', async (_, script) => {
    buyer = gateway.buyer('0.01');
    gateway.upstream.next(script);
    const answer = await ask(big);
    expect(answer.status).toBe(402);
    expect(gateway.upstream.seen).toHaveLength(1);
    await gateway.rows(buyer);
  });

  it('is a 402 without a count when the output alone does not fit', async () => {
    buyer = gateway.buyer('0.01');
    expect((await ask({ ...big, max_tokens: 60_000 })).status).toBe(402);
    expect(gateway.upstream.seen).toEqual([]);
    await gateway.rows(buyer);
  });

  it('is counted ten times a minute for a buyer, then refused without', async () => {
    buyer = gateway.buyer('0.01');
    gateway.upstream.always(answers.json(500, 'no'));
    for (let i = 0; i < 12; i++) expect((await ask(big)).status).toBe(402);
    expect(gateway.upstream.seen).toHaveLength(10);
    await gateway.rows(buyer, 12);
  });

  it('is counted by one request of a buyer at a time', async () => {
    buyer = gateway.buyer('0.01');
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    gateway.upstream.next(async (peer) => {
      await opened;
      await peer.json(500, 'no');
    });
    const first = ask(big);
    await expect.poll(() => gateway.upstream.seen.length, PATIENTLY).toBe(1);
    expect((await ask(big)).status).toBe(402);
    open();
    expect((await first).status).toBe(402);
    expect(gateway.upstream.seen).toHaveLength(1);
    await gateway.rows(buyer, 2);
  });
});

describe("money that the buyer's own requests hold", () => {
  beforeAll(async () => void (gateway = await openTestGateway({ config: { holdWaitMs: 4_000 } })));
  afterAll(() => gateway.close());

  it('is waited for, first come, first served, and a small request does not overtake a large one', async () => {
    const hold = await holdOf();
    buyer = gateway.buyer(usdc(hold + 800n));
    const first = gate();
    gateway.upstream.next(first.script);
    const order: string[] = [];
    const note = (name: string) => (answer: Answer) => {
      expect(answer.status).toBe(200);
      order.push(name);
    };
    const running = ask();
    await expect.poll(() => gateway.upstream.seen.length, PATIENTLY).toBe(1);
    gateway.upstream.always(answers.json(200, messageDocument()));
    const large = ask({ metadata: { user_id: 'large' } }).then(note('large'));
    large.catch(() => undefined);
    await moment(gateway.port);
    // It would fit beside what is held, if nobody waited before it.
    const small = ask({ max_tokens: 1, metadata: { user_id: 'small' } }).then(note('small'));
    await moment(gateway.port);
    expect(gateway.upstream.seen).toHaveLength(1);
    first.open();
    await Promise.all([running, large, small]);
    const users = gateway.upstream.seen.slice(1).map(({ body }) => (JSON.parse(body.toString()) as { metadata: { user_id: string } }).metadata.user_id);
    expect(users).toEqual(['large', 'small']);
    await gateway.rows(buyer, 3);
  });

  it('of another buyer is never waited for', async () => {
    const hold = await holdOf();
    buyer = gateway.buyer(usdc(hold));
    const first = gate();
    gateway.upstream.next(first.script);
    const running = ask();
    await expect.poll(() => gateway.upstream.seen.length, PATIENTLY).toBe(1);
    gateway.upstream.next(answers.json(200, messageDocument()));
    expect((await call({ port: gateway.port, key: gateway.buyer().key })).status).toBe(200);
    first.open();
    expect((await running).status).toBe(200);
  });

  it('and does not come back in time is a 429 with retry-after, and nothing forwarded', async () => {
    const hold = await holdOf();
    buyer = gateway.buyer(usdc(hold + 10n));
    const first = gate();
    gateway.upstream.next(first.script);
    const running = ask();
    await expect.poll(() => gateway.upstream.seen.length, PATIENTLY).toBe(1);
    const answer = await ask();
    expect(answer.status).toBe(429);
    expect(errorOf(answer).type).toBe('rate_limit_error');
    expect(answer.headers['retry-after']).toBe('1');
    expect(answer.headers).not.toHaveProperty('x-should-retry');
    first.open();
    await running;
    const rows = await gateway.rows(buyer, 2);
    expect(rows[1]).toMatchObject({ status: 'refused', http_status: 429, error_code: 'hold_timeout', charge: 0, hold: null });
  });

  it('is not waited for by a client that has left', async () => {
    const hold = await holdOf();
    buyer = gateway.buyer(usdc(hold + 150n));
    const first = gate();
    gateway.upstream.next(first.script);
    const running = ask();
    await expect.poll(() => gateway.upstream.seen.length, PATIENTLY).toBe(1);
    const waiting = new Call({ port: gateway.port, key: buyer.key });
    await moment(gateway.port);
    waiting.leave();
    await moment(gateway.port);
    first.open();
    await running;
    gateway.upstream.next(answers.json(200, messageDocument()));
    expect((await ask()).status).toBe(200);
    expect(gateway.upstream.seen).toHaveLength(2);
    await gateway.rows(buyer, 2);
  });
});

describe('500 requests at once against funds for 7', () => {
  beforeAll(async () => void (gateway = await openTestGateway({ config: { holdWaitMs: 0 } })));
  afterAll(() => gateway.close());

  it('are 7 admitted and 493 refused, and the balance ends exact', async () => {
    const hold = await holdOf();
    buyer = gateway.buyer(usdc(hold * 7n + hold - 1n));
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    gateway.upstream.always(async (peer) => {
      await opened;
      await peer.json(200, messageDocument());
    });
    let refused = 0;
    const all = Array.from({ length: 500 }, async () => {
      const answer = await ask();
      if (answer.status !== 200 && ++refused === 493) open();
      return answer.status;
    });
    const statuses = await Promise.all(all);
    expect(statuses.filter((status) => status === 200)).toHaveLength(7);
    expect(statuses.filter((status) => status === 429)).toHaveLength(493);
    expect(gateway.upstream.seen).toHaveLength(7);
    expect(gateway.balance(buyer)).toEqual({ balance: hold * 8n - 1n - 7n * 110n, held: 0n });
  });
});
