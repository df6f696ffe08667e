/** `ainogap receipt ID --from ARCHIVE`: the receipt of a request that was moved out of the database. */
import * as path from 'node:path';
import { findInArchive, type FoundInArchive } from '../archive/read-archive.ts';
import { openDatabase, type Db } from '../db/open.ts';
import { isoTime } from '../documents/iso-time.ts';
import { formatRequestId, type RequestId } from '../ids.ts';
import { printable } from '../printable.ts';
import { receiptOf, type ReceiptOutcome } from '../reports/receipt.ts';
import { readTransfers, type RequestTransfer } from '../reports/request-transfers.ts';
import type { GlobalOptions } from './add-command.ts';
import { archiveInWords } from './archive-words.ts';
import { CliError, usageError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { readConfigIfAny } from './open-store.ts';

export interface ReceiptFrom {
  /** As typed. */
  readonly archive: string;
  readonly global: GlobalOptions;
  readonly show: (outcome: Exclude<ReceiptOutcome, { kind: 'notFound' }>) => void;
}

export async function receiptFrom(ctx: CliContext, id: RequestId, { archive, global, show }: ReceiptFrom): Promise<void> {
  if (archive === '') throw usageError('--from needs the path of an archive.', 'ainogap prune --list');
  const file = path.resolve(ctx.cwd, archive);
  const { header, found, damage, sha256 } = await findInArchive(file, id).catch((error: unknown) => {
    throw archiveInWords(error);
  });
  const where = `requests that settled before ${isoTime(header.settledBefore).slice(0, 10)} (UTC), of database ${header.database.slice(0, 8)}, which was ${header.databaseFile}`;
  if (found === null) throw new CliError(`request "${formatRequestId(id)}" is not in ${archive}, which has the ${header.requests.toLocaleString('en-US')} ${where}.`, { next: 'ainogap prune --list' });
  show(receiptOf(found.entry, { cardOf: found.cardOf, transfers: () => found.transfers }));
  const doubt = besideDatabase(ctx, global, (db) => doubtOf(db, { header, sha256 }, { id, transfers: found.transfers }));
  const words = [`From ${archive}: ${where}.`];
  if (damage !== null) words.push(`! ${damage} This request was read from a part that can be.`);
  if (doubt !== null) words.push(`! ${doubt}`);
  // An archive is a file that may come from anywhere, and its header is text.
  for (const line of words) ctx.stderr.write(`${printable(line)}\n`);
}

/** Null too where there is no database that can be read: an archive needs none. */
function besideDatabase(ctx: CliContext, global: GlobalOptions, use: (db: Db) => string | null): string | null {
  let db: Db | undefined;
  try {
    const config = readConfigIfAny(ctx, global);
    if (config === null) return null;
    db = openDatabase(config.database, { mode: 'read' });
    return use(db);
  } catch {
    return null;
  } finally {
    db?.close();
  }
}

/** The ledger keeps its rows for ever, and the digest of each archive, so they tell whether the archive's are what they were. */
function doubtOf(db: Db, { header, sha256 }: Pick<FoundInArchive, 'header' | 'sha256'>, { id, transfers }: { id: RequestId; transfers: readonly RequestTransfer[] }): string | null {
  const here = db.prepare('SELECT id FROM database_identity').pluck().get();
  if (here !== header.database) return `It is not of the configured database, ${db.name}.`;
  const words = (rows: readonly RequestTransfer[]): string => rows.map(({ kind, amount, hold }) => `${kind} ${amount} of ${hold}`).join();
  if (words(readTransfers(db, id)) !== words(transfers)) return `The ledger of ${db.name} has other amounts for this request than the archive: one of them was changed.`;
  const written = db.prepare('SELECT sha256 FROM prunes WHERE run = ?').pluck().get(header.run) as string | null | undefined;
  if (written === undefined) return `${db.name} knows of no prune that wrote it: a backup of before it was restored, or the archive is not what it says.`;
  return written === null || sha256 === null || written === sha256 ? null : `${db.name} has another SHA-256 for this archive: it was changed since it was written.`;
}
