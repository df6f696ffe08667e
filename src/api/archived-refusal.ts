import type { Db } from '../db/open.ts';
import { formatRequestId, type BuyerId, type RequestId } from '../ids.ts';
import { isoTime } from '../documents/iso-time.ts';
import { findPrunedRequest, prunedBefore } from '../reports/pruned.ts';
import { ApiError } from './api-error.ts';

/** Why a request that was there is not: its record is in an archive. Null: that is not why, or it is not this buyer's. */
export function archivedRefusal(db: Db, { id, buyerId }: { readonly id: RequestId | null; readonly buyerId?: BuyerId }): ApiError | null {
  const found = id === null ? null : findPrunedRequest(db, id);
  if (id === null || found === null || (buyerId !== undefined && found.buyerId !== buyerId)) return null;
  const before = prunedBefore(db);
  const what = `This request settled on ${isoTime(found.settledAt).slice(0, 10)} (UTC), and its record is in an archive, as all from before ${before ?? ''} are.`;
  // Where the operator keeps the archive is no business of a buyer's.
  const how = buyerId === undefined ? `\`ainogap receipt ${formatRequestId(id)} --from ${found.archive ?? 'ARCHIVE'}\` reads it.` : 'The operator can make its receipt.';
  return new ApiError('gone', `${what} ${how}`, { details: { prunedBefore: before } });
}
