/** A request that still runs: what its hold and its last progress report tell. Read-only. */
import type { Db } from '../../db/open.ts';
import type { RequestId } from '../../ids.ts';
import { micro, type MicroUsdc } from '../../money.ts';
import { TOKEN_CLASSES, type QuoteBasis, type TokenCounts } from '../../tokens.ts';
import { createChargeSoFar, type SoFar } from '../live/charge-so-far.ts';
import type { Admitted } from './admission.ts';
import { count, instant, lasting, usdc } from './figure-words.ts';
import type { StoryStep } from './story-step.ts';

export interface OpenRequestEntry {
  readonly admitted: Admitted & { readonly hold: MicroUsdc };
  /** What it may cost at most; above the hold where the route holds less. */
  readonly worstCase: MicroUsdc;
  /** When it last reported progress, Unix milliseconds; null before the first report. */
  readonly progressAt: number | null;
  /** By that report; null before it, and where its card cannot tell. */
  readonly soFar: SoFar | null;
}

const QUERY = 'SELECT o.*, r.alias FROM open_requests o LEFT JOIN routes r ON r.id = o.route_id WHERE o.id = ?';

type Row = Readonly<Record<string, bigint | string | null>>;

/** Null: no request of that id runs. */
export function findOpenRequest(db: Db, id: RequestId): OpenRequestEntry | null {
  const row = db.prepare(QUERY).safeIntegers(true).get(id) as Row | undefined;
  if (row === undefined) return null;
  const progressAt = row['progress_at'] === null ? null : Number(row['progress_at']);
  return {
    admitted: {
      requestId: id,
      buyerId: Number(row['buyer_id']) as Admitted['buyerId'],
      keyId: Number(row['key_id']) as Admitted['keyId'],
      route: row['alias'] as string | null,
      cardVersion: Number(row['card_version']) as NonNullable<Admitted['cardVersion']>,
      model: row['model'] as string,
      upstream: row['upstream'] as string,
      quoteBasis: row['quote_basis'] as QuoteBasis,
      hold: micro(row['hold'] as bigint),
      outputTokensMax: Number(row['output_tokens_max']),
      startedAt: Number(row['started_at']),
    },
    worstCase: micro(row['worst_case'] as bigint),
    progressAt,
    soFar: progressAt === null ? null : createChargeSoFar(db)(row),
  };
}

export function runningStep({ admitted, progressAt, soFar }: OpenRequestEntry, now: number): StoryStep {
  const runs = `It still runs, for ${lasting(Math.max(0, now - admitted.startedAt))} so far. What it costs is settled when it ends.`;
  if (progressAt === null) return { topic: 'now', text: `${runs} Nothing of an answer has been reported yet.` };
  if (soFar === null) return { topic: 'now', text: `${runs} Its last report is of ${instant(progressAt)}.` };
  const tokens = TOKEN_CLASSES.map((tokenClass) => `${WORDS[tokenClass]} ${count(soFar.tokens[tokenClass])}`).join(', ');
  return { topic: 'now', text: `${runs} By ${instant(progressAt)} it had used ${tokens} (the output is estimated until it ends): about ${usdc(soFar.charge)}.` };
}

const WORDS: Readonly<Record<keyof TokenCounts, string>> = { input: 'input', output: 'output', cacheWrite5m: 'write 5m', cacheWrite1h: 'write 1h', cacheRead: 'read' };
