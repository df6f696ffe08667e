/** Alerts of the built product: its processes, its worker's bundle, its log. */
import * as fs from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../support/books.ts';
import { BUYER, NEW_MODEL as model, startProduct, type Product } from '../support/product.ts';
import type { ServeProcess } from '../support/serve-process.ts';
import { postMessages } from '../support/sse.ts';
import { openReceiver, SECRET, type Receiver } from './receiver.ts';

let product: Product | undefined;
let receiver: Receiver;
beforeEach(async () => void (receiver = await openReceiver()));
afterEach(async () => {
  await product?.stop();
  product = undefined;
  await receiver.close();
});

const env = { AINOGAP_WEBHOOK_SECRET: SECRET };
const alerts = (amount: number): string => `alerts:
  rules: [{ name: low, when: balance_below, amount: ${amount} }]
  webhooks: [{ name: ops, url: "${receiver.url}", secret: env:AINOGAP_WEBHOOK_SECRET }]`;

interface AlertsJson {
  readonly alerts: readonly { readonly rule: string; readonly message: string; readonly firing: boolean; readonly calls: readonly { readonly state: string }[] }[];
}
const list = (running: Product, ...args: string[]) => running.json<AlertsJson>('alerts', 'list', ...args);
const events = (server: ServeProcess): string[] =>
  server
    .stderr()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => (JSON.parse(line) as { event: string }).event)
    .filter((event) => /^alert_|webhook|worker/.test(event));

it('a buyer runs low, one webhook call tells of it, whichever of two processes sees it, and a top-up clears it', async () => {
  product = await startProduct({ topup: '50', config: alerts(50), env });
  const second = await product.serve();
  const answer = await postMessages({ ...product, model, prompt: 'Hello', stream: false });
  expect(answer.status).toBe(200);
  await receiver.calls(1);
  const running = product;
  const fired = await until(() => list(running), (found) => found.alerts[0]?.calls[0]?.state === 'delivered');
  expect(fired.alerts).toMatchObject([{ rule: 'low', firing: true, message: expect.stringMatching(/^the balance of 49\.9\d+ USDC is below 50\.00/) as string }]);
  await product.json('topup', BUYER, '1');
  await receiver.calls(2);
  expect((await list(product)).alerts).toEqual([]);
  expect((await list(product, '--all')).alerts).toMatchObject([{ firing: false, calls: [{}, {}] }]);
  for (const server of [product.server, second]) {
    server.kill('SIGTERM');
    expect(await server.exited).toBe(0);
  }
  expect(fs.readdirSync(product.folder).filter((name) => name.endsWith('-wal')), 'the alerts left no connection open').toEqual([]);
  expect(receiver.received.map(({ signed, call }) => [signed, call.event])).toEqual([
    [true, 'alert.fired'],
    [true, 'alert.cleared'],
  ]);
  expect([...events(product.server), ...events(second)].sort()).toEqual(['alert_cleared', 'alert_fired']);
  expect(product.server.stderr() + second.stderr()).not.toContain(SECRET);
});

it('nothing runs without rules; SIGHUP brings rules in force, and takes them away quietly', async () => {
  product = await startProduct({ topup: '50', env });
  const { server } = product;
  const reload = async (config: string): Promise<void> => {
    const before = server.stderr().split('"reloaded"').length;
    product?.writeConfig({ config });
    server.kill('SIGHUP');
    await until(() => server.stderr().split('"reloaded"').length, (count) => count > before);
  };
  await reload(alerts(60));
  await receiver.calls(1);
  await reload('');
  const running = product;
  await until(() => list(running), (found) => found.alerts.length === 0);
  server.kill('SIGTERM');
  expect(await server.exited).toBe(0);
  expect(receiver.received.map(({ call }) => call.event)).toEqual(['alert.fired']);
  expect(events(server)).toEqual(['alert_fired']);
});

it('a secret that is not there is refused at the start, and at SIGHUP leaves the old configuration in force', async () => {
  product = await startProduct({ topup: null });
  product.writeConfig({ config: alerts(10) });
  const refused = await product.cli('serve', '--port', '0');
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('the secret of the webhook ops: the environment variable AINOGAP_WEBHOOK_SECRET is not set') as string });
  product.server.kill('SIGHUP');
  await product.server.printed(/reload_refused.*the secret of the webhook ops/);
});
