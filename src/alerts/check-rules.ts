/** One look at the rules: alerts that begin to fire and alerts that clear, written with the calls that they owe. */
import type { AlertRule } from '../config.ts';
import type { Db } from '../db/open.ts';
import { createAlertStore, type AlertStore, type FiringAlert } from './alert-store.ts';
import { evaluate, type Finding } from './evaluate.ts';
import { readFacts } from './read-facts.ts';

export interface AlertChange {
  readonly kind: 'fired' | 'cleared';
  readonly rule: string;
  readonly subject: string;
  readonly subjectName: string;
  readonly message: string;
}

export interface RuleCheck {
  readonly rules: readonly AlertRule[];
  /** Names of the webhooks that are called. */
  readonly webhooks: readonly string[];
  /** Unix ms. */
  readonly now: number;
}

interface Difference {
  readonly fired: readonly { readonly rule: AlertRule; readonly finding: Finding }[];
  readonly cleared: readonly FiringAlert[];
}

/**
 * Returns what this call changed. Most calls only read: where there is something to change, facts are read again in the
 * transaction that changes it, so that of several processes none acts on what another has overtaken.
 */
export function checkRules(db: Db, check: RuleCheck): AlertChange[] {
  const store = createAlertStore(db, check.webhooks);
  if (isNone(differenceOf(db, store, check))) return [];
  const apply = db.transaction((): AlertChange[] => {
    const { fired, cleared } = differenceOf(db, store, check);
    const { now } = check;
    return [
      ...cleared.filter((alert) => store.clear(alert, now)).map(({ rule, subject, message, detail }) => ({ kind: 'cleared' as const, rule, subject, subjectName: detail.subjectName, message })),
      ...fired
        .filter(({ rule, finding }) => store.fire({ rule, finding, now }))
        .map(({ rule, finding: { subject, subjectName, message } }) => ({ kind: 'fired' as const, rule: rule.name, subject, subjectName, message })),
    ];
  });
  return apply.immediate();
}

const isNone = ({ fired, cleared }: Difference): boolean => fired.length === 0 && cleared.length === 0;

function differenceOf(db: Db, store: AlertStore, { rules, now }: RuleCheck): Difference {
  const firing = store.firing();
  const facts = readFacts(db, rules, now);
  const fired: { rule: AlertRule; finding: Finding }[] = [];
  const cleared: FiringAlert[] = [];
  for (const rule of rules) {
    const ofRule = firing.filter((alert) => alert.rule === rule.name);
    const before = new Set(ofRule.map((alert) => alert.subject));
    const findings = evaluate(rule, { facts, firing: before, now });
    const after = new Set(findings.map((finding) => finding.subject));
    for (const finding of findings) if (!before.has(finding.subject)) fired.push({ rule, finding });
    cleared.push(...ofRule.filter((alert) => !after.has(alert.subject)));
  }
  return { fired, cleared };
}

/** For a new configuration: alerts of rules that it does not have clear, and calls to webhooks that it does not have end; nobody is told. */
export function dropRemoved(db: Db, { rules, webhooks, now }: RuleCheck): void {
  const store = createAlertStore(db, webhooks);
  const kept = new Set(rules.map((rule) => rule.name));
  const drop = db.transaction(() => {
    for (const alert of store.firing()) if (!kept.has(alert.rule)) store.clearQuietly(alert, now);
    store.giveUpRemoved(now);
  });
  drop.immediate();
}
