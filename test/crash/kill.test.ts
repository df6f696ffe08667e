/** `kill -9` at random moments under load: what a client has seen the end of is charged, once, and nothing stays held. */
import { afterEach, expect, test } from 'vitest';
import { chargeOf, expectBalancedBooks, requestsOf, until, type BalanceJson, type RequestJson, type VerifyJson } from '../support/books.ts';
import { ALIAS, BUYER, LAUNCHER, NEW_MODEL as model, startProduct, type Product } from '../support/product.ts';
import { startChild } from '../support/run-program.ts';
import { postMessages, readStream } from '../support/sse.ts';
import { startLoad, type Acknowledged } from './load.ts';

const KILLS = 24;
const CLIENTS = 12;
const DEPOSIT = 5_000_000_000;

let product: Product;
afterEach(async () => await product.stop());

/** Streams, one after the other, through a process that is never killed. Resolves with how each ended. */
function startBystander(): { stop(): Promise<readonly { id: string; last: string | undefined }[]> } {
  let stopped = false;
  const run = async (): Promise<{ id: string; last: string | undefined }[]> => {
    const ended: { id: string; last: string | undefined }[] = [];
    while (!stopped) {
      const prompt = 'Steady [[simulate {"outputTokens":240,"tokensPerSecond":80}]]';
      const seen = await readStream(await postMessages({ ...product, model, prompt, stream: true, maxTokens: 300 }));
      ended.push({ id: seen.headers.get('x-ainogap-request-id') as string, last: seen.events.at(-1) });
    }
    return ended;
  };
  const ended = run();
  return {
    stop: () => {
      stopped = true;
      return ended;
    },
  };
}

/** A process under load, killed after `afterMs`. Returns what its clients saw the end of. */
async function killUnderLoad(afterMs: number): Promise<readonly Acknowledged[]> {
  const victim = await product.serve();
  const load = startLoad({ baseUrl: `${victim.origin}/${ALIAS}`, key: product.key, clients: CLIENTS });
  await load.begun;
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  victim.kill('SIGKILL');
  await victim.exited;
  return load.stop();
}

test(`${KILLS} kills lose nothing acknowledged, charge nothing twice and leave no hold, nor touch another process's streams`, async () => {
  product = await startProduct({ topup: String(DEPOSIT / 1e6) });
  const bystander = startBystander();
  const acknowledged: Acknowledged[] = [];
  const moments = Array.from({ length: KILLS }, () => Math.floor(Math.random() ** 2 * 500));
  for (const afterMs of moments) acknowledged.push(...(await killUnderLoad(afterMs)));
  const steady = await bystander.stop();

  // The process that lives takes over what the last one left.
  await until(() => product.json<BalanceJson>('balance', BUYER), ({ heldUsdMicros }) => heldUsdMicros === 0);
  const rows = await requestsOf(product);
  const byId = new Map(rows.map((row) => [row.requestId, row]));
  const told = `killed after ${moments.join(', ')} ms`;
  expect(byId.size, told).toBe(rows.length);
  expect(new Set(acknowledged.map(({ requestId }) => requestId)).size, told).toBe(acknowledged.length);
  expect(acknowledged.length).toBeGreaterThan(KILLS);
  expect(acknowledged.filter((seen) => !isChargedAsSeen(seen, byId)), told).toEqual([]);
  expect(rows.filter(({ status }) => status !== 'completed' && status !== 'recovered'), told).toEqual([]);
  const recovered = rows.filter(({ status }) => status === 'recovered');
  expect(recovered.some(({ buyerChargeUsdMicros }) => buyerChargeUsdMicros > 0)).toBe(true);
  expect(recovered.filter((row) => !isPartOrNothing(row)), told).toEqual([]);
  expect(steady.map(({ last }) => last)).toEqual(steady.map(() => 'message_stop'));
  for (const { id } of steady) expect(byId.get(id)).toMatchObject({ status: 'completed', usageSource: 'reported', outputTokens: 240 });
  expect(openRequests()).toBe(0);
  expect(await product.json<VerifyJson>('verify')).toMatchObject({ ok: true, recoverable: 0 });
  await expectBalancedBooks(product, DEPOSIT);
}, 120_000);

test('a top-up that is killed at any moment and sent again with its reference is there once', async () => {
  product = await startProduct({ topup: null });
  const references = Array.from({ length: 12 }, (_, index) => `tx_${index}`);
  for (const [index, reference] of references.entries()) {
    const args = [LAUNCHER, 'topup', BUYER, '1', '--reference', reference];
    const child = startChild(process.execPath, args, { cwd: product.folder, env: product.env });
    const ended = new Promise((resolve) => child.once('close', resolve));
    setTimeout(() => child.kill('SIGKILL'), index * 15 + Math.random() * 15);
    await ended;
    await product.json('topup', BUYER, '1', '--reference', reference);
  }
  await expectBalancedBooks(product, references.length * 1_000_000);
});

function isChargedAsSeen({ requestId, chargeUsdMicros }: Acknowledged, byId: ReadonlyMap<string, RequestJson>): boolean {
  const row = byId.get(requestId);
  if (row === undefined || row.status !== 'completed' || row.usageSource !== 'reported') return false;
  return row.buyerChargeUsdMicros > 0 && row.buyerChargeUsdMicros === (chargeUsdMicros ?? chargeOf(row));
}

/** What a killed process left is charged by its last recorded progress, or not at all. */
function isPartOrNothing(row: RequestJson): boolean {
  if (row.usageSource === 'none') return row.buyerChargeUsdMicros === 0;
  return row.usageSource === 'recovered' && row.buyerChargeUsdMicros > 0 && row.buyerChargeUsdMicros === chargeOf(row);
}

const openRequests = (): number => product.read((db) => (db.prepare('SELECT count(*) AS n FROM open_requests').get() as { n: number }).n);
