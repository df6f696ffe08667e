/** What a running request has cost by its last progress report: as recovery would bill it. */
import type { Db } from '../../db/open.ts';
import type { CardVersion } from '../../ids.ts';
import type { PriceCard } from '../../metering/price-card.ts';
import { chargeTotal, estimateUsage } from '../../metering/price.ts';
import type { MicroUsdc } from '../../money.ts';
import { micro } from '../../money.ts';
import { readCard } from '../../registry/cards.ts';
import { addTokens, NO_TOKENS, type TokenCounts } from '../../tokens.ts';

/** A row of `open_requests` that has progress; all its integers are bigints. */
export type ProgressRow = Readonly<Record<string, unknown>>;

export interface SoFar {
  readonly tokens: TokenCounts;
  readonly charge: MicroUsdc;
}

const CARDS_KEPT = 64;

/** Null: its card does not price its model, or cannot be read. */
export function createChargeSoFar(db: Db): (row: ProgressRow) => SoFar | null {
  const cards = new Map<CardVersion, PriceCard | null>();
  const cardOf = (version: CardVersion): PriceCard | null => {
    const known = cards.get(version);
    if (known !== undefined) return known;
    if (cards.size === CARDS_KEPT) cards.clear();
    const card = readable(db, version);
    cards.set(version, card);
    return card;
  };
  return (row) => {
    const card = cardOf(Number(row['card_version']) as CardVersion);
    const model = card?.byName.get(row['model'] as string);
    if (!card || !model) return null;
    const usage = estimateUsage(progressOf(row), { requestedModel: model, outputTokensMax: Number(row['output_tokens_max']) });
    const { total } = chargeTotal({ usage, card, requestedModel: model, capAt: micro(row['worst_case'] as bigint) });
    return { tokens: usage.parts.reduce((sum, part) => addTokens(sum, part.tokens), NO_TOKENS), charge: total };
  };
}

/** A damaged card is `verify`'s to tell of; the view goes on without its charge. */
function readable(db: Db, version: CardVersion): PriceCard | null {
  try {
    return readCard(db, version).card;
  } catch {
    return null;
  }
}

function progressOf(row: ProgressRow) {
  const count = (column: string): number => Number(row[column]);
  return {
    model: row['progress_model'] as string,
    tokens: {
      input: count('input_tokens'),
      output: count('output_tokens'),
      cacheWrite5m: count('cache_write_5m_tokens'),
      cacheWrite1h: count('cache_write_1h_tokens'),
      cacheRead: count('cache_read_tokens'),
    },
    deltaBytes: count('delta_bytes'),
    webSearchRequests: count('web_search_requests'),
    inferenceGeo: row['inference_geo'] as string | null,
    serviceTier: row['service_tier'] as string | null,
  };
}
