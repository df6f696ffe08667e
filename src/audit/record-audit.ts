/** Appends to the audit log, inside the transaction of the change that it tells of. */
import type { Db } from '../db/open.ts';
import type { BuyerId } from '../ids.ts';
import type { Actor } from './actor.ts';

export interface AuditRecord {
  readonly at: number;
  readonly by: Actor;
  /** `buyer.create`, `key.rotate`, `ledger.deposit` … */
  readonly action: string;
  /** `buyer_3`, `key_7`, `route:claude-fast`, `admin:eva` … */
  readonly subject: string;
  /** Whom it concerns. */
  readonly buyerId?: BuyerId;
  /** What differs, without secrets; money as integers. */
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
}

/** Keys, upstream credentials and tokens, in texts that people chose: a label may hold what was pasted in the wrong place. */
const SECRETS = /\b(rk_|sk-ant-|st_|iv_|ainogap_admin_)[\w-]{32,}/g;

/** Throws when there is no transaction: a change and its record are on disk together or not at all. */
export function recordAudit(db: Db, { at, by, action, subject, buyerId, before, after }: AuditRecord): void {
  if (!db.inTransaction) throw new Error(`${action} of ${subject} is recorded outside its transaction`);
  const safe = (text: string): string => text.replace(SECRETS, '$1…');
  const json = (value: AuditRecord['before']): string | null => (value === undefined ? null : safe(JSON.stringify(value)));
  db.prepare('INSERT INTO audit(at, actor_kind, actor, via, address, action, subject, buyer_id, before, after) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)').run(
    at,
    by.kind,
    safe(by.name),
    by.via,
    by.address,
    action,
    safe(subject),
    buyerId ?? null,
    json(before),
    json(after),
  );
}
