/**
 * Who may sign in, the audit log, and answers that are remembered. Times are Unix milliseconds; every token is kept as
 * its SHA-256 digest only.
 */
export const signIn = {
  version: 4,
  // An older program folds no sums of quarter hours, which reports now read.
  additive: false,
  sql: `
-- One for each buyer that was invited, and any number of admins. A buyer signs in by its buyer's name.
-- password: "scrypt$N$r$p$salt$hash" (base64url), NULL until it is set. totp_step: the last time step that was used.
CREATE TABLE logins(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN ('buyer', 'admin')),
  buyer_id INTEGER UNIQUE REFERENCES buyers(id),
  name TEXT COLLATE NOCASE,
  password TEXT,
  password_at INTEGER,
  totp_secret BLOB,
  totp_confirmed_at INTEGER,
  totp_step INTEGER NOT NULL DEFAULT 0,
  webauthn_user BLOB NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  disabled_at INTEGER,
  CHECK ((kind = 'buyer') = (buyer_id IS NOT NULL)),
  CHECK ((kind = 'admin') = (name IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX logins_admin_name ON logins(name) WHERE kind = 'admin';

-- reset: 1 where it replaces a lost password and the second factors.
CREATE TABLE invites(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  login_id INTEGER NOT NULL REFERENCES logins(id),
  digest BLOB NOT NULL UNIQUE,
  reset INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER,
  revoked_at INTEGER
) STRICT;
CREATE INDEX invites_by_login ON invites(login_id);

-- transport: cookie or token. method: how it was begun (password, totp, recovery_code, passkey, invite).
CREATE TABLE sessions(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  login_id INTEGER NOT NULL REFERENCES logins(id),
  digest BLOB NOT NULL UNIQUE,
  transport TEXT NOT NULL,
  method TEXT NOT NULL,
  address TEXT,
  user_agent TEXT,
  created_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT;
CREATE INDEX sessions_by_login ON sessions(login_id) WHERE ended_at IS NULL;

CREATE TABLE recovery_codes(
  login_id INTEGER NOT NULL REFERENCES logins(id),
  digest BLOB NOT NULL,
  used_at INTEGER,
  PRIMARY KEY(login_id, digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE passkeys(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  login_id INTEGER NOT NULL REFERENCES logins(id),
  credential_id TEXT NOT NULL UNIQUE,
  public_key BLOB NOT NULL,
  counter INTEGER NOT NULL,
  transports TEXT NOT NULL,
  label TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER
) STRICT;
CREATE INDEX passkeys_by_login ON passkeys(login_id);

-- For programs that act as an operator. made_by: the admin's name, or the user of the command line.
CREATE TABLE admin_tokens(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  label TEXT NOT NULL,
  digest BLOB NOT NULL UNIQUE,
  last4 TEXT NOT NULL,
  made_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  last_used_at INTEGER,
  revoked_at INTEGER
) STRICT;

-- Who changed what. actor_kind: admin, buyer, cli or system. via: console, token, cli, top or serve. address: of the
-- network, NULL for commands. subject: buyer_3, key_7, route:claude-fast, admin:eva … buyer_id: whom it concerns.
-- before, after: JSON objects without secrets, NULL where there is none.
CREATE TABLE audit(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  actor_kind TEXT NOT NULL,
  actor TEXT NOT NULL,
  via TEXT NOT NULL,
  address TEXT,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  buyer_id INTEGER,
  before TEXT,
  after TEXT
) STRICT;
CREATE INDEX audit_by_buyer ON audit(buyer_id) WHERE buyer_id IS NOT NULL;
CREATE TRIGGER audit_immutable BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is immutable'); END;
CREATE TRIGGER audit_kept BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is never deleted'); END;
-- INSERT OR REPLACE deletes without the trigger above.
CREATE TRIGGER audit_appended BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = new.id)
BEGIN SELECT RAISE(ABORT, 'the audit log is never replaced'); END;

-- The first answer to a change, for a repeat of it; without its secrets. scope: who asked. request: digest of what was asked.
CREATE TABLE idempotency(
  scope TEXT NOT NULL,
  key TEXT NOT NULL,
  request BLOB NOT NULL,
  status INTEGER NOT NULL,
  body TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY(scope, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_time ON idempotency(at);

-- NULL: a buyer's key. 'try': made by the console for one request, and revoked after it.
ALTER TABLE keys ADD COLUMN purpose TEXT;

-- Sums of quarter hours are kept since this version: a database that has sums without them is summed anew by serve.
UPDATE usage_state SET complete = 0 WHERE complete = 1 AND EXISTS (SELECT 1 FROM usage_sums) AND NOT EXISTS (SELECT 1 FROM usage_sums WHERE span = 15);
`,
} as const;
