import type { Db } from '../db/open.ts';
import { isInstanceDead } from '../db/instance-lock.ts';

/** Counts the serving processes that are alive, by their locks. Asks the file system once for each that has not ended in order. */
export function createServingCount(db: Db): () => number {
  const tokens = db.prepare('SELECT token FROM instances WHERE ended_at IS NULL').pluck();
  return () => (tokens.all() as string[]).filter((token) => !isInstanceDead(db.name, token)).length;
}
