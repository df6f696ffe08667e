/** Operations and their answers as binary records. Encoder and decoder of one thing stand together. */
import type { BuyerId, CardVersion, InstanceId, KeyId, RequestId, RouteId } from '../ids.ts';
import { micro, type MicroUsdc } from '../money.ts';
import type { QuoteBasis, TokenCounts, UsageSource } from '../tokens.ts';
import type { ChargeSplit, Deposit, Hold, Progress, RequestStatus } from './ledger.ts';
import { truncate, type Operation, type Outcome, type RequestRow, type SettlementRow } from './operations.ts';
import type { RecordReader, RecordWriter } from './record.ts';

const CODES = { hold: 1, settle: 2, progress: 3, refusal: 4, deposit: 5, touch: 6, endInstance: 7 } as const;

export function encodeOperation(w: RecordWriter, operation: Operation): void {
  w.number(CODES[operation.op]);
  switch (operation.op) {
    case 'hold':
      return encodeHold(w, operation.hold);
    case 'settle':
      w.number(operation.settlement.action === 'post' ? 1 : 0);
      w.big(operation.settlement.charge);
      encodeSplit(w, operation.settlement.split);
      return encodeRow(w, operation.settlement.record);
    case 'progress':
      return encodeProgress(w, operation.progress);
    case 'refusal':
      return encodeRow(w, operation.record);
    case 'deposit':
      return encodeDeposit(w, operation.deposit);
    case 'touch':
    case 'endInstance':
      return w.number(operation.instance);
  }
}

export function decodeOperation(r: RecordReader): Operation {
  const code = r.number();
  switch (code) {
    case CODES.hold:
      return { op: 'hold', hold: decodeHold(r) };
    case CODES.settle:
      return { op: 'settle', settlement: decodeSettlement(r) };
    case CODES.progress:
      return { op: 'progress', progress: decodeProgress(r) };
    case CODES.refusal:
      return { op: 'refusal', record: decodeRow(r) };
    case CODES.deposit:
      return { op: 'deposit', deposit: decodeDeposit(r) };
    case CODES.touch:
      return { op: 'touch', instance: r.number() as InstanceId };
    case CODES.endInstance:
      return { op: 'endInstance', instance: r.number() as InstanceId };
    default:
      throw new Error(`the ledger's ring holds an unknown operation ${code}`);
  }
}

function encodeHold(w: RecordWriter, h: Hold): void {
  w.big(h.requestId);
  w.number(h.buyerId);
  w.number(h.keyId);
  w.number(h.routeId);
  w.number(h.cardVersion);
  w.number(h.generation);
  w.word(truncate(h.model));
  w.big(h.amount);
  w.big(h.worstCase);
  w.word(h.quoteBasis);
  w.number(h.outputTokensMax);
  w.word(truncate(h.upstream));
  w.number(h.startedAt);
}

function decodeHold(r: RecordReader): Hold {
  return {
    requestId: r.big() as RequestId,
    buyerId: r.number() as BuyerId,
    keyId: r.number() as KeyId,
    routeId: r.number() as RouteId,
    cardVersion: r.number() as CardVersion,
    generation: r.number(),
    model: r.word() as string,
    amount: r.big() as MicroUsdc,
    worstCase: r.big() as MicroUsdc,
    quoteBasis: r.word() as QuoteBasis,
    outputTokensMax: r.number(),
    upstream: r.word() as string,
    startedAt: r.number(),
  };
}

function decodeSettlement(r: RecordReader): SettlementRow {
  const action = r.number() === 1 ? 'post' : 'void';
  return { action, charge: r.big() as MicroUsdc, split: decodeSplit(r), record: decodeRow(r) };
}

function encodeSplit(w: RecordWriter, { byClass, webSearch, cacheSaved }: ChargeSplit): void {
  w.big(byClass.input);
  w.big(byClass.output);
  w.big(byClass.cacheWrite5m);
  w.big(byClass.cacheWrite1h);
  w.big(byClass.cacheRead);
  w.big(webSearch);
  w.big(cacheSaved);
}

function decodeSplit(r: RecordReader): ChargeSplit {
  const amount = (): MicroUsdc => r.big() as MicroUsdc;
  const byClass = { input: amount(), output: amount(), cacheWrite5m: amount(), cacheWrite1h: amount(), cacheRead: amount() };
  return { byClass, webSearch: amount(), cacheSaved: amount() };
}

function encodeRow(w: RecordWriter, row: RequestRow): void {
  w.big(row.requestId);
  w.number(row.buyerId);
  w.number(row.keyId);
  w.numberOrNull(row.routeId);
  w.numberOrNull(row.cardVersion);
  w.word(row.model);
  w.word(row.responseModel);
  w.word(row.status);
  w.number(row.httpStatus);
  w.word(row.errorCode);
  encodeTokens(w, row.tokens);
  w.bigOrNull(row.listCost);
  w.numberOrNull(row.outputTokensMax);
  w.word(row.usageSource);
  w.word(row.quoteBasis);
  w.word(row.flags);
  w.text(row.detail);
  w.word(row.upstream);
  w.text(row.upstreamRequestId);
  w.number(row.attempts);
  w.number(row.startedAt);
  w.number(row.durationMs);
  w.numberOrNull(row.timeToFirstByteMs);
}

