import type { AuditEntry } from '../audit/read-audit.ts';
import { formatBuyerId } from '../ids.ts';
import { isoTime } from './iso-time.ts';

/** The fields of an entry's document, in their order. */
export const AUDIT_FIELDS = ['auditId', 'at', 'actorKind', 'actor', 'via', 'address', 'action', 'subject', 'subjectName', 'buyerId', 'before', 'after'] as const;
export type AuditField = (typeof AUDIT_FIELDS)[number];

/** An entry of the audit log as every `--json` and the API show it. */
export function auditJson({ id, at, by, action, subject, subjectName, buyerId, before, after }: AuditEntry) {
  return {
    auditId: `audit_${id}`,
    at: isoTime(at),
    actorKind: by.kind,
    actor: by.name,
    via: by.via,
    address: by.address,
    action,
    subject,
    subjectName,
    buyerId: buyerId === null ? null : formatBuyerId(buyerId),
    before,
    after,
  } satisfies Record<AuditField, unknown>;
}
