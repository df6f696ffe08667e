/**
 * Calls that are owed, in the database. A call is claimed before it is sent, by moving its next attempt past the time
 * that an attempt can take: of several processes one sends it, and if that one dies, another does so afterwards.
 */
import type { Db } from '../db/open.ts';
import type { AlertEvent } from './alert-call.ts';
import { retryDelayMs, RETRY_FOR_MS } from './retry-delay.ts';

export interface OwedCall {
  readonly id: string;
  readonly event: AlertEvent;
  readonly webhook: string;
  readonly body: string;
  readonly createdAt: number;
  /** This one included. */
  readonly attempt: number;
}

/** What became of a call that was not delivered. */
export type Postponed = { readonly kind: 'retried'; readonly at: number } | { readonly kind: 'given up' };

export interface Failure {
  readonly now: number;
  /** In words. */
  readonly error: string;
  /** It need not be tried again. */
  readonly final: boolean;
}

export interface Outbox {
  /** Names of the webhooks that have a call whose time has come. */
  dueWebhooks(now: number): string[];
  /** The oldest such call of a webhook, claimed for `leaseMs`; null when there is none. Calls of one alert keep their order. */
  claim(webhook: string, lease: { now: number; leaseMs: number }): OwedCall | null;
  delivered(call: OwedCall, now: number): void;
  failed(call: OwedCall, failure: Failure): Postponed;
  /** The attempt was broken off: it is made again at once, by whoever comes next. */
  release(call: OwedCall, now: number): void;
  /** Forgets calls that were delivered or given up before that time. */
  forget(before: number): void;
}

const OPEN = 'delivered_at IS NULL AND given_up_at IS NULL';

export function createOutbox(db: Db, random: () => number = Math.random): Outbox {
  const due = db.prepare(`SELECT DISTINCT webhook FROM webhook_outbox WHERE ${OPEN} AND next_attempt_at <= ?`).pluck();
  const oldest = db.prepare(`SELECT id, webhook, body, created_at AS createdAt, attempts + 1 AS attempt, json_extract(body, '$.event') AS event
    FROM webhook_outbox o WHERE ${OPEN} AND next_attempt_at <= :now AND webhook = :webhook
      AND NOT EXISTS (SELECT 1 FROM webhook_outbox e WHERE e.delivered_at IS NULL AND e.given_up_at IS NULL
        AND e.alert_id = o.alert_id AND e.webhook = o.webhook AND e.rowid < o.rowid)
    ORDER BY rowid LIMIT 1`);
  const take = db.prepare(`UPDATE webhook_outbox SET attempts = attempts + 1, next_attempt_at = :until WHERE id = :id AND ${OPEN} AND next_attempt_at <= :now`);
  const setDelivered = db.prepare('UPDATE webhook_outbox SET delivered_at = ?, last_error = NULL WHERE id = ?');
  const setNext = db.prepare(`UPDATE webhook_outbox SET next_attempt_at = ?, last_error = ? WHERE id = ? AND ${OPEN}`);
  const setGivenUp = db.prepare(`UPDATE webhook_outbox SET given_up_at = ?, last_error = ? WHERE id = ? AND ${OPEN}`);
  const setReleased = db.prepare(`UPDATE webhook_outbox SET next_attempt_at = ?, attempts = attempts - 1 WHERE id = ? AND ${OPEN}`);
  const remove = db.prepare('DELETE FROM webhook_outbox WHERE delivered_at < :before OR given_up_at < :before');

  return {
    dueWebhooks: (now) => due.all(now) as string[],
    claim(webhook, { now, leaseMs }) {
      const call = oldest.get({ webhook, now }) as OwedCall | undefined;
      if (!call) return null;
      return take.run({ id: call.id, now, until: now + leaseMs }).changes === 1 ? call : null;
    },
    delivered: ({ id }, now) => void setDelivered.run(now, id),
    failed(call, { now, error, final }) {
      const at = now + retryDelayMs(call.attempt, random());
      if (!final && at <= call.createdAt + RETRY_FOR_MS) {
        setNext.run(at, error, call.id);
        return { kind: 'retried', at };
      }
      setGivenUp.run(now, error, call.id);
      return { kind: 'given up' };
    },
    release: ({ id }, now) => void setReleased.run(now, id),
    forget: (before) => void remove.run({ before }),
  };
}
