/**
 * An engine in a process of its own: `node engine-child.ts TASK FILE URL SECRET`. `commit` looks at the rules once and
 * kills itself before anything is sent; `run` goes on until it is killed.
 */
import { checkRules } from '../../src/alerts/check-rules.ts';
import { startAlertEngine } from '../../src/alerts/engine.ts';
import type { AlertPlan } from '../../src/alerts/plan.ts';
import { openDatabase } from '../../src/db/open.ts';
import { createLog } from '../../src/log.ts';
import { micro } from '../../src/money.ts';

const [task, file = '', url = '', secret = ''] = process.argv.slice(2);
const plan: AlertPlan = { rules: [{ name: 'low', when: 'balance_below', amount: micro(10_000_000), buyers: null }], webhooks: [{ name: 'ops', url, secret }] };
const db = openDatabase(file, { mode: 'write' });
if (task === 'commit') {
  const changes = checkRules(db, { rules: plan.rules, webhooks: ['ops'], now: Date.now() });
  if (changes.length === 1) process.kill(process.pid, 'SIGKILL');
} else {
  startAlertEngine({ db, plan, log: createLog(), intervalMs: 5 });
}
