/**
 * The life of one `POST /<alias>/v1/messages`, from top to bottom: admit, read, scan, hold, deliver, settle.
 * What is refused on the way gets an answer in words and, once its key is known, a row.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError } from '../errors.ts';
import { formatRequestId, type BuyerId, type RequestId } from '../ids.ts';
import type { RequestRecord } from '../ledger/ledger.ts';
import { scanRequest } from '../metering/request.ts';
import type { RequestFacts } from '../metering/request-facts.ts';
import { NO_TOKENS } from '../tokens.ts';
import type { Admission } from '../registry/registry.ts';
import { admitted } from './admit.ts';
import { checkDeclaredLength, ClientGone, readBody, type BodyLimits } from './body.ts';
import { keyDigest } from './credential.ts';
import { Delivery } from './delivery.ts';
import type { Deps, Settings } from './deps.ts';
import { ExchangeState } from './exchange-state.ts';
import type { Inbound } from './headers.ts';
import { placeHold } from './place-hold.ts';
import { sendError } from './respond.ts';
import type { Running } from './running.ts';

export const BODY_IDLE_TIMEOUT_MS = 10_000;
/** A body above this is read only for a key that is good now, not for one that is remembered as good. */
const REMEMBERED_BODY_BYTES_MAX = 1024 * 1024;

export interface MessagesCall {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly inbound: Inbound;
  readonly alias: string;
  /** The client's query string with its `?`, or empty. */
  readonly query: string;
}

export async function exchange(deps: Deps, running: Running, call: MessagesCall): Promise<void> {
  const begun: Begun = { requestId: deps.newRequestId(), startedAt: Date.now(), startedMono: performance.now(), digest: '', admission: null, model: null };
  try {
    await run(deps, running, call, begun);
  } catch (error) {
    refuse(deps, call, begun, error);
  }
}

/** What is known when a request is refused. */
interface Begun {
  readonly requestId: RequestId;
  readonly startedAt: number;
  readonly startedMono: number;
  digest: string;
  admission: Admission | null;
  model: string | null;
}

/** Everything up to the hold on disk, then the delivery. */
async function run(deps: Deps, running: Running, call: MessagesCall, begun: Begun): Promise<void> {
  const { settings } = deps;
  const limits: BodyLimits = { bytesMax: settings.requestBodyBytesMax, idleTimeoutMs: BODY_IDLE_TIMEOUT_MS };
  const digest = keyDigest(call.inbound.credentials);
  const admission = admitted(isSmall(call.inbound) ? deps.admitter.admit(digest, call.alias) : deps.admitter.read(digest, call.alias));
  begun.digest = digest;
  begun.admission = admission;
  checkDeclaredLength(call.inbound, limits);
  // What the last hold told is enough to go on: the hold's own transaction decides.
  if (!deps.funded.has(admission.buyerId)) checkFunds(deps, admission.buyerId);
  const body = await readBody({ ...call, buyer: admission.buyerId }, deps, limits);
  try {
    const facts = scanned(deps, body.bytes, settings);
    begun.model = facts.model;
    const { requestId, startedAt, startedMono } = begun;
    const headers = { ...call.inbound.forward, 'accept-encoding': 'identity' };
    const abandoned = (): boolean => call.res.destroyed;
    const placed = await placeHold(deps, {
      requestId, startedAt, digest, alias: call.alias, admission, facts, body: body.bytes, headers, settings, abandoned,
    });
    deps.funded.add(admission.buyerId);
    const x = new ExchangeState({ deps, res: call.res, settings, requestId, startedAt, startedMono, facts, placed, traceparent: call.inbound.traceparent });
    const delivery = new Delivery(x, { path: `/v1/messages${call.query}`, headers, body: body.bytes });
    await running.run(delivery);
  } finally {
    deps.memory.release(admission.buyerId, body.reserved);
  }
}

