import type { Db } from '../../db/open.ts';
import type { BuyerId, KeyId } from '../../ids.ts';
import { micro, ZERO } from '../../money.ts';
import { maskedKey } from './masked-key.ts';
import { HOUR_CELLS, type RecentFigures } from './recent-usage.ts';
import type { RegistryNames } from './registry-names.ts';
import type { LiveBuyer, LiveKey } from './snapshot.ts';
import { newTotals, usageSumsOf } from './usage-totals.ts';

const NOTHING = newTotals();
const NO_CHARGES = Object.freeze(Array.from({ length: HOUR_CELLS }, () => ZERO));

/** Returns a function to be called inside a read transaction: all buyers, by name. */
export function createLiveBuyers(db: Db): (names: RegistryNames, figures: RecentFigures) => LiveBuyer[] {
  const accounts = db.prepare('SELECT id, credits_posted - debits_posted, debits_pending FROM accounts WHERE id > 0').raw().safeIntegers();
  return (names, { today, hour }) => {
    const accountOf = new Map((accounts.all() as [bigint, bigint, bigint][]).map(([id, balance, held]) => [Number(id), { balance, held }]));
    return names.buyers.map(({ id, name, disabled, liveKeys }) => {
      const { balance, held } = accountOf.get(id) ?? { balance: 0n, held: 0n };
      const available = balance - held;
      const chargeSeries = hour.chargeByBuyer.get(id)?.map(micro) ?? NO_CHARGES;
      const burn = chargeSeries.reduce((sum: bigint, charge) => sum + charge, 0n);
      return {
        buyerId: id as BuyerId,
        name,
        disabled,
        balance: micro(balance),
        held: micro(held),
        available: micro(available),
        burnPerHour: micro(burn),
        emptyInMinutes: burn === 0n ? null : Number((available * 60n) / burn),
        today: usageSumsOf(today.byBuyer.get(id) ?? NOTHING),
        chargeSeries,
        keys: liveKeys,
      };
    });
  };
}

const MINUTE_MS = 60_000;

/** Keys that are not revoked, and revoked ones that were used in the last 24 hours. */
export function liveKeys(names: RegistryNames, { today, hour, lastMinuteByKey }: RecentFigures): LiveKey[] {
  return names.keys.flatMap((key) => {
    const last = lastMinuteByKey.get(key.id);
    if (key.revokedAt !== null && last === undefined) return [];
    return {
      keyId: key.id as KeyId,
      buyerId: key.buyerId as BuyerId,
      buyerName: names.buyerById.get(key.buyerId)?.name ?? '',
      label: key.label,
      masked: maskedKey(key.last4),
      createdAt: key.createdAt,
      revokedAt: key.revokedAt,
      lastUsedAt: last === undefined ? null : last * MINUTE_MS,
      burnPerHour: micro(hour.chargeByKey.get(key.id) ?? 0n),
      today: usageSumsOf(today.byKey.get(key.id) ?? NOTHING),
    };
  });
}
