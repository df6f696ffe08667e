/** The operator's API in a real process: live figures through the bridge, and `verify` in a thread of the built product. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { AdminBuyer, Verification } from '../../../src/api/schemas/admin.ts';
import type { Snapshot } from '../../../src/api/schemas/live.ts';
import { startConsole, type ConsoleGateway } from '../../support/console-gateway.ts';
import type { Item } from './admin-world.ts';

let served: ConsoleGateway;
beforeAll(async () => {
  served = await startConsole();
}, 60_000);
afterAll(() => served.stop());

const get = async <T>(path: string): Promise<T> => (await served.json<Item<T>>('GET', path, { cookie: served.admin.cookie })).item;

/** Reads the events of an admin until one fits. */
async function liveUntil(fits: (snapshot: Snapshot) => boolean, meanwhile: () => Promise<unknown>): Promise<Snapshot> {
  const response = await served.call('GET', '/admin/events', { token: served.adminToken });
  let text = '';
  let done = meanwhile;
  for await (const bytes of response.body as ReadableStream<Uint8Array>) {
    text += new TextDecoder().decode(bytes);
    const snapshots = [...text.matchAll(/^event: snapshot\ndata: (.*)$/gm)].map(([, data = '']) => JSON.parse(data) as Snapshot);
    const found = snapshots.find(fits);
    if (found !== undefined) return found;
    if (snapshots.length > 0) await done();
    done = () => Promise.resolve();
  }
  throw new Error('the stream ended');
}

test('a charge arrives in the live figures while they are watched', async () => {
  let charge = 0;
  const found = await liveUntil(
    ({ overview }) => charge > 0 && overview.today.chargeUsdMicros === charge,
    async () => void (charge = Number((await served.spend()).headers.get('x-ainogap-charge-usd-micros'))),
  );
  expect(found.serving).toBe(1);
});

test('verify passes beside the serving gateway, which is taken for alive before and after', async () => {
  await served.json('POST', '/admin/verify', { cookie: served.admin.cookie });
  const found = await vi.waitFor(
    async () => {
      const state = await get<Verification>('/admin/verify');
      expect(state.state).not.toBe('running');
      return state;
    },
    { timeout: 20_000 },
  );
  expect([found.state, found.firstDifference, found.recoverable]).toEqual(['passed', null, 0]);
  // Whoever closes a file carelessly drops the locks that this very process has on it.
  expect(await served.product.json('top', '--once')).toMatchObject({ serving: 1 });
}, 30_000);

test('a buyer who is disabled is refused by the next request, and served again when enabled', async () => {
  const { buyerId } = (await served.json<{ items: AdminBuyer[] }>('GET', '/admin/buyers', { cookie: served.admin.cookie })).items[0] as AdminBuyer;
  for (const [path, status] of [['disable', 401], ['enable', 200]] as const) {
    await served.json('POST', `/admin/buyers/${buyerId}/${path}`, { cookie: served.admin.cookie });
    expect((await served.spend()).status, path).toBe(status);
  }
});
