/** What one request adds to the sums of usage, computed from its row and its card as when it settled. */
import { formatRequestId, type BuyerId, type CardVersion, type KeyId } from '../ids.ts';
import type { ChargeSplit } from '../ledger/ledger.ts';
import type { PriceCard } from '../metering/price-card.ts';
import type { MicroUsdc } from '../money.ts';
import type { TokenCounts } from '../tokens.ts';
import type { ChargedRow } from './charged-rows.ts';
import { recordedSplit } from './recorded-split.ts';

export interface RequestUsage {
  /** Since 1970, of its settlement. */
  readonly minute: number;
  readonly buyerId: BuyerId;
  readonly keyId: KeyId;
  /** 0: none. */
  readonly routeId: number;
  /** '' when it was refused. */
  readonly model: string;
  readonly error: boolean;
  readonly refused: boolean;
  readonly estimated: boolean;
  readonly tokens: TokenCounts;
  readonly split: ChargeSplit;
  readonly shortfall: MicroUsdc;
  readonly listCost: MicroUsdc;
}

const MINUTE_MS = 60_000;
const ERRORS: ReadonlySet<string> = new Set(['upstream_error', 'failed', 'interrupted', 'recovered'] satisfies ChargedRow['status'][]);

/** Throws when the row's charge cannot be split by its card; `ainogap verify` names such rows. */
export function usageOfRequest(row: ChargedRow, cardOf: (version: CardVersion) => PriceCard): RequestUsage {
  const refused = row.status === 'refused';
  return {
    minute: Math.floor(row.settledAt / MINUTE_MS),
    buyerId: row.buyerId,
    keyId: row.keyId,
    routeId: row.routeId ?? 0,
    model: refused ? '' : (row.model ?? ''),
    error: ERRORS.has(row.status),
    refused,
    estimated: row.usageSource === 'estimated' || row.usageSource === 'recovered',
    tokens: row.tokens,
    split: must(row, recordedSplit(row, cardOf)),
    shortfall: row.shortfall,
    // Rows of before list costs were recorded: the charge stands for it, a margin of nothing.
    listCost: row.listCost ?? row.charge,
  };
}

function must(row: ChargedRow, split: ChargeSplit): ChargeSplit {
  const { input, output, cacheWrite5m, cacheWrite1h, cacheRead } = split.byClass;
  if (input + output + cacheWrite5m + cacheWrite1h + cacheRead + split.webSearch === row.charge) return split;
  throw new Error(`${formatRequestId(row.requestId)} is charged ${row.charge} micro-USDC, which is more than its counts cost`);
}
