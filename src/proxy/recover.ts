/**
 * Takes over what a killed process left: each of its holds is posted by its last recorded progress, or voided when
 * nothing was recorded. Live processes' holds never come here, and two recoveries of one hold collide safely.
 */
import { formatRequestId, type CardVersion } from '../ids.ts';
import type { Ledger, OpenRequest, RequestRecord, Settlement } from '../ledger/ledger.ts';
import type { Log } from '../log.ts';
import type { PriceCard } from '../metering/price-card.ts';
import { chargeTotal, estimateUsage } from '../metering/price.ts';
import { ZERO } from '../money.ts';
import { NO_TOKENS, type Usage } from '../tokens.ts';
import { orNull, tokensOf, usageDetail } from './usage-detail.ts';

export interface RecoveryDeps {
  readonly ledger: Ledger;
  readonly card: (version: CardVersion) => PriceCard | null;
  readonly log: Log;
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

async function recoverOne({ ledger, card, log }: RecoveryDeps, orphan: OpenRequest): Promise<void> {
  const settlement = settlementOf(orphan, card(orphan.hold.cardVersion));
  const outcome = await ledger.settle(settlement);
  log.warn('recovered', {
    requestId: formatRequestId(orphan.hold.requestId),
    buyer: orphan.hold.buyerId,
    outcome: outcome.kind,
    heldUsdMicros: orphan.hold.amount,
    chargeUsdMicros: settlement.charge,
  });
}

function settlementOf(orphan: OpenRequest, card: PriceCard | null): Settlement {
  const { hold, progress } = orphan;
  const model = card?.byName.get(hold.model);
  if (!progress || !card || !model) return { action: 'void', charge: ZERO, record: recordOf(orphan, null, progress ? ['not_priced', 'exposure'] : ['exposure']) };
  const usage = estimateUsage(progress, { requestedModel: model, outputTokensMax: hold.outputTokensMax });
  const charge = chargeTotal({ usage, card, requestedModel: model, capAt: hold.worstCase });
  const capped = charge.total === hold.worstCase ? ['capped_at_worst_case'] : [];
  return { action: 'post', charge: charge.total, record: recordOf(orphan, usage, [...charge.flags, ...capped]) };
}

function recordOf(orphan: OpenRequest, usage: Usage | null, flags: readonly string[]): RequestRecord {
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
