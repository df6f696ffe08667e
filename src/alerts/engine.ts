/**
 * Looks at the rules again and again, and sends what is owed. Two rows of steps side by side, so that a webhook that
 * does not answer delays no alert. Runs in a thread of its own (worker.ts).
 */
import type { Db } from '../db/open.ts';
import type { Log } from '../log.ts';
import { createAlertStore } from './alert-store.ts';
import { checkRules, dropRemoved, type AlertChange } from './check-rules.ts';
import { deliverDue } from './deliver.ts';
import { createOutbox } from './outbox.ts';
import type { AlertPlan } from './plan.ts';

export interface AlertEngineOptions {
  /** Open for writing; the engine does not close it. */
  readonly db: Db;
  readonly plan: AlertPlan;
  readonly log: Log;
  /** Unix ms. Default Date.now. */
  readonly now?: () => number;
  /** From the end of a step to the next. Default 5 s. */
  readonly intervalMs?: number;
  /** For one attempt of a call. Default 10 s. */
  readonly timeoutMs?: number;
}

export interface AlertEngine {
  /** Puts another configuration in force. */
  change(plan: AlertPlan): void;
  /** Resolves when the steps under way have ended; a call that is not answered soon is broken off and stays owed. */
  stop(): Promise<void>;
}

const INTERVAL_MS = 5_000;
const TIMEOUT_MS = 10_000;
/** How long a call under way may still take when the engine stops. */
const STOP_WITHIN_MS = 2_000;
const KEEP_CALLS_MS = 30 * 24 * 3_600_000;
const KEEP_ALERTS_MS = 366 * 24 * 3_600_000;
const FORGET_EVERY_MS = 3_600_000;

export function startAlertEngine(options: AlertEngineOptions): AlertEngine {
  const { db, log, now = Date.now, intervalMs = INTERVAL_MS, timeoutMs = TIMEOUT_MS } = options;
  const breakOff = new AbortController();
  let plan = options.plan;
  let planIsNew = true;
  let forgottenAt = -Infinity;

  function check(): void {
    const current = { rules: plan.rules, webhooks: plan.webhooks.map(({ name }) => name), now: now() };
    if (planIsNew) dropRemoved(db, current);
    planIsNew = false;
    for (const change of checkRules(db, current)) tell(log, change);
  }

  async function deliver(): Promise<void> {
    if (now() - forgottenAt >= FORGET_EVERY_MS) {
      createOutbox(db).forget(now() - KEEP_CALLS_MS);
      createAlertStore(db, []).forget(now() - KEEP_ALERTS_MS);
      forgottenAt = now();
    }
    await deliverDue(db, { webhooks: plan.webhooks, log, now, timeoutMs, signal: breakOff.signal });
  }

  const delivering = repeat(deliver, { intervalMs, log });
  const checking = repeat(
    async () => {
      check();
      delivering.soon();
    },
    { intervalMs, log },
  );
  return {
    change(next) {
      plan = next;
      planIsNew = true;
      checking.soon();
    },
    async stop() {
      const timer = setTimeout(() => breakOff.abort(), STOP_WITHIN_MS);
      await Promise.all([checking.stop(), delivering.stop()]);
      clearTimeout(timer);
    },
  };
}

function tell(log: Log, { kind, rule, subject, subjectName, message }: AlertChange): void {
  const fields = { rule, subject, name: subjectName, message };
  if (kind === 'fired') log.warn('alert_fired', fields);
  else log.info('alert_cleared', fields);
}

interface Repeated {
  /** The next step begins at once, or when the running one has ended. */
  soon(): void;
  stop(): Promise<void>;
}

/** The first of a row of failures is told, and then each hundredth: what keeps failing must not fill the log. */
const TELL_EVERY = 100;

/** Begins at once. A step that fails is told, and the next one comes in its time. */
function repeat(step: () => Promise<void>, { intervalMs, log }: { intervalMs: number; log: Log }): Repeated {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | null = null;
  let again = false;
  let stopped = false;
  let failures = 0;

  async function run(): Promise<void> {
    try {
      await step();
      failures = 0;
    } catch (error) {
      if (failures++ % TELL_EVERY === 0) log.error('alerts_step_failed', { message: (error as Error).message });
    }
  }
  function start(): void {
    clearTimeout(timer);
    again = false;
    running = run().then(() => {
      running = null;
      if (stopped) return;
      if (again) start();
      else timer = setTimeout(start, intervalMs);
    });
  }
  // In a turn of its own, so that the first step finds both rows there.
  timer = setTimeout(start, 0);
  return {
    soon() {
      if (stopped) return;
      if (running) again = true;
      else start();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
