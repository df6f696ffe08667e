/** Keys: whose, what for, when last used, and what they spend. */
import { formatKeyId } from '../../ids.ts';
import { tagged } from '../cell-width.ts';
import { printable } from '../../printable.ts';
import type { LiveKey, LiveSnapshot } from '../../reports/live/snapshot.ts';
import { agoText, balanceText, dayText, NONE } from '../figures.ts';
import { figure } from '../flow.ts';
import type { Line } from '../line.ts';
import { lineOf, span } from '../line.ts';
import { compareValues } from '../list-model.ts';
import type { ListModel } from '../list-model.ts';
import { classColumns, hitColumn, moneyColumn } from './usage-columns.ts';

/** Its time is that of a whole minute. */
const MINUTE_MS = 60_000;

function lastUsed(key: LiveKey, now: number): string {
  if (key.lastUsedAt === null) return NONE;
  const ago = now - key.lastUsedAt;
  return ago < 2 * MINUTE_MS ? 'now' : agoText(ago);
}

export const KEYS: ListModel<LiveKey> = {
  items: (snapshot) => snapshot.keys,
  idOf: (key) => formatKeyId(key.keyId),
  words: (key) => [key.buyerName, key.label, key.masked, formatKeyId(key.keyId), key.revokedAt === null ? 'live' : 'revoked'],
  byDefault: (a, b) => compareValues(b.burnPerHour, a.burnPerHour) || compareValues(a.buyerName, b.buyerName) || compareValues(a.keyId, b.keyId),
  defaultSort: { column: 'u', descending: true },
  columns: [
    { letter: 'b', title: 'buyer', align: 'left', cell: (key) => printable(key.buyerName), sortsBy: (key) => key.buyerName, descendingFirst: false, drop: 0, least: 9, shrinksTo: 9 },
    {
      letter: 'l',
      title: 'label',
      align: 'left',
      cell: (key, { width }) => (key.revokedAt === null ? printable(key.label) : span(tagged(printable(key.label), 'revoked', width), 'faint')),
      sortsBy: (key) => key.label,
      descendingFirst: false,
      drop: 1,
      least: 9,
      shrinksTo: 8,
    },
    { letter: 'k', title: 'key', align: 'left', cell: (key) => printable(key.masked), sortsBy: (key) => key.masked, descendingFirst: false, drop: 3, least: 12 },
    { letter: 'i', title: 'id', align: 'left', cell: (key) => formatKeyId(key.keyId), sortsBy: (key) => key.keyId, descendingFirst: false, drop: 11 },
    { letter: 'd', title: 'last used', align: 'right', cell: (key, { now }) => lastUsed(key, now), sortsBy: (key) => key.lastUsedAt, descendingFirst: true, drop: 4, least: 10 },
    moneyColumn({ letter: 'u', title: 'burn/h', drop: 2, least: 8 }, (key) => key.burnPerHour),
    ...classColumns<LiveKey>((key) => key.today, 6),
    hitColumn({ letter: 'h', title: 'hits', drop: 10, least: 7 }, (key) => key.today),
    moneyColumn({ letter: 't', title: 'today', drop: 5, least: 8 }, (key) => key.today.charge),
    { letter: 'c', title: 'created', align: 'left', cell: (key) => dayText(key.createdAt), sortsBy: (key) => key.createdAt, descendingFirst: true, drop: 9 },
  ],
};

export function keysSummary({ keys }: LiveSnapshot): Line[] {
  const revoked = keys.filter(({ revokedAt }) => revokedAt !== null).length;
  const sum = (of: (key: LiveKey) => bigint): string => balanceText(keys.reduce((total, key) => total + of(key), 0n));
  return [
    lineOf(`${keys.length - revoked} live`),
    lineOf(`${revoked} revoked`),
    figure('burn', `${sum((key) => key.burnPerHour)}/h`),
    figure('today', sum((key) => key.today.charge)),
  ];
}
