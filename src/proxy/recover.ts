/**
 * Takes over what a killed process left: each of its holds is posted by its last recorded progress, or voided when
 * nothing was recorded. Live processes' holds never come here, and two recoveries of one hold collide safely.
 */
import { formatRequestId, type CardVersion, type RouteAlias, type RouteId } from '../ids.ts';
import { NO_SPLIT, type Ledger, type OpenRequest, type RequestRecord, type Settlement, type SettleOutcome } from '../ledger/ledger.ts';
import type { Log } from '../log.ts';
import type { PriceCard } from '../metering/price-card.ts';
import { estimateUsage } from '../metering/price.ts';
import { settlementAmounts, type ListPrices } from '../metering/settlement-amounts.ts';
import { ZERO, type MicroUsdc } from '../money.ts';
import { NO_TOKENS, type Usage } from '../tokens.ts';
import type { Observer } from './observer.ts';
import { orNull, tokensOf, usageDetail } from './usage-detail.ts';

export interface RecoveryDeps {
  readonly ledger: Ledger;
  readonly card: (version: CardVersion) => PriceCard | null;
  readonly alias: (route: RouteId) => RouteAlias | null;
  /** List prices as they are now. */
  readonly book: () => ListPrices;
  readonly log: Log;
  readonly observer: Observer;
}

/** Settles every orphaned hold; answers how many. One that cannot be settled (its card is unreadable) stays open and is logged. */
export async function recover(deps: RecoveryDeps): Promise<number> {
  let settled = 0;
  for (const orphan of await deps.ledger.orphans()) {
    try {
      await recoverOne(deps, orphan);
      settled++;
    } catch (error) {
      deps.log.error('alert_recovery_failed', { requestId: formatRequestId(orphan.hold.requestId), message: String(error) });
    }
  }
  return settled;
}

async function recoverOne(deps: RecoveryDeps, orphan: OpenRequest): Promise<void> {
  const { ledger, card, book, log } = deps;
  const settlement = settlementOf(orphan, card(orphan.hold.cardVersion), book());
  const begun = performance.now();
  const outcome = await ledger.settle(settlement);
  observe(deps, { orphan, settlement, outcome, settleMs: performance.now() - begun });
  log.warn('recovered', {
    requestId: formatRequestId(orphan.hold.requestId),
    buyer: orphan.hold.buyerId,
    outcome: outcome.kind,
    heldUsdMicros: orphan.hold.amount,
    chargeUsdMicros: settlement.charge,
  });
}

interface Ended {
  readonly orphan: OpenRequest;
  readonly settlement: Settlement;
  readonly outcome: SettleOutcome;
  readonly settleMs: number;
}

function observe({ alias, observer }: RecoveryDeps, { orphan: { hold }, settlement, outcome, settleMs }: Ended): void {
  const { record, charge, split } = settlement;
  const shortfall = outcome.kind === 'posted' ? outcome.shortfall : ZERO;
  observer.requestEnded({
    requestId: formatRequestId(hold.requestId),
    route: alias(hold.routeId),
    model: hold.model,
    httpStatus: record.httpStatus,
    errorCode: record.errorCode,
    startedAt: record.startedAt,
    durationMs: record.durationMs,
    traceparent: null,
    settled: { outcome: outcome.kind, stream: null, heldAfterMs: 0, holdMs: 0, triedAgainAfterMs: null, settleMs, hold: hold.amount, charge, split, shortfall },
    record,
  });
}

function settlementOf(orphan: OpenRequest, card: PriceCard | null, book: ListPrices): Settlement {
  const { hold, progress } = orphan;
  const model = card?.byName.get(hold.model);
  if (!progress || !card || !model) {
    const flags = progress ? ['not_priced', 'exposure'] : ['exposure'];
    return { action: 'void', charge: ZERO, split: NO_SPLIT, record: recordOf(orphan, { usage: null, listCost: ZERO, flags }) };
  }
  const usage = estimateUsage(progress, { requestedModel: model, outputTokensMax: hold.outputTokensMax });
  const { total, split, listCost, flags } = settlementAmounts({ usage, card, requestedModel: model, capAt: hold.worstCase }, book);
  const capped = total === hold.worstCase ? ['capped_at_worst_case'] : [];
  return { action: 'post', charge: total, split, record: recordOf(orphan, { usage, listCost, flags: [...flags, ...capped] }) };
}

interface Recovered {
  readonly usage: Usage | null;
  readonly listCost: MicroUsdc;
  readonly flags: readonly string[];
}

function recordOf(orphan: OpenRequest, { usage, listCost, flags }: Recovered): RequestRecord {
  const { hold, progress } = orphan;
  return {
    requestId: hold.requestId,
    buyerId: hold.buyerId,
    keyId: hold.keyId,
    routeId: hold.routeId,
    cardVersion: hold.cardVersion,
    model: hold.model,
    responseModel: progress?.model ?? null,
    status: 'recovered',
    httpStatus: 0,
    errorCode: 'process_died',
    tokens: usage ? tokensOf(usage) : NO_TOKENS,
    listCost,
    outputTokensMax: hold.outputTokensMax,
    usageSource: usage ? 'recovered' : 'none',
    quoteBasis: hold.quoteBasis,
    flags,
    detail: usage && orNull(usageDetail(usage, progress?.model ?? hold.model)),
    upstream: hold.upstream,
    upstreamRequestId: null,
    attempts: 1,
    startedAt: hold.startedAt,
    durationMs: Math.max(0, Date.now() - hold.startedAt),
    timeToFirstByteMs: null,
  };
}
