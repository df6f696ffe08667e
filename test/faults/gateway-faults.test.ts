/** A bug of the gateway's own, made by letting Node's response throw: it fails its request alone, and says what is so. */
import { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { call, errorOf, requestBody } from '../support/client-call.ts';
import { openTestGateway, type TestBuyer, type TestGateway } from '../support/gateway-in-process.ts';
import { messageDocument } from '../support/message-stream.ts';
import { answers } from '../support/scripted-upstream.ts';

let gateway: TestGateway;
let buyer: TestBuyer;
afterEach(() => gateway.checkInvariants());

function throwOnce(): void {
  vi.spyOn(ServerResponse.prototype, 'writeHead').mockImplementationOnce(() => {
    throw new Error('a bug');
  });
}

async function ask(): Promise<string> {
  const answer = await call({ port: gateway.port, key: buyer.key, body: requestBody({ stream: false }) });
  expect(answer.status).toBe(500);
  return errorOf(answer).message;
}

/** The operator has heard of it once; what checks the logs afterwards need not. */
function expectAlert(): void {
  expect(gateway.logs.filter(({ event }) => event === 'alert_exchange_failed')).toHaveLength(1);
  gateway.logs.length = 0;
}

describe('a bug', () => {
  beforeAll(async () => void (gateway = await openTestGateway()));
  afterAll(() => gateway.close());

  it('after the charge is on disk does not tell that nothing was charged', async () => {
    buyer = gateway.buyer();
    gateway.upstream.next(answers.json(200, messageDocument()));
    throwOnce();
    expect(await ask()).toMatch(/receipt says what was charged/);
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ charge: 110 });
    expectAlert();
  });
});

describe('a bug in passing on', () => {
  beforeAll(async () => void (gateway = await openTestGateway({ limits: { responseBufferBytesMax: 0 } })));
  afterAll(() => gateway.close());

  it.each(['plain', 'compressed'])('a %s answer charges nothing, says so, and ends no other request', async (how) => {
    buyer = gateway.buyer();
    gateway.upstream.next(how === 'plain' ? answers.json(200, messageDocument()) : answers.gzip('application/json', messageDocument()));
    throwOnce();
    expect(await ask()).toMatch(/nothing was charged/);
    const [row] = await gateway.rows(buyer);
    expect(row).toMatchObject({ status: 'failed', http_status: 500, error_code: 'internal', charge: 0 });
    expectAlert();
  });
});
