/** The audit log as it is read: newest first. Reads only. */
import type { Db } from '../db/open.ts';
import type { BuyerId } from '../ids.ts';
import type { Actor } from './actor.ts';

export interface AuditFilter {
  readonly limit: number;
  /** Only what came before this entry: the next page. */
  readonly beforeId?: number;
  /** Unix ms: from `since`, up to but without `until`. */
  readonly since?: number;
  readonly until?: number;
  /** The name of who did it. */
  readonly actor?: string;
  /** A whole word such as `key.rotate`, or its first part: `key`. */
  readonly action?: string;
  /** `buyer_3`, `key_7`, `route:claude-fast` … */
  readonly subject?: string;
  /** Whom it concerns. */
  readonly buyerId?: BuyerId;
}

export interface AuditEntry {
  readonly id: number;
  /** Unix ms. */
  readonly at: number;
  readonly by: Actor;
  readonly action: string;
  readonly subject: string;
  /** What the subject is called now: a buyer's name, or `ci of acme` for a key; null for others. */
  readonly subjectName: string | null;
  readonly buyerId: BuyerId | null;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

interface AuditRow {
  readonly id: number;
  readonly at: number;
  readonly actor_kind: Actor['kind'];
  readonly actor: string;
  readonly via: Actor['via'];
  readonly address: string | null;
  readonly action: string;
  readonly subject: string;
  readonly buyer_id: BuyerId | null;
  readonly before: string | null;
  readonly after: string | null;
  readonly buyer_name: string | null;
  readonly key_label: string | null;
  readonly key_buyer: string | null;
}

/** The number in a subject's id finds its row; the whole of it must be the row's id. */
const SELECT = `SELECT a.id, a.at, a.actor_kind, a.actor, a.via, a.address, a.action, a.subject, a.buyer_id, a.before, a.after,
  b.name AS buyer_name, k.label AS key_label, kb.name AS key_buyer
  FROM audit a
  LEFT JOIN buyers b ON b.id = CAST(substr(a.subject, 7) AS INTEGER) AND a.subject = 'buyer_' || b.id
  LEFT JOIN keys k ON k.id = CAST(substr(a.subject, 5) AS INTEGER) AND a.subject = 'key_' || k.id
  LEFT JOIN buyers kb ON kb.id = k.buyer_id`;

const CONDITIONS = {
  beforeId: 'a.id < @beforeId',
  since: 'a.at >= @since',
  until: 'a.at < @until',
  actor: 'a.actor = @actor COLLATE NOCASE',
  action: "(a.action = @action OR substr(a.action, 1, length(@action) + 1) = @action || '.')",
  subject: 'a.subject = @subject',
  buyerId: 'a.buyer_id = @buyerId',
} as const;

export function readAudit(db: Db, filter: AuditFilter): AuditEntry[] {
  const names = Object.keys(CONDITIONS).filter((name) => filter[name as keyof AuditFilter] !== undefined) as (keyof typeof CONDITIONS)[];
  const where = names.length === 0 ? '' : `WHERE ${names.map((name) => CONDITIONS[name]).join(' AND ')}`;
  const rows = db.prepare(`${SELECT} ${where} ORDER BY a.id DESC LIMIT @limit`).safeIntegers(false).all(filter) as AuditRow[];
  return rows.map(entryOf);
}

function entryOf(row: AuditRow): AuditEntry {
  return {
    id: row.id,
    at: row.at,
    by: { kind: row.actor_kind, name: row.actor, via: row.via, address: row.address },
    action: row.action,
    subject: row.subject,
    subjectName: row.key_label === null ? row.buyer_name : `${row.key_label} of ${row.key_buyer ?? ''}`,
    buyerId: row.buyer_id,
    before: objectOf(row.before),
    after: objectOf(row.after),
  };
}

const objectOf = (text: string | null): AuditEntry['before'] => (text === null ? null : (JSON.parse(text) as Record<string, unknown>));
