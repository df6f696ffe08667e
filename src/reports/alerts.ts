/** Alerts, and what became of the calls that they owe. Read-only. */
import type { Db } from '../db/open.ts';

export interface AlertEntry {
  readonly id: number;
  readonly rule: string;
  /** `buyer_3`, `upstream:NAME` or `gateway`. */
  readonly subject: string;
  /** The buyer's or upstream's name as it was when the alert fired, or `gateway`. */
  readonly subjectName: string;
  readonly message: string;
  /** Figures by name; money as integers named `…UsdMicros`. */
  readonly figures: Readonly<Record<string, string | number>>;
  readonly firedAt: number;
  /** Null: it fires. */
  readonly clearedAt: number | null;
  /** In the order in which they are sent. */
  readonly calls: readonly AlertCallEntry[];
}

export interface AlertCallEntry {
  /** As in the header `x-ainogap-delivery`. */
  readonly id: string;
  readonly webhook: string;
  readonly event: string;
  readonly state: 'delivered' | 'waiting' | 'given up';
  /** One that is under way included. */
  readonly attempts: number;
  /** When it was delivered or given up, else when it is tried next. */
  readonly at: number;
  /** Why the last attempt failed, in words; null when none did. */
  readonly lastError: string | null;
}

export interface AlertFilter {
  /** Those that cleared, too. */
  readonly all: boolean;
  readonly limit: number;
}

const CALLS = `SELECT id, webhook, json_extract(body, '$.event') AS event, attempts, next_attempt_at AS nextAt, delivered_at AS deliveredAt,
  given_up_at AS givenUpAt, last_error AS lastError, alert_id AS alertId
  FROM webhook_outbox WHERE alert_id IN (SELECT value FROM json_each(?)) ORDER BY rowid`;

type AlertRow = Omit<AlertEntry, 'subjectName' | 'figures' | 'calls'> & { readonly detail: string };
interface CallRow {
  readonly id: string;
  readonly webhook: string;
  readonly event: string;
  readonly attempts: number;
  readonly nextAt: number;
  readonly deliveredAt: number | null;
  readonly givenUpAt: number | null;
  readonly lastError: string | null;
  readonly alertId: number;
}

/** Newest first. */
export function listAlerts(db: Db, { all, limit }: AlertFilter): AlertEntry[] {
  const read = db.transaction((): AlertEntry[] => {
    const rows = db
      .prepare(
        `SELECT id, rule, subject, message, detail, fired_at AS firedAt, cleared_at AS clearedAt
         FROM alerts ${all ? '' : 'WHERE cleared_at IS NULL'} ORDER BY id DESC LIMIT ?`,
      )
      .all(limit) as AlertRow[];
    const calls = Map.groupBy(db.prepare(CALLS).all(JSON.stringify(rows.map(({ id }) => id))) as CallRow[], (call) => call.alertId);
    return rows.map(({ detail, ...row }) => ({ ...row, ...detailOf(detail), calls: (calls.get(row.id) ?? []).map(callOf) }));
  });
  return read.deferred();
}

function detailOf(detail: string): Pick<AlertEntry, 'subjectName' | 'figures'> {
  const { subjectName, figures } = JSON.parse(detail) as Pick<AlertEntry, 'subjectName' | 'figures'>;
  return { subjectName, figures };
}

function callOf({ id, webhook, event, attempts, nextAt, deliveredAt, givenUpAt, lastError }: CallRow): AlertCallEntry {
  const state = deliveredAt !== null ? 'delivered' : givenUpAt !== null ? 'given up' : 'waiting';
  return { id, webhook, event, state, attempts, at: deliveredAt ?? givenUpAt ?? nextAt, lastError };
}
