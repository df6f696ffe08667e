/** A request as its buyer sees it: without upstreams, tries, list prices or margins. */
import { isoTime } from '../../documents/iso-time.ts';
import { formatBuyerId, formatKeyId, formatRequestId } from '../../ids.ts';
import { jsonMicros } from '../../money.ts';
import type { BuyerStory } from '../../reports/explain-to-buyer.ts';
import type { StoryStep } from '../../reports/explain/story-step.ts';
import { requestJson, TOKEN_FIELDS } from '../../reports/request-json.ts';
import { paidBy } from '../../reports/request-transfers.ts';
import type { RequestEntry } from '../../reports/requests.ts';
import { NO_TOKENS, TOKEN_CLASSES } from '../../tokens.ts';
import type { Receipt, RequestDetail, RequestSummary } from '../schemas/usage.ts';

export function requestSummaryOf(entry: RequestEntry): RequestSummary {
  const { upstream: _upstream, upstreamRequestId: _id, shortfallUsdMicros: _shortfall, ...record } = requestJson(entry);
  return { ...(record as Omit<RequestSummary, 'keyLabel'>), keyLabel: entry.keyLabel };
}

export function requestDetailOf(told: BuyerStory, now: number): RequestDetail {
  return told.kind === 'running' ? runningDetail(told, now) : endedDetail(told);
}

function endedDetail({ outcome, transfers, story }: Extract<BuyerStory, { kind: 'ended' }>): RequestDetail {
  const { entry } = outcome;
  const { released, excess } = paidBy(transfers);
  return {
    request: requestSummaryOf(entry),
    running: false,
    settledAt: isoTime(entry.settledAt),
    responseModel: entry.responseModel,
    // What a refused client was told. What is noted of other failures may name the operator's addresses.
    message: entry.status === 'refused' ? (entry.detail?.message ?? null) : null,
    holdUsdMicros: entry.hold === null ? null : jsonMicros(entry.hold),
    releasedUsdMicros: entry.hold === null ? null : jsonMicros(released),
    excessUsdMicros: entry.hold === null ? null : jsonMicros(excess),
    waitedMs: entry.detail?.waitedMs ?? 0,
    outputTokensAfterDisconnect: entry.detail?.outputTokensAfterDisconnect ?? null,
    receipt: outcome.kind === 'receipt' ? receiptOf(outcome.document) : null,
    explanation: story.map(paragraph),
  };
}

/** What `recomputeReceipt` needs, and nothing of the record. */
export function receiptOf({ request: _request, usageSource: _source, flags: _flags, ...receipt }: Extract<Extract<BuyerStory, { kind: 'ended' }>['outcome'], { kind: 'receipt' }>['document']): Receipt {
  const { cacheSavedUsdMicros, ...rest } = receipt;
  return { ...rest, parts: [...rest.parts], ...(cacheSavedUsdMicros === undefined ? {} : { cacheSavedUsdMicros }) };
}

function runningDetail({ open, keyLabel, story }: Extract<BuyerStory, { kind: 'running' }>, now: number): RequestDetail {
  const { admitted, soFar } = open;
  const tokens = soFar?.tokens ?? NO_TOKENS;
  return {
    request: {
      requestId: formatRequestId(admitted.requestId),
      buyerId: formatBuyerId(admitted.buyerId),
      keyId: formatKeyId(admitted.keyId),
      keyLabel,
      route: admitted.route,
      model: admitted.model,
      ...(Object.fromEntries(TOKEN_CLASSES.map((tokenClass) => [TOKEN_FIELDS[tokenClass], tokens[tokenClass]])) as Record<(typeof TOKEN_FIELDS)[keyof typeof TOKEN_FIELDS], number>),
      buyerChargeUsdMicros: soFar === null ? 0 : jsonMicros(soFar.charge),
      usageSource: 'none',
      status: 'running',
      httpStatus: 0,
      errorCode: null,
      flags: [],
      startedAt: isoTime(admitted.startedAt),
      durationMs: Math.max(0, now - admitted.startedAt),
      timeToFirstByteMs: null,
    },
    running: true,
    settledAt: null,
    responseModel: null,
    message: null,
    holdUsdMicros: jsonMicros(admitted.hold),
    releasedUsdMicros: null,
    excessUsdMicros: null,
    waitedMs: 0,
    outputTokensAfterDisconnect: null,
    receipt: null,
    explanation: story.map(paragraph),
  };
}

/** The receipt has the multiplication that stands below a charge; what stands below other texts belongs to them. */
function paragraph({ topic, text, rows = [] }: StoryStep): { topic: string; text: string } {
  return { topic, text: topic === 'charge' || rows.length === 0 ? text : `${text} ${rows.join('; ')}.` };
}
