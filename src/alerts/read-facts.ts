/** Reads what the rules at hand need, in one short read transaction. */
import type { AlertRule } from '../config.ts';
import type { Db } from '../db/open.ts';
import type { BuyerId } from '../ids.ts';
import { ZERO, type MicroUsdc } from '../money.ts';
import { readBalances } from '../reports/balances.ts';
import { presentOf } from '../reports/present.ts';
import { readUsage, type UsageRow } from '../reports/usage.ts';
import type { AlertFacts, BuyerFacts, ErrorFacts } from './facts.ts';
import { readUpstreams } from './read-upstreams.ts';

export function readFacts(db: Db, rules: readonly AlertRule[], now: number): AlertFacts {
  const windows = rules.flatMap((rule) => (rule.when === 'error_share_above' ? [rule.windowMs] : []));
  const spans = rules.flatMap((rule) => (rule.when === 'upstream_down' ? [rule.forMs] : []));
  const ofBuyers = rules.some((rule) => 'buyers' in rule);
  const read = db.transaction(() => ({
    buyers: ofBuyers ? readBuyers(db, now) : [],
    errors: new Map(windows.map((windowMs) => [windowMs, readErrors(db, now, windowMs)])),
    upstreams: new Map(spans.map((forMs) => [forMs, readUpstreams(db, now, forMs)])),
  }));
  return read.deferred();
}

const MINUTE_MS = 60_000;

/** Of the whole or running minutes that `ms` before now has: usage is summed by minutes of settlement. */
function usageOfLast(db: Db, { now, ms, by }: { now: number; ms: number; by: 'buyer' | 'none' }): UsageRow[] {
  const until = (Math.floor(presentOf(db, now) / MINUTE_MS) + 1) * MINUTE_MS;
  return readUsage(db, { since: until - Math.ceil(ms / MINUTE_MS) * MINUTE_MS, until, by, timezone: 'UTC' });
}

const HOUR_MS = 3_600_000;
const FUNDED = 'SELECT id FROM accounts WHERE id > 0 AND credits_posted > 0';

function readBuyers(db: Db, now: number): BuyerFacts[] {
  const mishaps = new Map(usageOfLast(db, { now, ms: HOUR_MS, by: 'buyer' }).map(({ buyerId, sums }) => [buyerId, { shortfall: sums.shortfall, estimated: sums.estimated }]));
  const funded = new Set(db.prepare(FUNDED).pluck().all() as BuyerId[]);
  const none: { shortfall: MicroUsdc; estimated: number } = { shortfall: ZERO, estimated: 0 };
  return readBalances(db, { buyerId: null, now }).map(({ buyerId, buyerName, disabled, balance, available, burnPerHour, emptyInMinutes }) => ({
    buyerId,
    name: buyerName,
    disabled,
    funded: funded.has(buyerId),
    balance,
    available,
    burnPerHour,
    emptyInMinutes,
    ...(mishaps.get(buyerId) ?? none),
  }));
}

function readErrors(db: Db, now: number, windowMs: number): ErrorFacts {
  const [all] = usageOfLast(db, { now, ms: windowMs, by: 'none' });
  return all ? { requests: all.sums.requests - all.sums.refused, errors: all.sums.errors } : { requests: 0, errors: 0 };
}
