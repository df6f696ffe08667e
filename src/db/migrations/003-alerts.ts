/** Alerts and the webhook calls that they owe. Times are Unix milliseconds. */
export const alerts = {
  version: 3,
  additive: true,
  sql: `
-- One row per firing. rule: its name in the configuration; subject: whom it concerns (buyer_3, upstream:NAME, gateway).
CREATE TABLE alerts(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  rule TEXT NOT NULL,
  subject TEXT NOT NULL,
  message TEXT NOT NULL,
  detail TEXT NOT NULL,
  fired_at INTEGER NOT NULL,
  cleared_at INTEGER
) STRICT;
CREATE UNIQUE INDEX alerts_firing ON alerts(rule, subject) WHERE cleared_at IS NULL;
CREATE INDEX alerts_by_time ON alerts(fired_at);

-- A call that is owed, written in the transaction of its alert. id travels with it, so a repeated call is known.
CREATE TABLE webhook_outbox(
  id TEXT PRIMARY KEY,
  alert_id INTEGER REFERENCES alerts(id),
  webhook TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt_at INTEGER NOT NULL,
  delivered_at INTEGER,
  given_up_at INTEGER,
  last_error TEXT
) STRICT;
CREATE INDEX webhook_outbox_due ON webhook_outbox(next_attempt_at) WHERE delivered_at IS NULL AND given_up_at IS NULL;
`,
} as const;
