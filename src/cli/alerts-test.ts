/** `ainogap alerts test`: a signed call to the webhooks, now, and what the rules find. */
import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { alertCallBody } from '../alerts/alert-call.ts';
import { alertPlanOf, type AlertPlan, type Webhook } from '../alerts/plan.ts';
import { postCall, type CallOutcome } from '../alerts/post-call.ts';
import { wouldFire, type RuleFindings } from '../alerts/would-fire.ts';
import { SecretError, type Config } from '../config.ts';
import { didYouMean } from '../nearest.ts';
import { printableLines } from '../printable.ts';
import { addCommand, globalOptions } from './add-command.ts';
import { CliError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { readConfig, withDatabase } from './open-store.ts';
import { printJson } from './print-json.ts';
import { printTable } from './print-table.ts';
import { isoTime } from '../documents/iso-time.ts';

const TIMEOUT_MS = 10_000;

export function registerAlertsTest(alerts: Command, ctx: CliContext): void {
  addCommand(alerts, {
    usage: 'test [webhook]',
    description: 'send a signed test call to each webhook, or to the named one, and say which rules would fire',
    example: 'ainogap alerts test\nainogap alerts test ops --json',
    exitCodes: '0 every call was answered with 2xx, 1 one was not, 2 wrong usage',
  }).action(async (name: string | undefined, _options: unknown, command: Command) => {
    const global = globalOptions(command);
    const config = readConfig(ctx, global);
    const plan = planOf(ctx, named(config, name));
    const rules = await withDatabase(config.database, 'read', (db) => wouldFire(db, plan.rules, ctx.now()));
    const calls = await Promise.all(plan.webhooks.map((webhook) => testCall(webhook, ctx.now())));
    if (global.json) printJson(ctx, { calls: calls.map(callJson), rules: rules.map(ruleJson) });
    else print(ctx, calls, rules);
    const failed = calls.filter(({ outcome }) => !outcome.delivered);
    if (failed.length > 0) throw new CliError(`${failed.length === 1 ? 'the webhook' : 'the webhooks'} ${failed.map(({ webhook }) => webhook.name).join(', ')} did not take the call.`);
  });
}

/** The configuration with the named webhook alone. */
function named(config: Config, name: string | undefined): Config {
  const { rules, webhooks } = config.alerts;
  if (name === undefined) return config;
  const wanted = webhooks.filter((webhook) => webhook.name === name);
  if (wanted.length > 0) return { ...config, alerts: { rules, webhooks: wanted } };
  const names = webhooks.map((webhook) => webhook.name);
  throw new CliError(`there is no webhook "${name}" in the configuration.${didYouMean(name, names)} ${names.length === 0 ? 'It has none.' : `It has ${names.join(', ')}.`}`);
}

function planOf(ctx: CliContext, config: Config): AlertPlan {
  try {
    return alertPlanOf(config, ctx.env);
  } catch (error) {
    throw error instanceof SecretError ? new CliError(`${error.message}.`) : error;
  }
}

interface TestCall {
  readonly webhook: Webhook;
  readonly deliveryId: string;
  readonly outcome: CallOutcome;
}

async function testCall(webhook: Webhook, now: number): Promise<TestCall> {
  const deliveryId = randomUUID();
  const body = alertCallBody({
    id: deliveryId,
    event: 'alert.test',
    createdAt: isoTime(now),
    alert: {
      id: 'alert_test',
      rule: 'test',
      when: 'test',
      subject: 'gateway',
      subjectName: 'gateway',
      message: `a test call to the webhook ${webhook.name}: nothing is wrong`,
      detail: {},
      firedAt: isoTime(now),
      clearedAt: null,
    },
  });
  return { webhook, deliveryId, outcome: await postCall(webhook, { id: deliveryId, event: 'alert.test', body, now, timeoutMs: TIMEOUT_MS }) };
}

/** What follows the host may be as good as a credential. */
const hostOf = ({ url }: Webhook): string => new URL(url).host;

function callJson({ webhook, deliveryId, outcome }: TestCall): Record<string, unknown> {
  const { delivered, status, ms, error } = outcome;
  return { webhook: webhook.name, host: hostOf(webhook), deliveryId, delivered, status, ms, error };
}

function ruleJson({ rule, findings, unknownBuyers }: RuleFindings): Record<string, unknown> {
  return {
    rule: rule.name,
    when: rule.when,
    fires: findings.length > 0,
    subjects: findings.map(({ subject, subjectName, message, detail }) => ({ subject, subjectName, message, detail })),
    unknownBuyers,
  };
}

function print(ctx: CliContext, calls: readonly TestCall[], rules: readonly RuleFindings[]): void {
  const say = (line: string): void => ctx.stderr.write(printableLines(`${line}\n`));
  printTable<TestCall>(
    ctx,
    [
      { title: 'webhook', cell: ({ webhook }) => webhook.name, shrink: true },
      { title: 'host', cell: ({ webhook }) => hostOf(webhook), shrink: true },
      { title: 'status', cell: ({ outcome }) => String(outcome.status ?? ''), align: 'right' },
      { title: 'ms', cell: ({ outcome }) => String(outcome.ms), align: 'right' },
      { title: 'answer', cell: ({ outcome }) => outcome.error ?? 'taken' },
    ],
    calls,
  );
  if (calls.length === 0) say('No webhooks are configured: alerts go to the log alone.');
  if (rules.length === 0) say('No rules are configured, so nothing fires.');
  for (const { rule, findings, unknownBuyers } of rules) {
    if (findings.length === 0) say(`${rule.name}: would not fire`);
    for (const { subjectName, message } of findings) say(`! ${rule.name}: would fire for ${subjectName}: ${message}`);
    if (unknownBuyers.length > 0) say(`! ${rule.name}: there is no buyer ${unknownBuyers.join(', ')}`);
  }
}
