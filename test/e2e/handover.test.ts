/** A gateway that hands over to a successor, as its clients and its operator see it. */
import { afterEach, expect, test } from 'vitest';
import { requestsOf, until, type VerifyJson } from '../support/books.ts';
import { ALIAS, NEW_MODEL as model, startProduct, type Product, type ProductOptions } from '../support/product.ts';
import { endSuccessors, isAlive } from '../support/successors.ts';
import { startSteadyClients, type ClientKind } from '../support/steady-clients.ts';

let product: Product;
afterEach(async () => {
  await endSuccessors(product);
  await product.stop();
});
const start = async (options: ProductOptions = {}): Promise<Product> => (product = await startProduct(options));

interface HandoverJson {
  readonly from: number;
  readonly to: number;
  readonly version: string;
  readonly readyMs: number;
  readonly draining: number;
}

const handOver = (...args: string[]): Promise<HandoverJson> => product.json<HandoverJson>('handover', ...args);

const CLIENTS: readonly ClientKind[] = [
  { name: 'JSON, kept', count: 50, stream: false, connections: 'kept', pauseMsMax: 0 },
  { name: 'stream, kept', count: 50, stream: true, connections: 'kept', pauseMsMax: 0 },
  { name: 'JSON, fresh', count: 30, stream: false, connections: 'fresh', pauseMsMax: 0 },
  { name: 'stream, fresh', count: 30, stream: true, connections: 'fresh', pauseMsMax: 0 },
  { name: 'now and then, kept', count: 40, stream: false, connections: 'kept', pauseMsMax: 1_500 },
];

test('three hand-overs in a row under load lose no request, charge each once, and leave no old process', async () => {
  await start({ topup: '5000', upstreams: '  simulator: { kind: simulator, delay: 1s, output_tokens: 20, tokens_per_second: 25 }' });
  const port = Number(new URL(product.origin).port);
  const clients = startSteadyClients({ port, path: `/${ALIAS}/v1/messages`, key: product.key, model, prompt: 'Hi' }, CLIENTS);
  await until(() => clients.completed(), (count) => count > 100);
  const handed: HandoverJson[] = [];
  for (let turn = 0; turn < 3; turn++) {
    handed.push(await handOver());
    const soFar = clients.completed();
    await until(() => clients.completed(), (count) => count > soFar + 150);
  }
  const { completed, failures } = await clients.stop();
  expect(failures).toEqual([]);
  expect(handed.map(({ from }) => from)).toEqual([product.server.pid, handed[0]?.to, handed[1]?.to]);
  expect(Math.min(...handed.map(({ draining }) => draining))).toBeGreaterThan(50);
  await until(() => handed.some(({ from }) => isAlive(from)), (alive) => !alive);
  expect(isAlive(handed[2]?.to as number)).toBe(true);
  const rows = await requestsOf(product);
  expect(rows.map(({ requestId }) => requestId).sort()).toEqual([...completed].sort());
  expect(new Set(rows.map(({ status, usageSource, outputTokens }) => `${status} ${usageSource} ${outputTokens}`))).toEqual(new Set(['completed reported 20']));
  expect(await product.json<VerifyJson>('verify')).toMatchObject({ ok: true, recoverable: 0 });
}, 180_000);
