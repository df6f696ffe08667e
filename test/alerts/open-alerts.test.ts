import * as fs from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openAlerts } from '../../src/alerts/open-alerts.ts';
import type { Log, LogFields } from '../../src/log.ts';
import { openAlertWorld, type AlertWorld, type LogLine } from './alert-world.ts';

let world: AlertWorld;
const lines: LogLine[] = [];
const at =
  (level: string) =>
  (event: string, fields: LogFields = {}): void =>
    void lines.push({ level, event, ...fields });
const log: Log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
beforeEach(async () => {
  lines.length = 0;
  world = await openAlertWorld();
});
afterEach(() => world.close());

it('the worker tells the log what fires, and ends when told to', async () => {
  world.balance(1);
  const alerts = openAlerts({ file: world.file, plan: world.plan(), log });
  await world.receiver.calls(1);
  await alerts.stop();
  expect(lines.filter(({ level }) => level !== 'debug')).toMatchObject([{ level: 'warn', event: 'alert_fired', rule: 'low', name: 'acme' }]);
});

it('without rules nothing starts, until rules come', async () => {
  world.balance(1);
  const alerts = openAlerts({ file: world.file, plan: { rules: [], webhooks: [] }, log });
  alerts.reload(world.plan());
  await world.receiver.calls(1);
  await alerts.stop();
});

it('alerts that a configuration without rules left firing are cleared', async () => {
  const engine = world.engine({ ...world.plan(), webhooks: [] });
  world.balance(1);
  await world.until(() => world.alerts().length === 1);
  await engine.stop();
  const alerts = openAlerts({ file: world.file, plan: { rules: [], webhooks: [] }, log });
  await world.until(() => world.alerts()[0]?.clearedAt !== null);
  await alerts.stop();
});

it('a worker that dies is told and started again', async () => {
  world.balance(1);
  const aside = `${world.file}-aside`;
  fs.renameSync(world.file, aside);
  const alerts = openAlerts({ file: world.file, plan: world.plan(), log });
  await world.until(() => lines.length > 0);
  expect(lines).toMatchObject([{ level: 'error', event: 'alerts_worker_failed', message: expect.stringContaining('there is no database at') as string, restartInMs: 1_000 }]);
  fs.renameSync(aside, world.file);
  await world.receiver.calls(1);
  await alerts.stop();
});
