/** Sends the calls whose time has come: webhooks side by side, the calls of one webhook one after the other. */
import { SqliteError, type Db } from '../db/open.ts';
import type { Log } from '../log.ts';
import { createOutbox, type Outbox, type OwedCall } from './outbox.ts';
import type { Webhook } from './plan.ts';
import { postCall, type CallOutcome } from './post-call.ts';

export interface Delivery {
  readonly webhooks: readonly Webhook[];
  readonly log: Log;
  readonly now: () => number;
  readonly timeoutMs: number;
  /** Breaks off the attempts under way; those calls stay owed. */
  readonly signal: AbortSignal;
}

/** Beyond an attempt's own time, for writing down what became of it. */
const LEASE_BEYOND_MS = 20_000;
const GONE = 410;

/** Resolves when there is nothing more to send now. A webhook that failed once is left alone until the next time. */
export async function deliverDue(db: Db, delivery: Delivery): Promise<void> {
  const outbox = createOutbox(db);
  const due = new Set(outbox.dueWebhooks(delivery.now()));
  const ends = await Promise.allSettled(delivery.webhooks.filter(({ name }) => due.has(name)).map((webhook) => deliverTo(webhook, outbox, delivery)));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

async function deliverTo(webhook: Webhook, outbox: Outbox, delivery: Delivery): Promise<void> {
  const { now, timeoutMs, signal } = delivery;
  while (!signal.aborted) {
    const call = outbox.claim(webhook.name, { now: now(), leaseMs: timeoutMs + LEASE_BEYOND_MS });
    if (call === null) return;
    const outcome = await postCall(webhook, { id: call.id, event: call.event, body: call.body, now: now(), timeoutMs, signal });
    if (!outcome.delivered && signal.aborted) return outbox.release(call, now());
    writeDown({ call, outcome, outbox, delivery });
    if (!outcome.delivered) return;
  }
}

interface Attempt {
  readonly call: OwedCall;
  readonly outcome: CallOutcome;
  readonly outbox: Outbox;
  readonly delivery: Delivery;
}

/** A call whose delivery cannot be written down is sent again when its claim ends: at least once, with the same id. */
function writeDown({ call, outcome, outbox, delivery }: Attempt): void {
  const { log, now } = delivery;
  const at = { webhook: call.webhook, delivery: call.id, about: call.event, attempt: call.attempt };
  try {
    if (outcome.delivered) {
      outbox.delivered(call, now());
      return log.debug('webhook_delivered', { ...at, status: outcome.status, ms: outcome.ms });
    }
    const reason = outcome.error ?? 'unknown';
    const next = outbox.failed(call, { now: now(), error: reason, final: outcome.status === GONE });
    if (next.kind === 'given up') log.error('webhook_given_up', { ...at, reason });
    else log.warn('webhook_failed', { ...at, reason, retryInMs: next.at - now() });
  } catch (error) {
    if (!(error instanceof SqliteError)) throw error;
    log.warn('webhook_unrecorded', { ...at, delivered: outcome.delivered, reason: error.message });
  }
}
