/** What must hold for every database of ours. Each check finds its first difference, or null. */
import type { Db } from '../db/open.ts';
import { formatRequestId, type RequestId } from '../ids.ts';
import { FUNDING, REVENUE, SHORTFALL } from './books.ts';

export interface Check {
  readonly name: string;
  /** What is said when it passed. */
  readonly passed: string;
  difference(db: Db): string | null;
}

const request = (id: unknown): string => formatRequestId(id as RequestId);
const account = (id: unknown): string =>
  ({ [FUNDING]: 'funding', [REVENUE]: 'revenue', [SHORTFALL]: 'shortfall' })[Number(id)] ?? `buyer_${Number(id)}`;

/** A check by a query that finds rows which must not be: `say` words the first. */
function none(name: string, passed: string, sql: string, say: (row: readonly unknown[]) => string): Check {
  return {
    name,
    passed,
    difference(db) {
      const row = db.prepare(`${sql} LIMIT 1`).raw().safeIntegers().get() as unknown[] | undefined;
      return row ? say(row) : null;
    },
  };
}

const integrity: Check = {
  name: 'integrity',
  passed: 'SQLite finds its pages and indexes sound',
  difference(db) {
    const answer = String(db.pragma('integrity_check(1)', { simple: true }));
    return answer === 'ok' ? null : answer;
  },
};

const foreignKeys: Check = {
  name: 'references',
  passed: 'every reference between tables leads somewhere',
  difference(db) {
    const row = (db.pragma('foreign_key_check') as { table: string; rowid: number; parent: string }[])[0];
    return row ? `row ${row.rowid} of ${row.table} refers to a missing row of ${row.parent}` : null;
  },
};

const accounts = none(
  'accounts',
  'each account equals the sum of its transfers and open holds',
  `WITH parts(id, dp, dt, cp, ct) AS (
     SELECT id, 0, 0, 0, 0 FROM accounts
     UNION ALL SELECT debit, 0, sum(amount), 0, 0 FROM transfers GROUP BY debit
     UNION ALL SELECT credit, 0, 0, 0, sum(amount) FROM transfers GROUP BY credit
     UNION ALL SELECT buyer_id, sum(hold), 0, 0, 0 FROM open_requests GROUP BY buyer_id
     UNION ALL SELECT ${REVENUE}, 0, 0, coalesce(sum(hold), 0), 0 FROM open_requests),
   recomputed(id, dp, dt, cp, ct) AS (SELECT id, sum(dp), sum(dt), sum(cp), sum(ct) FROM parts GROUP BY id)
   SELECT r.id, r.dp, r.dt, r.cp, r.ct, a.debits_pending, a.debits_posted, a.credits_pending, a.credits_posted
   FROM recomputed r LEFT JOIN accounts a ON a.id = r.id
   WHERE a.id IS NULL OR r.dp <> a.debits_pending OR r.dt <> a.debits_posted OR r.cp <> a.credits_pending OR r.ct <> a.credits_posted
   ORDER BY r.id`,
  ([id, ...counters]) => {
    const [rows, kept] = [counters.slice(0, 4), counters.slice(4)];
    const words = (c: readonly unknown[]): string => `debits ${String(c[0])} pending, ${String(c[1])} posted; credits ${String(c[2])} pending, ${String(c[3])} posted`;
    return kept[0] === null ? `${account(id)} has rows but no account` : `${account(id)} has ${words(kept)}, its rows give ${words(rows)} (micro-USDC)`;
  },
);

const doubleEntry = none(
  'double entry',
  'debits equal credits, posted and pending',
  `SELECT * FROM (SELECT sum(debits_posted) AS dt, sum(credits_posted) AS ct, sum(debits_pending) AS dp, sum(credits_pending) AS cp FROM accounts)
   WHERE dt <> ct OR dp <> cp`,
  ([dt, ct, dp, cp]) => `posted debits ${String(dt)} and credits ${String(ct)}, pending debits ${String(dp)} and credits ${String(cp)} (micro-USDC)`,
);

