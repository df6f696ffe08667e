/** What commands say of requests that are in archives. */
import { ArchiveError } from '../archive/archive-error.ts';
import type { Db } from '../db/open.ts';
import { formatRequestId, requestIdTime, type RequestId } from '../ids.ts';
import { findPrunedRequest, prunedBefore, prunedBeforeMs, utcDayName } from '../reports/pruned.ts';
import { CliError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { inWords } from './open-store.ts';
import { shellWord } from './shell-word.ts';

const DAY_MS = 86_400_000;

/** Failures of archives and of the database in words; everything else is a bug and passes. */
export function archiveInWords(error: unknown): unknown {
  if (!(error instanceof ArchiveError)) return inWords(error);
  return new CliError(error.message, error.next === undefined ? {} : { next: error.next });
}

/** To be thrown where a request has no row because it is in an archive; null: that is not why. */
export function archivedError(db: Db, id: RequestId): CliError | null {
  const text = formatRequestId(id);
  const day = prunedBefore(db);
  const found = findPrunedRequest(db, id);
  if (day === null) return null;
  if (found !== null) {
    const on = utcDayName(Math.floor(found.settledAt / DAY_MS));
    const words = `request "${text}" settled on ${on} (UTC) and is in an archive, as all from before ${day} are.`;
    return new CliError(words, { next: `ainogap receipt ${text} --from ${found.archive === null ? 'ARCHIVE' : shellWord(found.archive)}` });
  }
  // Of one that was refused the ledger has nothing.
  if (requestIdTime(id) >= prunedBeforeMs(db)) return null;
  const words = `request "${text}" not found: there is no record of it here. Requests that ended before ${day} (UTC) are in archives: it may be in one of them, if it was refused.`;
  return new CliError(words, { next: 'ainogap prune --list' });
}

/** Tells of a list that reaches back to `since` (Unix ms; undefined: to the first request) that it lacks what is in archives. */
export function tellPruned(ctx: CliContext, day: string | null, since: number | undefined): void {
  if (day === null || (since !== undefined && since >= Date.parse(day))) return;
  ctx.stderr.write(`! Requests that ended before ${day} (UTC) are not among these: they were moved to archives. ainogap prune --list\n`);
}
