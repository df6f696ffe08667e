/** What costs nothing: `count_tokens`, passed on without a hold for buyers with a balance, and the models of a route, answered here. */
import { GatewayError } from '../errors.ts';
import type { BuyerId } from '../ids.ts';
import type { PricedModel } from '../metering/price-card.ts';
import { admitted } from './admit.ts';
import { checkDeclaredLength, readBody } from './body.ts';
import { keyDigest } from './credential.ts';
import type { Deps } from './deps.ts';
import { BODY_IDLE_TIMEOUT_MS, checkFunds, scanned, type MessagesCall } from './exchange.ts';
import { firstValue, responseHeaders } from './headers.ts';
import { operatorsFault } from './operators-fault.ts';
import { entryOf, modelOf, notOffered } from './place-hold.ts';
import { request, UpstreamUnanswered, type SmallAnswer } from './request-upstream.ts';
import { sendJson } from './respond.ts';

/** Claude Code's `/context` sends 25 at once; a buyer has room for that and a little more. */
const IN_FLIGHT_PER_BUYER = 64;

/** Bounds `count_tokens` per buyer, apart from messages. */
export type FreeInFlight = Map<BuyerId, number>;

type FreeCall = MessagesCall & { readonly publicId: string };

export async function countTokens(deps: Deps, inFlight: FreeInFlight, call: FreeCall): Promise<void> {
  const { settings } = deps;
  const limits = { bytesMax: settings.requestBodyBytesMax, idleTimeoutMs: BODY_IDLE_TIMEOUT_MS };
  const admission = admitted(deps.admitter.read(keyDigest(call.inbound.credentials), call.alias));
  const buyer = admission.buyerId;
  checkDeclaredLength(call.inbound, limits);
  checkFunds(deps, buyer);
  const running = inFlight.get(buyer) ?? 0;
  if (running >= IN_FLIGHT_PER_BUYER)
    throw new GatewayError('hold_timeout', `${IN_FLIGHT_PER_BUYER} count_tokens requests of yours are running; try again in a moment.`, { retryAfterSeconds: 1 });
  inFlight.set(buyer, running + 1);
  try {
    const body = await readBody({ ...call, buyer }, deps, limits);
    try {
      const facts = scanned(deps, body.bytes, settings);
      modelOf(admission, facts.model);
      const entry = entryOf(admission, settings);
      const gone = new AbortController();
      call.res.once('close', () => gone.abort());
      const answer = await request(entry, {
        path: `/v1/messages/count_tokens${call.query}`,
        headers: { ...call.inbound.forward, 'accept-encoding': 'identity' },
        body: body.bytes,
        timeoutMs: entry.limits.firstByteTimeoutMs,
        signal: gone.signal,
      }).catch(unanswered);
      passOn(deps, call, { ...answer, upstream: admission.route.upstream });
    } finally {
      deps.memory.release(buyer, body.reserved);
    }
  } finally {
    const left = (inFlight.get(buyer) ?? 1) - 1;
    if (left > 0) inFlight.set(buyer, left);
    else inFlight.delete(buyer);
  }
}

function unanswered(error: unknown): never {
  if (error instanceof UpstreamUnanswered && error.failure.kind === 'first_byte_timeout')
    throw new GatewayError('upstream_timeout', 'The upstream did not count the tokens in time.', { cause: error });
  throw new GatewayError('upstream_unreachable', 'The upstream could not be asked to count the tokens.', { cause: error });
}

function passOn(deps: Deps, { res, publicId }: FreeCall, answer: SmallAnswer & { readonly upstream: string }): void {
  if (res.destroyed) return;
  const rewritten = operatorsFault(answer.status, answer.body);
  if (rewritten) {
    deps.log.error('alert_upstream_refused', { requestId: publicId, upstream: answer.upstream, status: answer.status });
    throw rewritten;
  }
  if (!firstValue(answer.headers, 'content-type').toLowerCase().includes('json'))
    throw new GatewayError('upstream_broken', `The upstream answered ${answer.status} without a JSON document.`);
  res.writeHead(answer.status, { ...responseHeaders(answer.headers, publicId), 'content-length': answer.body.length });
  res.end(answer.body);
}

/** `GET /<alias>/v1/models[/{id}]`: the models of the route's price card, in the Messages API's shape. */
export function listModels(deps: Deps, call: Omit<MessagesCall, 'req'> & { publicId: string; modelId: string | null }): void {
  const admission = admitted(deps.admitter.read(keyDigest(call.inbound.credentials), call.alias));
  const { card } = admission.route;
  if (call.modelId !== null) {
    const model = card.byName.get(call.modelId);
    if (!model) throw new GatewayError('not_found', notOffered(admission, call.modelId));
    return sendJson(call.res, modelInfo(model), call.publicId);
  }
  sendJson(call.res, page(card.models.map(modelInfo), new URLSearchParams(call.query)), call.publicId);
}

type ModelInfo = ReturnType<typeof modelInfo>;

function modelInfo(model: PricedModel) {
  return {
    type: 'model',
    id: model.id,
    display_name: displayName(model.id),
    // The release date is not part of the price book; the API allows an epoch value where it is unknown.
    created_at: '1970-01-01T00:00:00Z',
    deprecated_at: null,
    lifecycle: 'active',
    line: null,
    capabilities: null,
    max_input_tokens: model.contextWindow,
    max_tokens: model.maxOutput,
  };
}

/** `claude-opus-4-6` → `Claude Opus 4.6`. */
function displayName(id: string): string {
  return id
    .replace(/-(\d+)-(\d{1,2})(?=$|-)/, '-$1.$2')
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
}

function limitOf(query: URLSearchParams): number {
  const given = query.get('limit') ?? '20';
  const limit = /^\d{1,4}$/.test(given) ? Number(given) : 0;
  if (limit >= 1 && limit <= 1000) return limit;
  throw new GatewayError('malformed_http', `limit: ${JSON.stringify(given.slice(0, 100))} is no whole number from 1 to 1000.`);
}

function page(all: readonly ModelInfo[], query: URLSearchParams) {
  const limit = limitOf(query);
  const after = all.findIndex((m) => m.id === query.get('after_id')) + 1;
  const before = all.findIndex((m) => m.id === query.get('before_id'));
  const window = all.slice(after, before < 0 ? undefined : before);
  const data = query.has('before_id') ? window.slice(-limit) : window.slice(0, limit);
  return { data, has_more: data.length < window.length, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
}
