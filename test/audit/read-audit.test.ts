import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../src/audit/actor.ts';
import { readAudit, type AuditFilter } from '../../src/audit/read-audit.ts';
import { recordAudit, type AuditRecord } from '../../src/audit/record-audit.ts';
import { openMemoryDatabase, type Db } from '../../src/db/open.ts';
import { auditJson } from '../../src/documents/audit-json.ts';
import { auditEntry } from '../../src/api/schemas/admin.ts';
import type { BuyerId } from '../../src/ids.ts';
import { createKey } from '../../src/registry/keys.ts';
import { makeBuyer } from '../registry/scratch.ts';

const EVA: Actor = { kind: 'admin', name: 'eva', via: 'console', address: '203.0.113.7' };
const ROOT: Actor = { kind: 'cli', name: 'root', via: 'cli', address: null };

let db: Db;
beforeEach(() => {
  db = openMemoryDatabase();
  makeBuyer(db, 'acme');
  createKey(db, { buyerId: 1 as BuyerId, label: 'ci' });
});
afterEach(() => db.close());

function record(...records: Partial<AuditRecord>[]): void {
  for (const one of records) db.transaction(() => recordAudit(db, { at: 1_000, by: EVA, action: 'key.rotate', subject: 'key_1', ...one })).immediate();
}
const idsOf = (filter: Partial<AuditFilter>): number[] => readAudit(db, { limit: 100, ...filter }).map(({ id }) => id);

describe('reading', () => {
  it('gives the newest first, page by page', () => {
    record({}, {}, {}, {}, {});
    expect(idsOf({ limit: 2 })).toEqual([5, 4]);
    expect(idsOf({ limit: 2, beforeId: 4 })).toEqual([3, 2]);
    expect(idsOf({ limit: 2, beforeId: 2 })).toEqual([1]);
  });

  it('takes the time from which, and up to but without the time until which', () => {
    record({ at: 10 }, { at: 20 }, { at: 30 });
    expect(idsOf({ since: 20 })).toEqual([3, 2]);
    expect(idsOf({ until: 20 })).toEqual([1]);
    expect(idsOf({ since: 20, until: 30 })).toEqual([2]);
  });

  it('takes whom, what and whom it concerns, and all of them together', () => {
    record({ by: ROOT }, { buyerId: 1 as BuyerId }, { subject: 'route:fast', action: 'route.change' }, { by: ROOT, buyerId: 1 as BuyerId });
    expect(idsOf({ actor: 'Root' })).toEqual([4, 1]);
    expect(idsOf({ subject: 'route:fast' })).toEqual([3]);
    expect(idsOf({ buyerId: 1 as BuyerId })).toEqual([4, 2]);
    expect(idsOf({ buyerId: 1 as BuyerId, actor: 'root' })).toEqual([4]);
  });

  it('takes an action by its whole word or by what it concerns', () => {
    record({ action: 'key.rotate' }, { action: 'key.create' }, { action: 'keyring.open' }, { action: 'buyer.create' });
    expect(idsOf({ action: 'key.rotate' })).toEqual([1]);
    expect(idsOf({ action: 'key' })).toEqual([2, 1]);
    expect(idsOf({ action: 'key.' })).toEqual([]);
    expect(idsOf({ action: '%' })).toEqual([]);
  });

  it('takes no filter for SQL', () => {
    record({});
    expect(idsOf({ actor: "eva' OR 1=1 --" })).toEqual([]);
  });
});

describe('subjects', () => {
  it('are called what they are called now', () => {
    record({ subject: 'buyer_1' }, { subject: 'key_1' }, { subject: 'buyer_9' }, { subject: 'route:fast' }, { subject: 'admin:key_1' }, { subject: 'key_1x' });
    expect(readAudit(db, { limit: 9 }).map(({ subjectName }) => subjectName)).toEqual([null, null, null, null, 'ci of acme', 'acme']);
  });
});

describe('the log', () => {
  it('can neither be changed nor deleted', () => {
    record({});
    expect(() => db.prepare("UPDATE audit SET actor = 'nobody'").run()).toThrow('immutable');
    expect(() => db.prepare('DELETE FROM audit').run()).toThrow('never deleted');
    expect(() => db.prepare('INSERT OR REPLACE INTO audit(id, at, actor_kind, actor, via, action, subject) SELECT id, 0, actor_kind, actor, via, action, subject FROM audit').run()).toThrow('never replaced');
    expect(idsOf({})).toEqual([1]);
  });

  it('takes nothing outside a transaction', () => {
    expect(() => recordAudit(db, { at: 1, by: EVA, action: 'key.rotate', subject: 'key_1' })).toThrow('outside its transaction');
    expect(idsOf({})).toEqual([]);
  });
});

it('the document of an entry is what the API promises', () => {
  record({ buyerId: 1 as BuyerId, before: { keyId: 'key_1' }, after: { keyId: 'key_2', amountUsdMicros: 5 } }, { by: ROOT, subject: 'route:fast', action: 'route.delete' });
  const documents = readAudit(db, { limit: 9 }).map(auditJson);
  expect(documents.map((document) => auditEntry.strict().parse(document))).toEqual(documents);
  expect(documents[1]).toEqual({
    auditId: 'audit_1',
    at: '1970-01-01T00:00:01.000Z',
    actorKind: 'admin',
    actor: 'eva',
    via: 'console',
    address: '203.0.113.7',
    action: 'key.rotate',
    subject: 'key_1',
    subjectName: 'ci of acme',
    buyerId: 'buyer_1',
    before: { keyId: 'key_1' },
    after: { keyId: 'key_2', amountUsdMicros: 5 },
  });
});
