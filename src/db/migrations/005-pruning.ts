/**
 * Request rows may leave the database for an archive. `usage_state.pruned_before` is the watermark: the UTC day since
 * 1970 before which rows were moved. Sums of usage, transfers and price cards stay. Times are Unix milliseconds.
 */
export const pruning = {
  version: 5,
  // Nothing that an older program reads or writes is changed. What it does not know is that rows may be missing: its
  // checks of the books would call that a difference. So no rows are moved while one serves: see `older_instances`.
  additive: true,
  sql: `
-- id: a random number that names this database and its copies, for the archives that were made from it.
-- older_instances: serving processes with a number up to this one may be of a program of before this schema.
CREATE TABLE database_identity(
  only INTEGER PRIMARY KEY CHECK (only = 1),
  id TEXT NOT NULL,
  older_instances INTEGER NOT NULL
) STRICT;
INSERT INTO database_identity SELECT 1, lower(hex(randomblob(16))), coalesce(max(id), 0) FROM instances;

-- One row for each archive. run: a random name that its first line has too. owner: who holds the lock of that name beside the database while it works (see
-- db/instance-lock.ts), NULL when it has ended. state: writing (the archive is not whole, and is in partial), moving
-- (it is whole, and rows are being deleted) or done.
-- requests … last_request: what is in the archive. moved…: what was deleted here, each in the transaction that did it;
-- moved_held are those that had held money. sha256: of the archive's text before its last line.
CREATE TABLE prunes(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  before_day INTEGER NOT NULL,
  run TEXT NOT NULL,
  owner TEXT,
  state TEXT NOT NULL CHECK (state IN ('writing', 'moving', 'done')),
  archive TEXT NOT NULL,
  partial TEXT,
  began_at INTEGER NOT NULL,
  ended_at INTEGER,
  requests INTEGER NOT NULL DEFAULT 0,
  charge INTEGER NOT NULL DEFAULT 0,
  shortfall INTEGER NOT NULL DEFAULT 0,
  first_request INTEGER,
  last_request INTEGER,
  sha256 TEXT,
  moved INTEGER NOT NULL DEFAULT 0,
  moved_held INTEGER NOT NULL DEFAULT 0,
  moved_charge INTEGER NOT NULL DEFAULT 0,
  moved_shortfall INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TRIGGER requests_kept BEFORE DELETE ON requests
WHEN old.settled_at >= (SELECT pruned_before * 86400000 FROM usage_state)
BEGIN SELECT RAISE(ABORT, 'request rows are deleted only once an archive has them'); END;
`,
} as const;