const neverNegative = none(
  'never negative',
  'no buyer has less than is held',
  `SELECT id, credits_posted - debits_posted, debits_pending FROM accounts
   WHERE id > 0 AND credits_posted - debits_posted - debits_pending < 0 ORDER BY id`,
  ([id, balance, held]) => `${account(id)} has ${String(balance)} and ${String(held)} of it held (micro-USDC)`,
);

const conservation = none(
  'conservation',
  'credits = balances + charges (what is held is part of the balances)',
  `SELECT * FROM (SELECT
     (SELECT coalesce(sum(iif(debit = ${FUNDING}, amount, -amount)), 0) FROM transfers WHERE debit = ${FUNDING} OR credit = ${FUNDING}) AS credits,
     (SELECT coalesce(sum(credits_posted - debits_posted), 0) FROM accounts WHERE id > 0) AS balances,
     (SELECT coalesce(sum(charge - shortfall), 0) FROM requests) + (SELECT coalesce(sum(moved_charge - moved_shortfall), 0) FROM prunes) AS charges)
   WHERE credits <> balances + charges`,
  ([credits, balances, charges]) => `buyers were credited ${String(credits)}, have ${String(balances)} and were charged ${String(charges)} (micro-USDC)`,
);

const transferShape = none(
  'transfers',
  'each transfer moves between the accounts that its kind allows',
  `SELECT id, kind, debit, credit FROM transfers WHERE NOT CASE kind
     WHEN 1 THEN debit = ${FUNDING} AND credit > 0 AND hold IS NULL
     WHEN 2 THEN (debit = ${FUNDING} AND credit > 0 OR debit > 0 AND credit = ${FUNDING}) AND hold IS NULL
     WHEN 3 THEN debit > 0 AND credit = ${REVENUE} AND hold IS NOT NULL AND id & 3 = 0
     WHEN 4 THEN debit > 0 AND credit = ${REVENUE} AND hold IS NOT NULL AND amount = 0 AND id & 3 = 0
     WHEN 5 THEN debit > 0 AND credit = ${REVENUE} AND hold IS NULL AND amount > 0 AND id & 3 = 1
     WHEN 6 THEN debit = ${SHORTFALL} AND credit = ${REVENUE} AND hold IS NULL AND amount > 0 AND id & 3 = 2
     ELSE 0 END`,
  ([id, kind, debit, credit]) => `transfer ${String(id)} of kind ${String(kind)} moves from ${account(debit)} to ${account(credit)}`,
);

/** Unix ms: what settled before it has its row in an archive. */
const PRUNED_BEFORE = '(SELECT pruned_before * 86400000 FROM usage_state)';

const oneEnd = none(
  'one end per request',
  'each settled request has exactly one post or void, and each of those its request, here or in an archive',
  `SELECT * FROM (
     SELECT r.id, 'has no post or void' FROM requests r LEFT JOIN transfers t ON t.id = r.id AND t.kind IN (3, 4)
       WHERE r.hold IS NOT NULL AND t.id IS NULL
     UNION ALL SELECT r.id, 'was refused before a hold but has a transfer' FROM requests r JOIN transfers t ON t.id = r.id WHERE r.hold IS NULL
     UNION ALL SELECT t.id, 'has a post or void but no row' FROM transfers t LEFT JOIN requests r ON r.id = t.id
       WHERE t.kind IN (3, 4) AND r.id IS NULL AND t.at >= ${PRUNED_BEFORE})`,
  ([id, what]) => `${request(id)} ${String(what)}`,
);

