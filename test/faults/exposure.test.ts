/** Requests that the upstream may bill although nothing could be charged: the operator can see who makes them. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Call, PATIENTLY, requestBody } from '../support/client-call.ts';
import { openTestGateway, type TestGateway } from '../support/gateway-in-process.ts';
import { answers, type Script } from '../support/scripted-upstream.ts';

let gateway: TestGateway;
beforeAll(async () => void (gateway = await openTestGateway({ config: { drain: { ms: 50, concurrent: 64 } } })));
afterEach(() => gateway.checkInvariants());
afterAll(() => gateway.close());

const headOnly =
  (type: string): Script =>
  async (peer) => {
    await peer.head(200, { 'content-type': type });
    await peer.whenClosed();
  };

it.each<[string, Script]>([
  ['any answer', answers.silence()],
  ['the first event of a stream', headOnly('text/event-stream')],
  ['the first byte of a JSON answer', headOnly('application/json')],
])('a client that leaves before %s is charged nothing, flagged and alerted with its hold', async (_, script) => {
  const buyer = gateway.buyer();
  gateway.upstream.next(script);
  const running = new Call({ port: gateway.port, key: buyer.key, body: requestBody() });
  await expect.poll(() => gateway.upstream.seen.length, PATIENTLY).toBe(1);
  running.leave();
  const [row] = await gateway.rows(buyer);
  expect(row).toMatchObject({ status: 'client_left', usage_source: 'none', charge: 0 });
  expect(row?.['flags']).toContain('exposure');
  // The row is on disk a moment before the gateway hears so and logs it.
  const alert = () => gateway.logs.findLast(({ event }) => event === 'alert_exposure');
  const expected = { level: 'warn', buyer: Number(buyer.id), holdUsdMicros: row?.['hold'], requestId: expect.stringMatching(/^req_/) as string };
  await expect.poll(alert, PATIENTLY).toMatchObject(expected);
});
