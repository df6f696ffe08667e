/** The end of every request that holds money: post or void, once, with the request's row in the same transaction. */
import { NO_SPLIT, TRIES_MAX, type ChargeSplit, type RequestDetail, type RequestRecord, type RequestStatus, type SettleOutcome } from '../ledger/ledger.ts';
import { estimateUsage, usageOf } from '../metering/price.ts';
import type { MeterReading } from '../metering/reading.ts';
import { settlementAmounts } from '../metering/settlement-amounts.ts';
import { ZERO, type MicroUsdc } from '../money.ts';
import { anyTokens, NO_TOKENS, type Usage, type UsageSource } from '../tokens.ts';
import type { Deadlines } from '../deadlines.ts';
import type { ExchangeState } from './exchange-state.ts';
import { orNull, tokensOf, usageDetail } from './usage-detail.ts';

/** How a request ended, as its relay saw it. */
export interface Ending {
  readonly status: RequestStatus;
  /** What the client was answered; 0 when it left before. */
  readonly httpStatus: number;
  readonly errorCode?: string;
  readonly message?: string;
  readonly flags?: readonly string[];
  /** Null: nothing was reported and nothing relayed, so nothing is charged. */
  readonly reading: MeterReading | null;
}

/** What is charged and what the row says of it. */
interface Bill {
  readonly action: 'post' | 'void';
  readonly charge: MicroUsdc;
  readonly split: ChargeSplit;
  readonly listCost: MicroUsdc;
  readonly usage: Usage | null;
  readonly source: UsageSource;
  readonly flags: readonly string[];
}

const NOTHING_BILLED = { action: 'void', charge: ZERO, split: NO_SPLIT, listCost: ZERO, usage: null, source: 'none' } as const;

/** Longer than this no client waits for a charge that cannot be written: its response ends by a reset. */
const SETTLE_WAIT_MS = 10_000;

export type SettleResult = { readonly kind: 'settled'; readonly outcome: SettleOutcome; readonly charge: MicroUsdc } | { readonly kind: 'unsettled' };

/**
 * Resolves when the charge is on disk, or `unsettled` when the response must be cut: the ledger is dead, does not
 * answer in time (it goes on trying), or the hold was already settled by someone else.
 */
export function settle(x: ExchangeState, ending: Ending): Promise<SettleResult> {
  x.settlement ??= settleOnce(x, ending);
  return x.settlement;
}

function settleOnce(x: ExchangeState, ending: Ending): Promise<SettleResult> {
  const { ledger, log, funds } = x.deps;
  const bill = safeBillOf(x, ending);
  const record = recordOf(x, ending, bill);
  const begun = performance.now();
  const settled = ledger.settle({ action: bill.action, charge: bill.charge, split: bill.split, record }).then(
    (outcome): SettleResult => {
      funds.released(x.placed.admission.buyerId);
      report(x, outcome, bill);
      observe(x, { outcome, bill, record, settleMs: performance.now() - begun });
      const ours = outcome.kind === 'posted' || outcome.kind === 'voided';
      return ours ? { kind: 'settled', outcome, charge: bill.charge } : { kind: 'unsettled' };
    },
    (error: Error): SettleResult => {
      // The ledger is dead, or a bug made a record that it refuses. Either way the hold stays open, with its progress,
      // until this process has ended and recovery settles it: the buyer is charged late rather than wrongly.
      log.error('alert_settle_failed', { requestId: x.publicId, message: error.message });
      return { kind: 'unsettled' };
    },
  );
  return within(settled, x.deps.deadlines);
}

function within(settled: Promise<SettleResult>, deadlines: Deadlines): Promise<SettleResult> {
  return new Promise((resolve) => {
    const deadline = { seat: -1, at: performance.now() + SETTLE_WAIT_MS, passed: () => resolve({ kind: 'unsettled' }) };
    deadlines.keep(deadline);
    void settled.then((result) => {
      deadlines.drop(deadline);
      resolve(result);
    });
  });
}

/** A bug in meter or price fails this request alone: its hold is released, and the operator hears of it. */
function safeBillOf(x: ExchangeState, ending: Ending): Bill {
  try {
    return billOf(x, ending);
  } catch (error) {
    x.deps.log.error('alert_exchange_failed', { requestId: x.publicId, error: String((error as Error).stack ?? error) });
    return { ...NOTHING_BILLED, flags: ['gateway_fault', 'exposure'] };
  }
}

function billOf(x: ExchangeState, ending: Ending): Bill {
  const { reading } = ending;
  const flags = [...(ending.flags ?? []), ...(reading?.flags ?? [])];
  if (!reading || (!reading.started && reading.deltaBytes === 0)) {
    // A response that began, reported nothing and named no error may have been billed upstream all the same.
    const exposed = reading !== null && reading.errorType === null;
    return { ...NOTHING_BILLED, flags: exposed ? [...flags, 'exposure'] : flags };
  }
  // Without a final report the last one is a placeholder (`message_start` says 1 output token), whatever followed it.
  const exact = reading.started && reading.final;
  const { model, quote, admission } = x.placed;
  const usage = exact ? usageOf(reading, model) : estimateUsage(reading, { requestedModel: model, outputTokensMax: quote.outputTokensMax });
  // An estimate never takes more than the worst case. That is the hold, unless the route holds less of the output:
  // then what is beyond the hold is excess, as with an exact charge.
  const inputs = { usage, card: admission.route.card, requestedModel: model, ...(exact ? {} : { capAt: quote.worstCase }) };
  const { total, split, listCost, flags: priced } = settlementAmounts(inputs, x.settings.priceBook);
  const capped = !exact && total === quote.worstCase;
  const source: UsageSource = !exact ? 'estimated' : x.clientGone ? 'drained' : 'reported';
  return { action: 'post', charge: total, split, listCost, usage, source, flags: [...flags, ...priced, ...(capped ? ['capped_at_worst_case'] : [])] };
}