function decodeRow(r: RecordReader): RequestRow {
  return {
    requestId: r.big() as RequestId,
    buyerId: r.number() as BuyerId,
    keyId: r.number() as KeyId,
    routeId: r.numberOrNull() as RouteId | null,
    cardVersion: r.numberOrNull() as CardVersion | null,
    model: r.word(),
    responseModel: r.word(),
    status: r.word() as RequestStatus,
    httpStatus: r.number(),
    errorCode: r.word(),
    tokens: decodeTokens(r),
    listCost: r.bigOrNull() as MicroUsdc | null,
    outputTokensMax: r.numberOrNull(),
    usageSource: r.word() as UsageSource,
    quoteBasis: r.word() as QuoteBasis | null,
    flags: r.word(),
    detail: r.text(),
    upstream: r.word(),
    upstreamRequestId: r.text(),
    attempts: r.number(),
    startedAt: r.number(),
    durationMs: r.number(),
    timeToFirstByteMs: r.numberOrNull(),
  };
}

const orTruncated = (text: string | null): string | null => (text === null ? null : truncate(text));

function encodeTokens(w: RecordWriter, t: TokenCounts): void {
  w.number(t.input);
  w.number(t.output);
  w.number(t.cacheWrite5m);
  w.number(t.cacheWrite1h);
  w.number(t.cacheRead);
}

function decodeTokens(r: RecordReader): TokenCounts {
  return { input: r.number(), output: r.number(), cacheWrite5m: r.number(), cacheWrite1h: r.number(), cacheRead: r.number() };
}

function encodeProgress(w: RecordWriter, p: Progress): void {
  w.big(p.requestId);
  w.word(truncate(p.model));
  encodeTokens(w, p.tokens);
  w.number(p.deltaBytes);
  w.number(p.webSearchRequests);
  w.word(orTruncated(p.inferenceGeo));
  w.word(orTruncated(p.serviceTier));
}

function decodeProgress(r: RecordReader): Progress {
  return {
    requestId: r.big() as RequestId,
    model: r.word() as string,
    tokens: decodeTokens(r),
    deltaBytes: r.number(),
    webSearchRequests: r.number(),
    inferenceGeo: r.word(),
    serviceTier: r.word(),
  };
}

function encodeDeposit(w: RecordWriter, d: Deposit): void {
  w.number(d.buyerId);
  w.big(d.amount);
  w.word(d.kind);
  w.text(d.reference);
  w.text(orTruncated(d.reason));
}

function decodeDeposit(r: RecordReader): Deposit {
  return {
    buyerId: r.number() as BuyerId,
    amount: r.big() as MicroUsdc,
    kind: r.word() as Deposit['kind'],
    reference: r.text(),
    reason: r.text(),
  };
}

/** Words of an answer: its kind and tag, then up to five amounts. */
export const OUTCOME_WORDS = 6;
const OUTCOMES = { done: 0, created: 1, insufficientFunds: 2, stale: 3, posted: 4, voided: 5 } as const;

/** Writes the answers that are common on the hot path; false for the others, which travel as messages. */
export function encodeOutcome(w: RecordWriter, tag: number, outcome: Outcome): boolean {
  if (!(outcome.kind in OUTCOMES) || 'transferId' in outcome) return false;
  const kind = outcome.kind as keyof typeof OUTCOMES;
  w.pair(OUTCOMES[kind], tag);
  if ('balance' in outcome) {
    w.big(outcome.balance.balance);
    w.big(outcome.balance.held);
  }
  if (outcome.kind === 'posted') {
    w.big(outcome.debited);
    w.big(outcome.excess);
    w.big(outcome.shortfall);
  }
  return true;
}

export function decodeOutcome(r: RecordReader): { readonly tag: number; readonly outcome: Outcome } {
  const code = r.first();
  const tag = r.second();
  r.at++;
  if (code === OUTCOMES.done) return { tag, outcome: { kind: 'done' } };
  if (code === OUTCOMES.stale) return { tag, outcome: { kind: 'stale' } };
  const balance = { balance: micro(r.big()), held: micro(r.big()) };
  if (code === OUTCOMES.created) return { tag, outcome: { kind: 'created', balance } };
  if (code === OUTCOMES.insufficientFunds) return { tag, outcome: { kind: 'insufficientFunds', balance } };
  if (code === OUTCOMES.voided) return { tag, outcome: { kind: 'voided', balance } };
  return {
    tag,
    outcome: { kind: 'posted', debited: micro(r.big()), excess: micro(r.big()), shortfall: micro(r.big()), balance },
  };
}