/** Each of the ledger's rows that lost its request, and no other, was counted when the request was moved to an archive. */
const archived = none(
  'archived requests',
  'the posts and voids without a request are those whose requests were moved to archives, and come to the same sums',
  `SELECT * FROM (SELECT count(*) AS ends, coalesce(sum(t.amount + coalesce(e.amount, 0) + coalesce(s.amount, 0)), 0) AS charged, coalesce(sum(s.amount), 0) AS short,
     (SELECT coalesce(sum(moved_held), 0) FROM prunes) AS moved, (SELECT coalesce(sum(moved_charge), 0) FROM prunes) AS moved_charge,
     (SELECT coalesce(sum(moved_shortfall), 0) FROM prunes) AS moved_short
   FROM transfers t LEFT JOIN requests r ON r.id = t.id LEFT JOIN transfers e ON e.id = t.id | 1 LEFT JOIN transfers s ON s.id = t.id | 2
   WHERE t.kind IN (3, 4) AND r.id IS NULL)
   WHERE ends <> moved OR charged <> moved_charge OR short <> moved_short`,
  ([ends, charged, short, moved, movedCharge, movedShort]) =>
    `${String(ends)} posts and voids have no request, charged ${String(charged)}, shortfall ${String(short)}; ` +
    `${String(moved)} were moved to archives, charged ${String(movedCharge)}, shortfall ${String(movedShort)} (micro-USDC)`,
);

const charges = none(
  'charges',
  'each charge is its post + excess + shortfall',
  `SELECT r.id, r.charge, t.amount, coalesce(e.amount, 0), coalesce(s.amount, 0), r.hold, t.hold, r.buyer_id, t.debit
   FROM requests r JOIN transfers t ON t.id = r.id
     LEFT JOIN transfers e ON e.id = r.id | 1 LEFT JOIN transfers s ON s.id = r.id | 2
   WHERE r.charge <> t.amount + coalesce(e.amount, 0) + coalesce(s.amount, 0) OR r.shortfall <> coalesce(s.amount, 0)
     OR r.hold <> t.hold OR r.buyer_id <> t.debit OR (e.id IS NOT NULL AND e.debit <> r.buyer_id)`,
  ([id, charge, post, excess, shortfall, hold, released, buyer, payer]) =>
    `${request(id)} of ${account(buyer)} says charge ${String(charge)} and hold ${String(hold)}; the ledger has ${String(post)} + ${String(excess)} excess + ` +
    `${String(shortfall)} shortfall, hold ${String(released)}, paid by ${account(payer)} (micro-USDC)`,
);

const excessOnlyBeyondHold = none(
  'excess',
  'only a wholly used hold has an excess or a shortfall',
  `SELECT x.id & ~3, x.amount FROM transfers x LEFT JOIN transfers p ON p.id = (x.id & ~3) AND p.kind = 3
   WHERE x.kind IN (5, 6) AND (p.id IS NULL OR p.amount <> p.hold)`,
  ([id, amount]) => `${request(id)} has ${String(amount)} micro-USDC beyond a hold that was not used up`,
);

const notBoth = none(
  'open or settled',
  'no request is both open and settled',
  'SELECT o.id FROM open_requests o WHERE EXISTS (SELECT 1 FROM transfers WHERE id = o.id) OR EXISTS (SELECT 1 FROM requests WHERE id = o.id)',
  ([id]) => `${request(id)} is open and settled`,
);

const clock = none(
  'clock',
  "the ledger's clock is not before its newest transfer, and each request is settled at its transfer's time",
  `SELECT * FROM (
     SELECT at, (SELECT max(at) FROM transfers) AS newest, NULL AS id FROM ledger_clock
     UNION ALL SELECT r.settled_at, t.at, r.id FROM requests r JOIN transfers t ON t.id = r.id)
   WHERE id IS NULL AND at < newest OR id IS NOT NULL AND at <> newest`,
  ([at, transfer, id]) =>
    id === null
      ? `the ledger's clock stands at ${String(at)}, before its newest transfer at ${String(transfer)} (Unix ms)`
      : `${request(id)} is settled at ${String(at)}, its transfer at ${String(transfer)} (Unix ms)`,
);

export const CHECKS: readonly Check[] = [
  integrity,
  foreignKeys,
  accounts,
  doubleEntry,
  neverNegative,
  conservation,
  transferShape,
  oneEnd,
  archived,
  charges,
  excessOnlyBeyondHold,
  notBoth,
  clock,
];
