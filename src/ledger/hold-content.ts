/** Whether a repeated hold is the same hold. */
import type { Hold } from './ledger.ts';

/** What is kept of a hold: all but the registry generation it was decided under. */
export type StoredHold = Omit<Hold, 'generation'>;

const FIELDS = [
  'buyerId',
  'keyId',
  'routeId',
  'cardVersion',
  'model',
  'amount',
  'worstCase',
  'quoteBasis',
  'outputTokensMax',
  'upstream',
  'startedAt',
] as const satisfies readonly (keyof StoredHold)[];

/** The first field in which two holds of one id differ, or null. */
export function differenceOf(a: StoredHold, b: StoredHold): string | null {
  return FIELDS.find((field) => a[field] !== b[field]) ?? null;
}

type Row = Readonly<Record<string, unknown>>;

/** A row of `open_requests`, read as an array with bigint integers, in the order of the engine's columns. */
export function holdFromRow(row: readonly unknown[]): StoredHold {
  const [id, , buyer, key, route, card, model, amount, worstCase, basis, outputMax, upstream, startedAt] = row;
  return holdFromColumns({
    id,
    buyer_id: buyer,
    key_id: key,
    route_id: route,
    card_version: card,
    model,
    hold: amount,
    worst_case: worstCase,
    quote_basis: basis,
    output_tokens_max: outputMax,
    upstream,
    started_at: startedAt,
  });
}

export function holdFromColumns(row: Row): StoredHold {
  return {
    requestId: row['id'] as Hold['requestId'],
    buyerId: Number(row['buyer_id']) as Hold['buyerId'],
    keyId: Number(row['key_id']) as Hold['keyId'],
    routeId: Number(row['route_id']) as Hold['routeId'],
    cardVersion: Number(row['card_version']) as Hold['cardVersion'],
    model: row['model'] as string,
    amount: row['hold'] as Hold['amount'],
    worstCase: row['worst_case'] as Hold['worstCase'],
    quoteBasis: row['quote_basis'] as Hold['quoteBasis'],
    outputTokensMax: Number(row['output_tokens_max']),
    upstream: row['upstream'] as string,
    startedAt: Number(row['started_at']),
  };
}
