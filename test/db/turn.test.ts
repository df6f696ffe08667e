import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { takeTurn, type Turn } from '../../src/db/turn.ts';
import { temporaryFolder } from '../ledger/fixtures.ts';

test('whoever waits for a turn that ends while another one begins waits for that one too', async () => {
  const folder = temporaryFolder();
  const database = path.join(folder.path, 'a.db');
  const take = (): Turn => {
    const turn = takeTurn(database, { waitMs: 5_000 });
    if (turn === null) throw new Error('no turn');
    return turn;
  };
  const first = take();
  const script = `const { takeTurn } = await import(process.argv[1]); console.log('waits'); const turn = takeTurn(process.argv[2], { waitMs: 10_000 }); console.log(Date.now()); turn.release();`;
  const waiter = spawn(process.execPath, ['--input-type=module', '-e', script, path.resolve('src/db/turn.ts'), database], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  waiter.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(waiter, 'exit');
  while (said === '') await sleep(10);
  // It looks every 50 ms.
  await sleep(100);
  first.release();
  const second = take();
  const from = Date.now();
  await sleep(200);
  const to = Date.now();
  second.release();
  expect(await ended).toEqual([0, null]);
  // It may have come between the two.
  const at = Number(said.slice('waits'.length));
  expect(at <= from || at >= to, `its turn at ${at}, the other's from ${from} to ${to}`).toBe(true);
  folder.remove();
});
