/** `alerts:` of a configuration → rules and webhooks, or every mistake in them. */
import * as path from 'node:path';
import type { AlertRule, AlertsConfig, WebhookConfig } from '../config.ts';
import { didYouMean } from '../nearest.ts';
import { ALERT_KINDS } from './alert-kinds.ts';
import { alertsSchema, ruleSchemas, webhookSchema, type RuleValues } from './alert-schema.ts';
import { check } from './check.ts';
import { asMap, type Mistake } from './cross-checks.ts';
import { Numeral, type YamlPath, type YamlValue } from './read-yaml.ts';
import { isLoopback } from './scalars.ts';
import { shown } from './secret-shape.ts';

interface Reading {
  /** Mistakes found are added here. */
  readonly mistakes: Mistake[];
  /** Absolute; relative paths of secrets begin here. */
  readonly folder: string;
}

/** What has a mistake is left out of the result, which is then not used. */
export function readAlerts(value: YamlValue | undefined, reading: Reading): AlertsConfig {
  const { mistakes } = reading;
  check(alertsSchema, value, ['alerts'], mistakes);
  const alerts = asMap(value);
  const rules = listOf(alerts?.rules, ['alerts', 'rules'], mistakes).flatMap((rule, index) => readRule(rule, ['alerts', 'rules', index], mistakes));
  const webhooks = listOf(alerts?.webhooks, ['alerts', 'webhooks'], mistakes).flatMap((hook, index) => readWebhook(hook, ['alerts', 'webhooks', index], reading));
  nameMistakes(alerts?.rules, 'rules', mistakes);
  nameMistakes(alerts?.webhooks, 'webhooks', mistakes);
  return { rules, webhooks };
}

function listOf(value: YamlValue | undefined, at: YamlPath, mistakes: Mistake[]): readonly YamlValue[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  mistakes.push({ path: at, message: `must be a list, each item beginning with "- "` });
  return [];
}

function readRule(value: YamlValue, at: YamlPath, mistakes: Mistake[]): AlertRule[] {
  const map = asMap(value);
  if (!map) {
    mistakes.push({ path: at, message: 'must be a group of keys such as when and amount' });
    return [];
  }
  const when = ALERT_KINDS.find((kind) => kind === map.when);
  if (when === undefined) {
    mistakes.push({ path: [...at, 'when'], message: whenMessage(map.when) });
    return [];
  }
  if (Array.isArray(map.buyers) && map.buyers.length === 0) mistakes.push({ path: [...at, 'buyers'], message: 'names nobody; name buyers as in [acme], or leave it out for all' });
  const values = check<unknown>(ruleSchemas[when], map, at, mistakes);
  return values === null ? [] : [ruleOf({ when, values } as RuleValues)];
}

function whenMessage(when: YamlValue | undefined): string {
  const known = ALERT_KINDS.join(', ');
  if (when === undefined || when === null) return `is missing; it is one of ${known}`;
  return typeof when === 'string' ? `must be one of ${known}, not ${shown(when)}.${didYouMean(when, ALERT_KINDS)}` : `must be one of ${known}`;
}

function ruleOf(rule: RuleValues): AlertRule {
  const name = rule.values.name ?? rule.when;
  switch (rule.when) {
    case 'balance_below':
    case 'spend_above':
      return { name, when: rule.when, amount: rule.values.amount, buyers: rule.values.buyers };
    case 'empty_within':
      return { name, when: rule.when, hours: rule.values.hours, buyers: rule.values.buyers };
    case 'error_share_above':
      return { name, when: rule.when, share: rule.values.share, windowMs: rule.values.window, least: rule.values.least };
    case 'upstream_down':
      return { name, when: rule.when, forMs: rule.values.for };
    case 'shortfall':
    case 'usage_estimated':
      return { name, when: rule.when, buyers: rule.values.buyers };
  }
}

function readWebhook(value: YamlValue, at: YamlPath, { mistakes, folder }: Reading): WebhookConfig[] {
  const map = asMap(value);
  if (!map) {
    mistakes.push({ path: at, message: 'must be a group of keys such as name, url and secret' });
    return [];
  }
  mistakes.push(...unencrypted(map.url, map.insecure_http).map((message) => ({ path: [...at, 'url'], message })));
  const values = check(webhookSchema, map, at, mistakes);
  if (values === null) return [];
  const { name, url, secret } = values;
  return [{ name, url, secret: secret.kind === 'file' ? { kind: 'file', path: path.resolve(folder, secret.path) } : secret }];
}

function unencrypted(url: YamlValue | undefined, allowed: YamlValue | undefined): string[] {
  if (typeof url !== 'string' || !URL.canParse(url)) return [];
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'http:' || isLoopback(hostname) || allowed === true) return [];
  return ['http:// sends what buyers spend unencrypted; use https://, or allow it with insecure_http: true'];
}

const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/** A name identifies a rule's alerts, or a webhook's calls, in the database. Unnamed rules are called by their kind. */
function nameMistakes(value: YamlValue | undefined, group: 'rules' | 'webhooks', mistakes: Mistake[]): void {
  const first = new Map<string, string>();
  (Array.isArray(value) ? value : []).forEach((item, index) => {
    const map = asMap(item);
    const own = map?.name instanceof Numeral ? map.name.source : typeof map?.name === 'string' ? map.name.trim() : null;
    const given = own !== null;
    const name = own ?? (group === 'rules' ? (ALERT_KINDS.find((kind) => kind === map?.when) ?? null) : null);
    if (name === null) return;
    const at = ['alerts', group, index, given ? 'name' : 'when'];
    const before = first.get(name);
    if (!NAME.test(name)) mistakes.push({ path: at, message: 'a name has 1 to 64 of a-z, 0-9, - and _' });
    else if (before === undefined) first.set(name, at.slice(0, 3).join('.'));
    else if (given) mistakes.push({ path: at, message: `${shown(name)} is named already, by ${before}` });
    else mistakes.push({ path: at, message: `a second rule called ${shown(name)}, like ${before}: give it a name of its own` });
  });
}