function recordOf(x: ExchangeState, ending: Ending, bill: Bill): RequestRecord {
  const { admission, model, quote } = x.placed;
  return {
    requestId: x.requestId,
    buyerId: admission.buyerId,
    keyId: admission.keyId,
    routeId: admission.route.id,
    cardVersion: admission.route.card.version,
    model: model.id,
    responseModel: ending.reading?.model ?? null,
    status: ending.status,
    httpStatus: x.clientGone && !x.res.headersSent ? 0 : ending.httpStatus,
    errorCode: ending.errorCode ?? ending.reading?.errorType ?? null,
    tokens: bill.usage ? tokensOf(bill.usage) : NO_TOKENS,
    listCost: bill.listCost,
    outputTokensMax: quote.outputTokensMax,
    usageSource: bill.source,
    quoteBasis: quote.basis,
    flags: bill.flags,
    detail: detailOf(x, ending, bill),
    upstream: admission.route.upstream,
    upstreamRequestId: x.upstreamRequestId,
    attempts: x.attempts,
    startedAt: x.startedAt,
    durationMs: x.elapsedMs(),
    timeToFirstByteMs: x.timeToFirstByteMs,
  };
}

function detailOf(x: ExchangeState, ending: Ending, { usage }: Bill): RequestDetail | null {
  const left = usage && x.outputTokensAtDisconnect !== null && anyTokens(tokensOf(usage)) ? x.outputTokensAtDisconnect : null;
  return orNull({
    ...(usage ? usageDetail(usage, ending.reading?.model ?? x.placed.model.id) : {}),
    ...(usage && left !== null ? { outputTokensAfterDisconnect: Math.max(0, tokensOf(usage).output - left) } : {}),
    ...(ending.message ? { message: ending.message.slice(0, 500) } : {}),
    ...troubleOf(x),
  });
}

/** What few requests have to tell: null for all others, so that their rows stay small. */
function troubleOf({ tries, placed: { waitedMs } }: ExchangeState): RequestDetail | null {
  if (tries === null && waitedMs === 0) return null;
  return { ...(tries === null ? {} : { tries: tries.slice(0, TRIES_MAX) }), ...(waitedMs === 0 ? {} : { waitedMs }) };
}

function observe(x: ExchangeState, { outcome, bill, record, settleMs }: { outcome: SettleOutcome; bill: Bill; record: RequestRecord; settleMs: number }): void {
  const shortfall = outcome.kind === 'posted' ? outcome.shortfall : ZERO;
  x.deps.observer.requestEnded({
    requestId: x.publicId,
    route: x.placed.admission.route.alias,
    model: x.placed.model.id,
    httpStatus: record.httpStatus,
    errorCode: record.errorCode,
    startedAt: x.startedAt,
    durationMs: record.durationMs,
    traceparent: x.traceparent,
    settled: {
      outcome: outcome.kind,
      stream: x.facts.stream,
      heldAfterMs: x.heldAfterMs,
      holdMs: x.placed.holdMs,
      triedAgainAfterMs: x.triedAgainAfterMs,
      settleMs,
      hold: x.placed.quote.amount,
      charge: bill.charge,
      split: bill.split,
      shortfall,
    },
    record,
  });
}

/** What the operator must hear of. */
function report(x: ExchangeState, outcome: SettleOutcome, bill: Bill): void {
  const { log } = x.deps;
  const at = { requestId: x.publicId, buyer: x.placed.admission.buyerId, route: x.placed.admission.route.alias };
  if (outcome.kind === 'posted') {
    if (outcome.shortfall > 0n) log.warn('alert_shortfall', { ...at, shortfallUsdMicros: outcome.shortfall });
    else if (outcome.excess > 0n) log.warn('alert_charge_above_hold', { ...at, excessUsdMicros: outcome.excess });
  } else if (outcome.kind !== 'voided') {
    log.error('alert_settled_elsewhere', { ...at, outcome: outcome.kind });
  }
  if (bill.source === 'estimated') log.warn('alert_usage_estimated', { ...at, chargeUsdMicros: bill.charge });
  // Nothing was charged although the upstream may have billed: a buyer who makes this happen often gets answers for free.
  if (bill.flags.includes('exposure')) log.warn('alert_exposure', { ...at, holdUsdMicros: x.placed.quote.amount });
  const odd = bill.flags.filter((flag) => !QUIET_FLAGS.has(flag));
  if (odd.length > 0) log.warn('alert_usage_flagged', { ...at, flags: odd.join(',') });
}

const QUIET_FLAGS = new Set(['cache_write_grew', 'exposure']);
