/** What the rules would find now, without changing anything. */
import type { AlertRule } from '../config.ts';
import type { Db } from '../db/open.ts';
import { createAlertStore } from './alert-store.ts';
import { evaluate, type Finding } from './evaluate.ts';
import { readFacts } from './read-facts.ts';

export interface RuleFindings {
  readonly rule: AlertRule;
  readonly findings: readonly Finding[];
  /** Names of buyers in the rule that do not exist (yet). */
  readonly unknownBuyers: readonly string[];
}

/** `now`: Unix ms. The database may be open for reading only. */
export function wouldFire(db: Db, rules: readonly AlertRule[], now: number): RuleFindings[] {
  const firing = createAlertStore(db, []).firing();
  const facts = readFacts(db, rules, now);
  const names = db.prepare('SELECT lower(name) AS name, id FROM buyers').all() as { name: string; id: number }[];
  const known = new Set(names.flatMap(({ name, id }) => [name, `buyer_${id}`]));
  return rules.map((rule) => ({
    rule,
    findings: evaluate(rule, { facts, now, firing: new Set(firing.filter((alert) => alert.rule === rule.name).map((alert) => alert.subject)) }),
    unknownBuyers: 'buyers' in rule ? (rule.buyers ?? []).filter((name) => !known.has(name.toLowerCase())) : [],
  }));
}
