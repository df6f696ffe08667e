/** Writes requests through the real ledger engine: hold and settlement, as the data plane would. */
import type { Db } from '../../src/db/open.ts';
import { createRequestIds } from '../../src/ids.ts';
import type { BuyerId, InstanceId, KeyId, RequestId, RouteId } from '../../src/ids.ts';
import { createEngine } from '../../src/ledger/engine.ts';
import { NO_SPLIT, type ChargeSplit, type RequestRecord } from '../../src/ledger/ledger.ts';
import { requestRowOf } from '../../src/ledger/operations.ts';
import { createPriceBook } from '../../src/metering/price-book.ts';
import { settlementAmounts } from '../../src/metering/settlement-amounts.ts';
import { micro } from '../../src/money.ts';
import type { MicroUsdc } from '../../src/money.ts';
import { findRoute } from '../../src/registry/routes.ts';
import { addTokens, NO_TOKENS } from '../../src/tokens.ts';
import type { Usage, UsagePart } from '../../src/tokens.ts';

export interface SettledRequest {
  readonly route: string;
  readonly at: number;
  readonly model?: string;
  readonly parts?: readonly UsagePart[];
  readonly webSearchRequests?: number;
  readonly inferenceGeo?: string;
  readonly serviceTier?: string;
  /** By default what the usage costs. */
  readonly charge?: MicroUsdc;
  readonly hold?: MicroUsdc;
  readonly record?: Partial<RequestRecord>;
}

const INSTANCE = 1 as InstanceId;

/** The buyer is 1 with key 1; it needs the money. Returns the request's id. */
export function settleRequest(db: Db, request: SettledRequest): RequestId {
  const route = findRoute(db, request.route);
  if (route === null) throw new Error(`no route ${request.route}`);
  const { card } = route.card;
  const model = request.model ?? 'claude-opus-4-6';
  const requestedModel = card.byName.get(model);
  if (requestedModel === undefined) throw new Error(`no model ${model}`);
  const parts = request.parts ?? [{ model, tokens: NO_TOKENS }];
  const { webSearchRequests = 0, inferenceGeo = null, serviceTier = null } = request;
  const usage: Usage = { parts, webSearchRequests, inferenceGeo, serviceTier };
  const inputs = { usage, card, requestedModel };
  const priced = settlementAmounts(request.charge === undefined ? inputs : { ...inputs, capAt: request.charge }, createPriceBook([]));
  const charge = request.charge ?? priced.total;
  const requestId = createRequestIds(INSTANCE, () => request.at)();
  const ids = { requestId, buyerId: 1 as BuyerId, keyId: 1 as KeyId, routeId: route.id as RouteId, cardVersion: card.version };
  const record: RequestRecord = {
    ...ids,
    model,
    responseModel: parts[0]?.model ?? model,
    status: 'completed',
    httpStatus: 200,
    errorCode: null,
    tokens: parts.map((part) => part.tokens).reduce(addTokens),
    listCost: priced.listCost,
    outputTokensMax: 1000,
    usageSource: 'reported',
    quoteBasis: 'bytes',
    flags: [],
    detail: {
      ...(parts.length > 1 ? { parts } : {}),
      ...(webSearchRequests > 0 ? { webSearchRequests } : {}),
      ...(inferenceGeo === null ? {} : { inferenceGeo }),
      ...(serviceTier === null ? {} : { serviceTier }),
    },
    upstream: 'anthropic',
    upstreamRequestId: 'req_upstream1',
    attempts: 1,
    startedAt: request.at,
    durationMs: 842,
    timeToFirstByteMs: 120,
    ...request.record,
  };
  const generation = db.prepare('SELECT value FROM registry_generation').pluck().get() as number;
  const hold = {
    ...ids,
    generation,
    model,
    amount: request.hold ?? charge,
    worstCase: request.hold ?? charge,
    quoteBasis: 'bytes' as const,
    outputTokensMax: 1000,
    upstream: 'anthropic',
    startedAt: request.at,
  };
  const engine = createEngine(db, { instance: INSTANCE, now: () => request.at + 842 });
  const [held, settled] = engine.apply([
    { op: 'hold', hold },
    { op: 'settle', settlement: { action: charge === 0n ? 'void' : 'post', charge: micro(charge), split: splitOf(charge, priced), record: requestRowOf(record) } },
  ]);
  if (held?.kind !== 'created' || (settled?.kind !== 'posted' && settled?.kind !== 'voided'))
    throw new Error(`hold ${held?.kind}, settle ${settled?.kind}`);
  return requestId;
}

/** A charge that is above what the usage costs is no split of it: then the difference counts as output. */
function splitOf(charge: bigint, { total, split }: ReturnType<typeof settlementAmounts>): ChargeSplit {
  if (charge === 0n) return NO_SPLIT;
  return { ...split, byClass: { ...split.byClass, output: micro(split.byClass.output + charge - total) } };
}

export function recordRefusal(db: Db, options: { at: number; code: string }): RequestId {
  const requestId = createRequestIds(INSTANCE, () => options.at)();
  const record: RequestRecord = {
    requestId,
    buyerId: 1 as BuyerId,
    keyId: 1 as KeyId,
    routeId: null,
    cardVersion: null,
    model: null,
    responseModel: null,
    status: 'refused',
    httpStatus: 404,
    errorCode: options.code,
    tokens: NO_TOKENS,
    listCost: null,
    outputTokensMax: null,
    usageSource: 'none',
    quoteBasis: null,
    flags: [],
    detail: null,
    upstream: null,
    upstreamRequestId: null,
    attempts: 0,
    startedAt: options.at,
    durationMs: 1,
    timeToFirstByteMs: null,
  };
  createEngine(db, { instance: INSTANCE, now: () => options.at }).apply([{ op: 'refusal', record: requestRowOf(record) }]);
  return requestId;
}
