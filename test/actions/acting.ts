/** Actors and a look into the audit log, for tests of the actions. */
import type { Actor } from '../../src/audit/actor.ts';
import { readAudit, type AuditEntry } from '../../src/audit/read-audit.ts';
import type { Db } from '../../src/db/open.ts';
import type { BuyerId } from '../../src/ids.ts';
import type { Deposit } from '../../src/ledger/ledger.ts';
import { micro } from '../../src/money.ts';

export const NOW = Date.UTC(2026, 10, 23, 12, 5, 1);
export const EVA: Actor = { kind: 'admin', name: 'eva', via: 'console', address: '203.0.113.7' };

/** All of it, oldest first. */
export const auditOf = (db: Db): AuditEntry[] => readAudit(db, { limit: 100_000 }).toReversed();

/** What the log has but for its ids, the time and who. */
export const changesOf = (db: Db) => auditOf(db).map(({ action, subject, buyerId, before, after }) => ({ action, subject, buyerId, before, after }));

export function depositOf(buyerId: BuyerId, micros: number, more: Partial<Deposit> = {}): Deposit {
  return { buyerId, amount: micro(BigInt(micros)), kind: 'deposit', reference: null, reason: null, ...more };
}

/** From now on nothing can be added to the log. */
export function refuseRecords(db: Db): void {
  db.exec("CREATE TEMP TRIGGER no_records BEFORE INSERT ON main.audit BEGIN SELECT RAISE(ABORT, 'no record today'); END");
}
