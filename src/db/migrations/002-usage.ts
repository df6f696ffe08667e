/**
 * Usage summed by time, so that a report costs by the buckets that it spans and not by the requests. Money is
 * micro-USDC; times are whole minutes, hours or days since 1970, UTC, by settlement.
 *
 * `usage_minutes` is written in the transaction that ends a request. The first batch of a later minute folds what is
 * closed into `usage_hours`, `usage_days` and `usage_sums`, in its own transaction; `usage_state.folded` is the last
 * minute that those contain. A report therefore reads them and, from the minute after, `usage_minutes`.
 *
 * `usage_minutes` is a view of two tables, for one upsert per request would cost the ledger a quarter of its
 * throughput: under load a batch only appends what it adds, as one row of `usage_pending`, and a batch some moments
 * later merges that into `usage_minutes_merged`. So several rows of the view may be of one minute, key, route and model.
 * Whoever else writes `usage_minutes_merged` merges first what is pending (`db/merge-pending-usage.ts`), in the same
 * transaction.
 */
const COLUMNS = [
  'requests',
  'errors',
  'refused',
  'estimated',
  'input_tokens',
  'output_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'cache_read_tokens',
  'input_charge',
  'output_charge',
  'cache_write_5m_charge',
  'cache_write_1h_charge',
  'cache_read_charge',
  'web_search_charge',
  'shortfall',
  'list_cost',
  'cache_saved',
];
const SUMS = COLUMNS.map((column) => `${column} INTEGER NOT NULL,`).join('\n  ');

/** route_id 0: no route. model '': refused before a hold (what such a request names is the client's, and without end). */
const WHO = `buyer_id INTEGER NOT NULL,
  key_id INTEGER NOT NULL,
  route_id INTEGER NOT NULL,
  model TEXT NOT NULL,
  ${SUMS}
  first_request INTEGER NOT NULL,`;

const VIEWED = ['buyer_id', 'key_id', 'route_id', 'model', ...COLUMNS, 'first_request'];

export const usage = {
  version: 2,
  additive: false,
  sql: `
-- list_cost: the usage at list prices as they were at settlement; NULL where it was not recorded (before this schema).
-- output_tokens_max: what the request could produce; NULL when it was refused, or not recorded.
ALTER TABLE requests ADD COLUMN list_cost INTEGER;
ALTER TABLE requests ADD COLUMN output_tokens_max INTEGER;

-- first_request: the smallest request id among those summed; requests are ordered by it, and settle later than they start.
CREATE TABLE usage_minutes_merged(
  minute INTEGER NOT NULL,
  ${WHO}
  PRIMARY KEY(minute, key_id, route_id, model)
) STRICT, WITHOUT ROWID;

-- deltas: a JSON array with one array per request: the columns of the view after the minute, in their order.
-- writer: a random number; who wrote a row merges it from memory, and once its minute is over anyone does.
CREATE TABLE usage_pending(
  id INTEGER PRIMARY KEY,
  writer INTEGER NOT NULL,
  minute INTEGER NOT NULL,
  deltas TEXT NOT NULL
) STRICT;

CREATE VIEW usage_minutes(minute, ${VIEWED.join(', ')}) AS
  SELECT minute, ${VIEWED.join(', ')} FROM usage_minutes_merged
  UNION ALL
  SELECT p.minute, ${VIEWED.map((_, i) => `d.value ->> ${i}`).join(', ')} FROM usage_pending p, json_each(p.deltas) d;

CREATE TABLE usage_hours(
  hour INTEGER NOT NULL,
  ${WHO}
  PRIMARY KEY(hour, key_id, route_id, model)
) STRICT, WITHOUT ROWID;

CREATE TABLE usage_days(
  day INTEGER NOT NULL,
  ${WHO}
  PRIMARY KEY(buyer_id, day, key_id, route_id, model)
) STRICT, WITHOUT ROWID;

-- The same by one dimension alone. span: 15, 60 or 1440 minutes. dimension: 0 all (member 0), 1 buyer, 2 key, 3 route,
-- 4 model. start: in units of the span. Quarters of an hour and hours are kept for dimensions 0 and 1, days for all.
-- Quarters, for there are zones whose hours begin at a half or a quarter of UTC's.
CREATE TABLE usage_sums(
  span INTEGER NOT NULL,
  dimension INTEGER NOT NULL,
  member ANY NOT NULL,
  start INTEGER NOT NULL,
  ${SUMS}
  first_request INTEGER NOT NULL,
  PRIMARY KEY(span, dimension, member, start)
) STRICT, WITHOUT ROWID;

-- complete: 1, or 0 while requests are not summed that a program of before this schema wrote ("ainogap verify --rebuild"
-- sums them), or a negative number: that of the rebuild which began last and is under way, or was killed.
-- pruned_before: the day from which on there are request rows; days before it are not rebuilt.
CREATE TABLE usage_state(
  id INTEGER PRIMARY KEY CHECK (id = 1),
  folded INTEGER NOT NULL,
  complete INTEGER NOT NULL,
  pruned_before INTEGER NOT NULL
) STRICT;
INSERT INTO usage_state SELECT 1, 0, NOT EXISTS (SELECT 1 FROM requests), 0;

-- A server of the version before goes on where another program upgrades the database beside it. It knows no list costs,
-- and sums nothing.
CREATE TRIGGER requests_unsummed AFTER INSERT ON requests WHEN new.list_cost IS NULL AND new.status <> 'refused'
BEGIN UPDATE usage_state SET complete = 0 WHERE complete <> 0; END;

-- Top-ups and adjustments, for statements. Posts and voids, of which there are many, are not in it.
CREATE INDEX transfers_funding ON transfers(at) WHERE kind IN (1, 2);
`,
} as const;
