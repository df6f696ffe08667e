import { once } from 'node:events';
import * as path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startChild } from '../support/run-program.ts';
import { openAlertWorld, type AlertWorld } from './alert-world.ts';
import { SECRET, silence, status } from './receiver.ts';

let world: AlertWorld;
beforeEach(async () => {
  world = await openAlertWorld();
});
afterEach(() => world.close());

const child = (task: 'commit' | 'run') =>
  startChild(process.execPath, [path.join(import.meta.dirname, 'engine-child.ts'), task, world.file, world.receiver.url, SECRET], { stdio: 'ignore' });

it('a kill between the commit of an alert and its call loses nothing: the call comes after the restart', async () => {
  world.balance(1);
  const [, signal] = (await once(child('commit'), 'exit')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  expect(world.receiver.received).toEqual([]);
  const [owed] = world.alerts()[0]?.calls ?? [];
  expect(owed).toMatchObject({ state: 'waiting', attempts: 0 });
  world.engine(world.plan());
  const [call] = await world.receiver.calls(1);
  expect(call).toMatchObject({ signed: true, call: { id: owed?.id, event: 'alert.fired' } });
  await world.until(() => world.alerts()[0]?.calls[0]?.state === 'delivered');
  expect(world.alerts(), 'nor did it fire twice').toHaveLength(1);
});

it('a kill during a call has it made again with the same id, when the claim of the dead process is over', async () => {
  world.receiver.answer(silence, status(200));
  world.balance(1);
  const running = child('run');
  const [first] = await world.receiver.calls(1);
  const gone = once(running, 'exit');
  running.kill('SIGKILL');
  await gone;
  const engine = world.engine(world.plan());
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(world.receiver.received, 'while it could still be under way').toHaveLength(1);
  world.later(60_000);
  const [, second] = await world.receiver.calls(2);
  expect(second?.call.id).toBe(first?.call.id);
  expect(second?.body).toBe(first?.body);
  await engine.stop();
  expect(world.alerts()).toMatchObject([{ calls: [{ state: 'delivered', attempts: 2 }] }]);
});
