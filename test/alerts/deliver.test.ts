import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkRules } from '../../src/alerts/check-rules.ts';
import { deliverDue } from '../../src/alerts/deliver.ts';
import { retryDelayMs } from '../../src/alerts/retry-delay.ts';
import { LOW, openAlertWorld, type AlertWorld } from './alert-world.ts';
import { status } from './receiver.ts';

let world: AlertWorld;
beforeEach(async () => {
  world = await openAlertWorld();
});
afterEach(() => world.close());

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const deliver = () => deliverDue(world.db, { webhooks: world.plan().webhooks, log: silent, now: world.now, timeoutMs: 5_000, signal: new AbortController().signal });

it('a webhook that fails is tried with one call at a time, and gets all of them in order when it works again', async () => {
  const rules = ['one', 'two', 'three'].map((name) => ({ ...LOW, name }));
  world.balance(1);
  checkRules(world.db, { rules, webhooks: ['ops'], now: world.now() });
  const told = (): string[] => world.receiver.received.map(({ call }) => call.alert.rule);
  world.receiver.answer(status(503));
  await deliver();
  expect(told()).toEqual(['one']);
  await deliver();
  expect(told()).toEqual(['one', 'two']);
  world.receiver.answer(status(200));
  world.later(60_000);
  await deliver();
  expect(told()).toEqual(['one', 'two', 'one', 'two', 'three']);
  await deliver();
  expect(told()).toHaveLength(5);
});

it('waits for longer after each failure, up to an hour, never quite the same', () => {
  const full = Array.from({ length: 13 }, (_, index) => retryDelayMs(index + 1, 0) / 1000);
  expect(full).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600]);
  expect(retryDelayMs(1, 1)).toBe(4_000);
  expect(retryDelayMs(10_000, 0.5)).toBe(3_240_000);
});
