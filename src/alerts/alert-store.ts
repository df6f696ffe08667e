/** Alerts and the calls that they owe, in the database. Every change is one transaction of its own. */
import { randomUUID } from 'node:crypto';
import type { AlertRule } from '../config.ts';
import type { Db } from '../db/open.ts';
import { alertCallBody, type AlertEvent } from './alert-call.ts';
import type { AlertDetail, Finding } from './evaluate.ts';

export interface FiringAlert {
  readonly id: number;
  readonly rule: string;
  readonly subject: string;
  readonly message: string;
  readonly detail: StoredDetail;
  readonly firedAt: number;
}

/** The column `detail`. */
export interface StoredDetail {
  readonly when: AlertRule['when'];
  readonly subjectName: string;
  readonly figures: AlertDetail;
}

export interface AlertStore {
  firing(): FiringAlert[];
  /** False when it fires already, as another process may have found just before. */
  fire(firing: { rule: AlertRule; finding: Finding; now: number }): boolean;
  /** False when it does not fire any more. */
  clear(alert: FiringAlert, now: number): boolean;
  /** Nobody is told. */
  clearQuietly(alert: FiringAlert, now: number): void;
  /** Calls to webhooks that are gone are not sent any more. */
  giveUpRemoved(now: number): void;
  /** Forgets alerts that cleared before that time and have no call left on record. */
  forget(before: number): void;
}

/** `webhooks`: the names of those that are to be called. */
export function createAlertStore(db: Db, webhooks: readonly string[]): AlertStore {
  const selectFiring = db.prepare('SELECT id, rule, subject, message, detail, fired_at AS firedAt FROM alerts WHERE cleared_at IS NULL ORDER BY id');
  const insert = db.prepare(`INSERT INTO alerts(rule, subject, message, detail, fired_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT(rule, subject) WHERE cleared_at IS NULL DO NOTHING`);
  const update = db.prepare('UPDATE alerts SET cleared_at = ? WHERE id = ? AND cleared_at IS NULL');
  const owe = db.prepare('INSERT INTO webhook_outbox(id, alert_id, webhook, body, created_at, next_attempt_at) VALUES (?, ?, ?, ?, ?, ?)');
  const giveUp = db.prepare(`UPDATE webhook_outbox SET given_up_at = ?, last_error = 'the webhook is no longer configured'
    WHERE delivered_at IS NULL AND given_up_at IS NULL AND webhook NOT IN (SELECT value FROM json_each(?))`);
  const remove = db.prepare('DELETE FROM alerts WHERE cleared_at < ? AND id NOT IN (SELECT alert_id FROM webhook_outbox WHERE alert_id IS NOT NULL)');

  function oweCalls(event: AlertEvent, alert: FiringAlert, clearedAt: number | null): void {
    const now = clearedAt ?? alert.firedAt;
    const { id, rule, subject, message, detail, firedAt } = alert;
    for (const webhook of webhooks) {
      const callId = randomUUID();
      const body = alertCallBody({
        id: callId,
        event,
        createdAt: isoTime(now),
        alert: {
          id: `alert_${id}`,
          rule,
          when: detail.when,
          subject,
          subjectName: detail.subjectName,
          message,
          detail: detail.figures,
          firedAt: isoTime(firedAt),
          clearedAt: clearedAt === null ? null : isoTime(clearedAt),
        },
      });
      owe.run(callId, id, webhook, body, now, now);
    }
  }

  return {
    firing: () => (selectFiring.all() as (Omit<FiringAlert, 'detail'> & { detail: string })[]).map((row) => ({ ...row, detail: JSON.parse(row.detail) as StoredDetail })),
    fire({ rule, finding, now }) {
      const { subject, subjectName, message } = finding;
      const detail: StoredDetail = { when: rule.when, subjectName, figures: finding.detail };
      const { changes, lastInsertRowid } = insert.run(rule.name, subject, message, JSON.stringify(detail), now);
      if (changes === 0) return false;
      oweCalls('alert.fired', { id: Number(lastInsertRowid), rule: rule.name, subject, message, detail, firedAt: now }, null);
      return true;
    },
    clear(alert, now) {
      if (update.run(now, alert.id).changes === 0) return false;
      oweCalls('alert.cleared', alert, now);
      return true;
    },
    clearQuietly: (alert, now) => void update.run(now, alert.id),
    forget: (before) => void remove.run(before),
    giveUpRemoved: (now) => void giveUp.run(now, JSON.stringify(webhooks)),
  };
}

const isoTime = (ms: number): string => new Date(ms).toISOString();
