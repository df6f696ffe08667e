/** What the engine applies in one transaction, and what it answers. */
import type { InstanceId } from '../ids.ts';
import { MICRO_USDC_MAX } from '../money.ts';
import { TOKEN_CLASSES, type TokenCounts } from '../tokens.ts';
import type { ChargeSplit, Deposit, DepositOutcome, Hold, HoldOutcome, Progress, RequestDetail, RequestRecord, Settlement, SettleOutcome } from './ledger.ts';

/** A `RequestRecord` as its table keeps it: flags as a JSON array, detail as a JSON object, null when there is none. */
export interface RequestRow extends Omit<RequestRecord, 'flags' | 'detail'> {
  readonly flags: string | null;
  readonly detail: string | null;
}

export interface SettlementRow extends Omit<Settlement, 'record'> {
  readonly record: RequestRow;
}

export type Operation =
  | { readonly op: 'hold'; readonly hold: Hold }
  | { readonly op: 'settle'; readonly settlement: SettlementRow }
  | { readonly op: 'progress'; readonly progress: Progress }
  | { readonly op: 'refusal'; readonly record: RequestRow }
  | { readonly op: 'deposit'; readonly deposit: Deposit }
  /** Writes the instance's row as it is: shows that a commit reaches the disk. */
  | { readonly op: 'touch'; readonly instance: InstanceId }
  /** Marks an instance as ended, unless something of it is still open. */
  | { readonly op: 'endInstance'; readonly instance: InstanceId };

/** Operations without an answer get `done`. */
export type Outcome = HoldOutcome | SettleOutcome | DepositOutcome | { readonly kind: 'done' };

/** The longest strings that are kept, in UTF-16 units: what an upstream or a client sends must not fill the disk. */
export const TEXT_MAX = 512;
/** Room for every part that the meter tells apart (33, their names of 100 units all escapes) and a message. */
export const DETAIL_MAX = 32_768;

/** Cuts a string without splitting a surrogate pair. */
export function truncate(text: string, max: number = TEXT_MAX): string {
  if (text.length <= max) return text;
  const last = text.charCodeAt(max - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? max - 1 : max);
}

export function requestRowOf(record: RequestRecord): RequestRow {
  return {
    ...record,
    startedAt: wholeMs(record.startedAt),
    durationMs: wholeMs(record.durationMs),
    timeToFirstByteMs: record.timeToFirstByteMs === null ? null : wholeMs(record.timeToFirstByteMs),
    model: record.model === null ? null : truncate(record.model),
    responseModel: record.responseModel === null ? null : truncate(record.responseModel),
    errorCode: record.errorCode === null ? null : truncate(record.errorCode),
    upstream: record.upstream === null ? null : truncate(record.upstream),
    upstreamRequestId: record.upstreamRequestId === null ? null : truncate(record.upstreamRequestId),
    flags: flagsText(record.flags),
    detail: record.detail === null ? null : detailText(record.detail),
  };
}

/** Differences of a monotonic clock have fractions, which the table does not take. */
function wholeMs(ms: number): number {
  return Math.max(0, Math.round(ms));
}

/** Throws `RangeError` rather than drop what a receipt is computed from; only the message is cut. */
function detailText(detail: RequestDetail): string {
  const text = JSON.stringify(detail.message === undefined ? detail : { ...detail, message: truncate(detail.message) });
  if (text.length > DETAIL_MAX) throw new RangeError(`a detail of ${text.length} characters is above the ${DETAIL_MAX} that a row can keep`);
  return text;
}

function flagsText(flags: readonly string[]): string | null {
  return flags.length === 0 ? null : JSON.stringify(flags.slice(0, 16).map((flag) => truncate(flag, 64)));
}

/** Throws `RangeError` for what no caller may send; such a bug must not reach the writer, where it would stop the process. */
export function assertHold(hold: Hold): void {
  assertAmount('hold', hold.amount);
  assertAmount('worst case', hold.worstCase);
  if (hold.worstCase < hold.amount) throw new RangeError(`a worst case of ${hold.worstCase} is below its hold of ${hold.amount} micro-USDC`);
  assertWhole('outputTokensMax', hold.outputTokensMax);
  assertWhole('startedAt', hold.startedAt);
}

export function assertSettlement({ action, charge, split, record }: Settlement): void {
  assertAmount('charge', charge);
  if (action === 'void' && charge !== 0n) throw new RangeError(`a void charges nothing, not ${charge}`);
  for (const name of TOKEN_CLASSES) assertAmount(`charge for ${name}`, split.byClass[name]);
  assertAmount('charge for web searches', split.webSearch);
  if (splitTotal(split) !== charge) throw new RangeError(`a charge of ${charge} micro-USDC is split into parts of ${splitTotal(split)}`);
  assertAmount('cache saving', split.cacheSaved < 0n ? 0n - split.cacheSaved : split.cacheSaved);
  assertRecord(record);
}

/** What the parts of a charge add up to. */
export function splitTotal({ byClass, webSearch }: ChargeSplit): bigint {
  return byClass.input + byClass.output + byClass.cacheWrite5m + byClass.cacheWrite1h + byClass.cacheRead + webSearch;
}

export function assertRecord(record: RequestRecord): void {
  assertTokens(record.tokens);
  if (record.listCost !== null) assertAmount('list cost', record.listCost);
  if (record.outputTokensMax !== null) assertWhole('outputTokensMax', record.outputTokensMax);
  assertWhole('httpStatus', record.httpStatus);
  assertWhole('attempts', record.attempts);
  for (const ms of [record.startedAt, record.durationMs, record.timeToFirstByteMs ?? 0])
    if (!Number.isFinite(ms)) throw new RangeError(`a time must be a number of milliseconds, not ${ms}`);
}

export function assertProgress({ tokens, deltaBytes, webSearchRequests }: Progress): void {
  assertTokens(tokens);
  assertWhole('webSearchRequests', webSearchRequests);
  assertWhole('deltaBytes', deltaBytes);
}

export function assertDeposit({ kind, amount, reference, reason }: Deposit): void {
  const size = amount < 0n ? 0n - amount : amount;
  if (size === 0n || size > MICRO_USDC_MAX) throw new RangeError(`a ${kind} of ${amount} micro-USDC is outside 1 to ${MICRO_USDC_MAX}`);
  if (kind === 'deposit' && amount < 0n) throw new RangeError(`a deposit must be above zero; make it an adjustment`);
  // A reference is the deposit's identity, so a long one is refused rather than cut.
  if (reference !== null && (reference.length === 0 || reference.length > TEXT_MAX))
    throw new RangeError(`a reference has 1 to ${TEXT_MAX} characters, not ${reference.length}`);
  if (kind === 'adjust' && !reason) throw new RangeError('an adjustment needs a reason');
}

function assertTokens(tokens: TokenCounts): void {
  for (const name of TOKEN_CLASSES) assertWhole(name, tokens[name]);
}

function assertWhole(what: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${what} must be a whole number from 0, not ${value}`);
}

function assertAmount(what: string, amount: bigint): void {
  if (amount < 0n || amount > MICRO_USDC_MAX) throw new RangeError(`a ${what} of ${amount} micro-USDC is outside 0 to ${MICRO_USDC_MAX}`);
}
