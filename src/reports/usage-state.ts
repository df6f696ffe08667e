/** How far usage is summed. */
import type { Db } from '../db/open.ts';
import { prepared } from '../db/prepared.ts';

export interface UsageState {
  /** The last minute since 1970 that hours, days and sums contain. */
  readonly folded: number;
  /** The first UTC day since 1970 whose request rows are all there. */
  readonly prunedBefore: number;
}

/** Some requests are not summed: those of before an upgrade, or all while they are summed anew. */
export class UsageNotSummedError extends Error {
  constructor(file: string) {
    super(`usage is not summed yet in ${file}, which was upgraded or is being summed anew; \`ainogap verify --rebuild\` sums it, and so does the next start of \`ainogap serve\``);
    this.name = 'UsageNotSummedError';
  }
}

/** Throws `UsageNotSummedError` while sums would lack requests. */
export function readUsageState(db: Db): UsageState {
  const { complete, ...state } = readRawUsageState(db);
  if (!complete) throw new UsageNotSummedError(db.name);
  return state;
}

export function readRawUsageState(db: Db): UsageState & { readonly complete: boolean } {
  const row = prepared(db, 'SELECT folded, complete, pruned_before AS prunedBefore FROM usage_state').get();
  const { folded, complete, prunedBefore } = row as { folded: number; complete: number; prunedBefore: number };
  return { folded, complete: complete === 1, prunedBefore };
}
