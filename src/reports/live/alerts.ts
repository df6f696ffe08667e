import type { Db } from '../../db/open.ts';
import { parseBuyerId } from '../../ids.ts';
import type { RegistryNames } from './registry-names.ts';
import type { LiveAlert } from './snapshot.ts';

const SHOWN_MAX = 20;
/** Of those that fired last, so that the read does not grow with their number. */
const LOOKED_AT_MAX = 200;

interface Row {
  readonly firedAt: number;
  readonly clearedAt: number | null;
  readonly subject: string;
  readonly message: string;
}

const COLUMNS = 'fired_at AS firedAt, cleared_at AS clearedAt, subject, message';

/** Returns a function to be called inside a read transaction; `since`: the start of today, Unix ms. */
export function createLiveAlerts(db: Db): (names: RegistryNames, since: number) => LiveAlert[] {
  const firing = db.prepare(`SELECT ${COLUMNS} FROM alerts INDEXED BY alerts_firing WHERE cleared_at IS NULL ORDER BY fired_at DESC LIMIT ${SHOWN_MAX}`);
  const cleared = db.prepare(
    `SELECT * FROM (SELECT ${COLUMNS} FROM alerts ORDER BY id DESC LIMIT ${LOOKED_AT_MAX}) WHERE clearedAt >= ? ORDER BY firedAt DESC LIMIT ?`,
  );
  return (names, since) => {
    const now = firing.all() as Row[];
    const before = cleared.all(since, SHOWN_MAX - now.length) as Row[];
    return [...now, ...before].map((row) => ({ ...row, subject: subjectName(row.subject, names) }));
  };
}

const UPSTREAM = 'upstream:';

function subjectName(subject: string, names: RegistryNames): string {
  if (subject.startsWith(UPSTREAM)) return subject.slice(UPSTREAM.length);
  const buyerId = parseBuyerId(subject);
  return (buyerId === null ? undefined : names.buyerById.get(buyerId)?.name) ?? subject;
}
