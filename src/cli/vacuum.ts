/** Gives the free pages of a database back to the disk. */
import * as fs from 'node:fs';
import { SqliteError, type Db } from '../db/open.ts';
import { createServingCount } from '../ledger/serving-count.ts';
import { CliError } from './cli-error.ts';

/** It keeps all others from writing for seconds, which a gateway could only answer by refusing requests. */
export function refuseServed(db: Db): void {
  const serving = createServingCount(db)();
  if (serving === 0) return;
  const who = serving === 1 ? 'one serves' : `${serving} serve`;
  throw new CliError(`--vacuum would keep a gateway from writing for seconds, and ${who} this database. What pruning frees is used again by new requests without it.`, {
    next: 'stop `ainogap serve` before, or leave --vacuum away',
  });
}

export interface Shrunk {
  /** Bytes of the file before and after. */
  readonly before: number;
  readonly bytes: number;
}

/** Refuses while somebody serves. Needs as much room on the disk as the database will have. */
export function vacuum(db: Db): Shrunk {
  refuseServed(db);
  const before = sizeOf(db);
  try {
    db.exec('VACUUM');
  } catch (error) {
    if (error instanceof SqliteError && error.code === 'SQLITE_FULL') throw new CliError('the disk has too little room for VACUUM, which writes the database anew; the database is as it was.');
    throw error;
  }
  // Until then what VACUUM wrote is in the log beside the file.
  db.pragma('wal_checkpoint(TRUNCATE)');
  return { before, bytes: sizeOf(db) };
}

const sizeOf = (db: Db): number => fs.statSync(db.name).size;