/** Refuses before the body is read when the buyer's balance is empty. */
export function checkFunds(deps: Deps, buyer: BuyerId): void {
  const balance = deps.ledger.balance(buyer);
  if (balance && balance.balance > 0n) return;
  throw new GatewayError('insufficient_funds', 'The balance is empty; 0.000000 USDC is available. Requests are refused until it is topped up.');
}

/** The facts of a body that can be metered; errors `malformed_body`, `not_meterable`, `thread_unsupported`. */
export function scanned(deps: Deps, body: Buffer, settings: Settings): RequestFacts {
  const scan = scanRequest(body, settings.allow, deps.scanMemory);
  switch (scan.kind) {
    case 'ok':
      return scan.facts;
    case 'malformed':
      throw new GatewayError('malformed_body', scan.message);
    case 'refused':
      throw new GatewayError(scan.code, scan.message, scan.code === 'thread_unsupported' ? { details: THREAD_DETAILS } : {});
  }
}

/** What makes the official SDK's tool runner go on without threads. */
const THREAD_DETAILS = { error_code: 'thread_unsupported_request' } as const;

function isSmall({ contentLength, contentEncoding }: Inbound): boolean {
  return contentLength !== null && contentLength <= REMEMBERED_BODY_BYTES_MAX && contentEncoding === null;
}

function refuse(deps: Deps, call: MessagesCall, begun: Begun, error: unknown): void {
  if (error instanceof ClientGone) return;
  const publicId = formatRequestId(begun.requestId);
  const told = toldTo(deps, call, begun, error);
  if (!(error instanceof GatewayError)) deps.log.error('alert_exchange_failed', { requestId: publicId, error: String((error as Error).stack ?? error) });
  sendError(call.res, told, publicId);
  const record = begun.admission && refusal(begun, begun.admission, told);
  deps.observer.requestEnded({
    requestId: publicId,
    route: begun.admission?.route.alias ?? null,
    model: begun.admission?.route.card.byName.get(begun.model ?? '')?.id ?? null,
    httpStatus: told.status,
    errorCode: told.code,
    startedAt: begun.startedAt,
    durationMs: Math.round(performance.now() - begun.startedMono),
    traceparent: call.inbound.traceparent,
    settled: null,
    record,
  });
  if (!record) return;
  if (told.code === 'insufficient_funds') deps.funded.delete(record.buyerId);
  deps.ledger.recordRefusal(record);
}

/**
 * What the caller hears. What was remembered of its key is no reason to tell it more than that the key is not good: no
 * hold has compared it, so it is read again.
 */
function toldTo(deps: Deps, call: MessagesCall, begun: Begun, error: unknown): GatewayError {
  try {
    if (begun.admission) begun.admission = admitted(deps.admitter.read(begun.digest, call.alias));
  } catch (refused) {
    if (refused instanceof GatewayError) {
      begun.admission = null;
      return refused;
    }
    // The database cannot be read: the error that there was is told.
  }
  if (error instanceof GatewayError) return error;
  return new GatewayError('internal', 'The gateway failed to handle this request; nothing was charged.', { cause: error });
}

function refusal(begun: Begun, admission: Admission, error: GatewayError): RequestRecord {
  return {
    requestId: begun.requestId,
    buyerId: admission.buyerId,
    keyId: admission.keyId,
    routeId: admission.route.id,
    cardVersion: admission.route.card.version,
    model: begun.model?.slice(0, 128) ?? null,
    responseModel: null,
    status: 'refused',
    httpStatus: error.status,
    errorCode: error.code,
    tokens: NO_TOKENS,
    listCost: null,
    outputTokensMax: null,
    usageSource: 'none',
    quoteBasis: null,
    flags: [],
    detail: { message: error.message.slice(0, 500) },
    upstream: null,
    upstreamRequestId: null,
    attempts: 0,
    startedAt: begun.startedAt,
    durationMs: Math.round(performance.now() - begun.startedMono),
    timeToFirstByteMs: null,
  };
}
