/**
 * The first schema. Money is micro-USDC, time is Unix milliseconds.
 *
 * `transfers` is the ledger: appended, never edited, never pruned. Each row moves `amount` from one account to
 * another. A hold lives in `open_requests` while it is pending; its end, a `post` or a `void`, is a transfer with the
 * request's own id that names the hold it released. `requests` is the meter's record, one immutable row each.
 */
export const initial = {
  version: 1,
  additive: false,
  sql: `
CREATE TABLE buyers(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  disabled_at INTEGER,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE keys(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  buyer_id INTEGER NOT NULL REFERENCES buyers(id),
  label TEXT NOT NULL,
  digest BLOB NOT NULL UNIQUE,
  prefix TEXT NOT NULL,
  last4 TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  revoked_at INTEGER,
  replaced_by INTEGER REFERENCES keys(id),
  rotation_id TEXT UNIQUE
) STRICT;
CREATE INDEX keys_by_buyer ON keys(buyer_id);

CREATE TABLE routes(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  alias TEXT NOT NULL,
  upstream TEXT NOT NULL,
  card_version INTEGER NOT NULL REFERENCES price_cards(version) DEFERRABLE INITIALLY DEFERRED,
  hold_output_tokens INTEGER,
  open_to_all INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE UNIQUE INDEX routes_alias ON routes(alias) WHERE deleted_at IS NULL;

CREATE TABLE route_buyers(
  route_id INTEGER NOT NULL REFERENCES routes(id),
  buyer_id INTEGER NOT NULL REFERENCES buyers(id),
  PRIMARY KEY(route_id, buyer_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE price_cards(
  version INTEGER PRIMARY KEY AUTOINCREMENT,
  route_id INTEGER NOT NULL REFERENCES routes(id) DEFERRABLE INITIALLY DEFERRED,
  body TEXT NOT NULL,
  origin TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE TRIGGER price_cards_immutable BEFORE UPDATE ON price_cards BEGIN SELECT RAISE(ABORT, 'price cards are immutable'); END;
CREATE TRIGGER price_cards_kept BEFORE DELETE ON price_cards BEGIN SELECT RAISE(ABORT, 'price cards are never deleted'); END;

CREATE TABLE registry_generation(id INTEGER PRIMARY KEY CHECK (id = 1), value INTEGER NOT NULL) STRICT;
INSERT INTO registry_generation VALUES (1, 1);
${['buyers', 'keys', 'routes', 'route_buyers', 'price_cards']
  .flatMap((table) =>
    ['INSERT', 'UPDATE', 'DELETE'].map(
      (change) =>
        `CREATE TRIGGER ${table}_${change.toLowerCase()}_generation AFTER ${change} ON ${table} BEGIN UPDATE registry_generation SET value = value + 1; END;`,
    ),
  )
  .join('\n')}

-- id: a buyer's own id, or -1 funding, -2 revenue, -3 shortfall
CREATE TABLE accounts(
  id INTEGER PRIMARY KEY,
  debits_pending INTEGER NOT NULL DEFAULT 0 CHECK (debits_pending >= 0),
  debits_posted INTEGER NOT NULL DEFAULT 0 CHECK (debits_posted >= 0),
  credits_pending INTEGER NOT NULL DEFAULT 0 CHECK (credits_pending >= 0),
  credits_posted INTEGER NOT NULL DEFAULT 0 CHECK (credits_posted >= 0),
  CHECK (id < 0 OR credits_posted - debits_posted - debits_pending >= 0)
) STRICT;
INSERT INTO accounts(id) VALUES (-1), (-2), (-3);
CREATE TRIGGER buyers_account AFTER INSERT ON buyers BEGIN INSERT INTO accounts(id) VALUES (new.id); END;

-- kind: 1 deposit, 2 adjust, 3 post, 4 void, 5 excess, 6 shortfall
-- hold: the amount of the hold that a post or void released
CREATE TABLE transfers(
  id INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,
  debit INTEGER NOT NULL,
  credit INTEGER NOT NULL,
  amount INTEGER NOT NULL CHECK (amount >= 0),
  hold INTEGER CHECK (hold IS NULL OR amount <= hold),
  at INTEGER NOT NULL,
  reference TEXT,
  reason TEXT
) STRICT;
CREATE UNIQUE INDEX transfers_reference ON transfers(reference) WHERE reference IS NOT NULL;
CREATE TRIGGER transfers_immutable BEFORE UPDATE ON transfers BEGIN SELECT RAISE(ABORT, 'transfers are immutable'); END;
CREATE TRIGGER transfers_kept BEFORE DELETE ON transfers BEGIN SELECT RAISE(ABORT, 'transfers are never deleted'); END;

-- The latest ledger time: it never runs backwards, whatever the clocks of the writing processes do.
CREATE TABLE ledger_clock(id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL) STRICT;
INSERT INTO ledger_clock VALUES (1, 0);

CREATE TABLE instances(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  token TEXT NOT NULL UNIQUE,
  started_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT;

CREATE TABLE open_requests(
  id INTEGER PRIMARY KEY,
  instance INTEGER NOT NULL,
  buyer_id INTEGER NOT NULL,
  key_id INTEGER NOT NULL,
  route_id INTEGER NOT NULL,
  card_version INTEGER NOT NULL,
  model TEXT NOT NULL,
  hold INTEGER NOT NULL CHECK (hold >= 0),
  worst_case INTEGER NOT NULL CHECK (worst_case >= hold),
  quote_basis TEXT NOT NULL,
  output_tokens_max INTEGER NOT NULL,
  upstream TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  progress_model TEXT,
  input_tokens INTEGER,
  cache_write_5m_tokens INTEGER,
  cache_write_1h_tokens INTEGER,
  cache_read_tokens INTEGER,
  output_tokens INTEGER,
  delta_bytes INTEGER,
  web_search_requests INTEGER,
  inference_geo TEXT,
  service_tier TEXT,
  progress_at INTEGER
) STRICT;

-- charge: what the request cost, its shortfall included. hold: NULL when it was refused before a hold.
-- flags: a JSON array of words, NULL when there are none. detail: a JSON object (RequestDetail) or NULL.
CREATE TABLE requests(
  id INTEGER PRIMARY KEY,
  buyer_id INTEGER NOT NULL,
  key_id INTEGER NOT NULL,
  route_id INTEGER,
  card_version INTEGER,
  model TEXT,
  response_model TEXT,
  status TEXT NOT NULL,
  http_status INTEGER NOT NULL,
  error_code TEXT,
  input_tokens INTEGER NOT NULL,
  cache_write_5m_tokens INTEGER NOT NULL,
  cache_write_1h_tokens INTEGER NOT NULL,
  cache_read_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  charge INTEGER NOT NULL,
  hold INTEGER,
  shortfall INTEGER NOT NULL,
  usage_source TEXT NOT NULL,
  quote_basis TEXT,
  flags TEXT,
  detail TEXT,
  upstream TEXT,
  upstream_request_id TEXT,
  attempts INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  time_to_first_byte_ms INTEGER,
  settled_at INTEGER NOT NULL
) STRICT;
CREATE INDEX requests_by_buyer ON requests(buyer_id);
CREATE TRIGGER requests_immutable BEFORE UPDATE ON requests BEGIN SELECT RAISE(ABORT, 'request rows are immutable'); END;
`,
} as const;
