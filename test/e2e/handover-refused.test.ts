/** Hand-overs that must not happen: whatever is wrong with the successor, the old process serves on. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import { expectBalancedBooks, until } from '../support/books.ts';
import { ALIAS, NEW_MODEL as model, PROJECT, startProduct, temporaryFolder, type Product } from '../support/product.ts';
import { buildNextVersion } from '../support/next-version.ts';
import { endSuccessors, isAlive, successorsOf } from '../support/successors.ts';
import { postMessages } from '../support/sse.ts';

const running = (bundle: string): string => `require(${JSON.stringify(bundle)});\n`;
const GOOD = running(path.join(PROJECT, 'dist/ainogap.cjs'));
const launcher = path.join(temporaryFolder(), 'ainogap.js');
const install = (program: string): void => fs.writeFileSync(launcher, program);

let product: Product;
beforeAll(async () => {
  install(GOOD);
  product = await startProduct({ launcher });
});
afterAll(async () => {
  await endSuccessors(product);
  await product.stop();
});

async function expectServing(origin = product.origin): Promise<void> {
  expect((await postMessages({ ...product, baseUrl: `${origin}/${ALIAS}`, model, prompt: 'Hi' })).status).toBe(200);
}

async function expectRefused(words: RegExp): Promise<void> {
  const asked = await product.cli('handover');
  expect(asked).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(words) as unknown });
  expect(asked.stderr).toContain(`process ${product.server.pid} goes on as before`);
  expect(successorsOf(product)).toEqual([]);
  await expectServing();
}

test('a new version that does not start is told in words', async () => {
  install('process.exit(3);\n');
  await expectRefused(/ended \(code 3\) before it served/);
  expect(product.server.stderr()).toMatch(/"event":"handover_refused","by":"ainogap handover","message":"[^"]*code 3/);
});

test('mistakes in the configuration are told with their lines', async () => {
  install(GOOD);
  product.writeConfig({ config: 'hold_wait: soon' });
  // The command reads the same file: only the signal reaches a gateway then.
  product.server.kill('SIGUSR2');
  await product.server.printed(/"event":"handover_refused","by":"SIGUSR2","message":"the configuration has a mistake:[^"]*config\.yaml:\d+[^"]*hold_wait/);
  product.writeConfig({});
  await expectServing();
});

test('a database of a newer schema is refused by the successor', async () => {
  const db = openDatabase(product.database, { mode: 'write' });
  const version = Number(db.pragma('user_version', { simple: true }));
  db.pragma('user_version = 999');
  try {
    const asked = await product.cli('handover');
    expect(asked).toMatchObject({ code: 1, stderr: expect.stringMatching(/schema 999/) as unknown });
  } finally {
    db.pragma(`user_version = ${version}`);
    db.close();
  }
  await expectServing();
});

test('a change of the schema that the old process could not bear is refused', async () => {
  install(running(buildNextVersion({ additive: false })));
  await expectRefused(/schema \d+ and this ainogap needs \d+[^]*would break/);
  install(GOOD);
});

test('several gateways on one database are listed, and one is named by its id', async () => {
  const second = await product.serve();
  const asked = await product.cli('handover');
  expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining(`${second.pid}  `) as unknown });
  expect(asked.stderr).toContain(product.origin);
  expect(await product.cli('handover', '--pid', '1')).toMatchObject({ code: 1 });
  const { from, to } = await product.json<{ from: number; to: number }>('handover', '--pid', String(second.pid), '--wait');
  expect(from).toBe(second.pid);
  await until(() => isAlive(from), (alive) => !alive);
  await expectServing(second.origin);
  process.kill(to, 'SIGTERM');
  await until(() => isAlive(to), (alive) => !alive);
});

test('while a successor starts a second is refused, and a stop ends both', async () => {
  install('setInterval(() => undefined, 1_000);\n');
  const begun = product.server.stderr().match(/"handing_over"/g)?.length ?? 0;
  const first = product.cli('handover');
  await until(() => product.server.stderr().match(/"handing_over"/g)?.length, (count) => (count ?? 0) > begun);
  expect(await product.cli('handover')).toMatchObject({ code: 1, stderr: expect.stringContaining('a hand-over is under way') as unknown });
  const children = fs.readFileSync(`/proc/${product.server.pid}/task/${product.server.pid}/children`, 'utf8').trim().split(' ').map(Number);
  expect(children).toHaveLength(1);
  await expectServing();
  product.server.kill('SIGTERM');
  expect(await first).toMatchObject({ code: 1, stderr: expect.stringMatching(/is to stop|ended before/) as unknown });
  expect(await product.server.exited).toBe(0);
  expect(isAlive(children[0] as number)).toBe(false);
  expect(await product.cli('handover')).toMatchObject({ code: 1, stderr: expect.stringContaining('no gateway serves') as unknown });
  expect(fs.readdirSync(product.folder).filter((name) => /-wal|-shm|instance-|control-/.test(name))).toEqual([]);
  await expectBalancedBooks(product);
});

test('a change of the schema that the old process bears is made beside it, after a backup', async () => {
  install(GOOD);
  const old = await product.serve();
  install(running(buildNextVersion({ additive: true })));
  const { to } = await product.json<{ to: number }>('handover');
  expect(await product.cli('verify')).toMatchObject({ code: 1, stderr: expect.stringMatching(/made by a newer ainogap/) as unknown });
  expect(fs.readdirSync(product.folder).filter((name) => name.includes('.before-schema-'))).toHaveLength(1);
  await expectServing(old.origin);
  expect(isAlive(to)).toBe(true);
});
