import { createRoute, z } from '@hono/zod-openapi';
import { createTryKey, endTryKey } from '../../actions/try-keys.ts';
import type { Db } from '../../db/open.ts';
import { parseRequestId, type BuyerId, type KeyId } from '../../ids.ts';
import { routesForBuyer } from '../../registry/routes.ts';
import { findRequest } from '../../reports/requests.ts';
import type { ApiApp, ApiDeps } from '../api-app.ts';
import { ApiError } from '../api-error.ts';
import { createRateLimit } from '../rate-limit.ts';
import { BUYER_SECURITY, jsonBody, refusals, serve, TAGS } from '../route-parts.ts';
import { tryBody, type TryBill } from '../schemas/buyer.ts';
import { callingBuyer, enabledBuyer, notThere } from './calling-buyer.ts';
import { requestSummaryOf } from './request-document.ts';
import { tryBudget } from './try-budget.ts';
import { refusalWords, sendTry } from './try-request.ts';
import { tryStream } from './try-stream.ts';

const MINUTE_MS = 60_000;
/** However slow the reader is. */
const LASTS_MAX_MS = 3 * MINUTE_MS;
/** A request that was cut short is settled some moments after its response ended. */
const BILL_WAIT_MS = 3_000;

const route = createRoute({
  method: 'post',
  path: '/buyer/try',
  tags: [TAGS.routes],
  summary: 'Ask a model one question, for at most 0.02 USDC',
  description:
    "Makes a real request on your account, with a key that exists for it alone. Answers with the Messages API's own events as they come, then `event: ainogap.bill` with " +
    '`{"requestId", "request"}`: what it cost, by class. One at a time, ten a minute. It streams, so it takes no Idempotency-Key: each call is a request of its own.',
  security: BUYER_SECURITY,
  request: { body: jsonBody(tryBody) },
  responses: { 200: { description: 'Server-sent events.', content: { 'text/event-stream': { schema: z.string() } } }, ...refusals('forbidden', 'wrong_origin', 'body_too_large', 'not_found', 'refused', 'too_many_attempts') },
});

export function registerTry(app: ApiApp, deps: ApiDeps): void {
  const limit = createRateLimit({ most: 10, perMs: MINUTE_MS, words: 'ten requests a minute can be tried here' });
  const running = new Set<BuyerId>();
  serve(app, route, async (c) => {
    const { id: buyerId } = enabledBuyer(deps.db, callingBuyer(c), 'try requests');
    const asked = c.req.valid('json');
    const body = requestBody(deps.db, buyerId, asked);
    if (running.has(buyerId)) throw new ApiError('too_many_attempts', 'One request is being tried already; wait until it has ended.', { retryAfterSeconds: 5 });
    limit(buyerId, deps.now());
    running.add(buyerId);
    const { key, secret } = begun(deps, buyerId, () => running.delete(buyerId));
    const finish = (): void => {
      running.delete(buyerId);
      ended(deps, key.id);
    };
    return ask({ deps, alias: asked.route, key: secret, body, left: c.req.raw.signal, finish });
  });
}

function begun(deps: ApiDeps, buyerId: BuyerId, undo: () => void): ReturnType<typeof createTryKey> {
  try {
    return createTryKey(deps.db, { buyerId, now: deps.now() });
  } catch (error) {
    undo();
    throw error;
  }
}

/** Runs in streams' ends, where nobody could be told of a failure; a key that is left is ended by its age. */
function ended(deps: ApiDeps, keyId: KeyId): void {
  try {
    endTryKey(deps.db, keyId, deps.now());
  } catch (error) {
    deps.log.warn('try_key_left', { key: keyId, message: String(error) });
  }
}

/** Throws `not_found`, `invalid_request` or `refused`. */
function requestBody(db: Db, buyerId: BuyerId, { route: alias, model: name, prompt }: z.output<typeof tryBody>): string {
  const found = routesForBuyer(db, buyerId).find((one) => one.alias === alias);
  if (found === undefined) throw notThere('route');
  const { card } = found.card;
  const model = card.byName.get(name);
  if (model === undefined) throw new ApiError('invalid_request', `model: the route ${alias} has no model "${name}"; it has ${card.models.map(({ id }) => id).join(', ')}.`, { details: { parameter: 'model' } });
  const withTokens = (tokens: number): string => JSON.stringify({ model: name, max_tokens: tokens, stream: true, messages: [{ role: 'user', content: prompt }] });
  const budget = tryBudget({ card, model, body: withTokens(999) });
  if (!budget.ok) throw new ApiError('refused', budget.reason);
  return withTokens(budget.maxTokens);
}

interface Asking {
  readonly deps: ApiDeps;
  readonly alias: string;
  readonly key: string;
  readonly body: string;
  /** The client has left. */
  readonly left: AbortSignal;
  readonly finish: () => void;
}

async function ask({ deps, alias, key, body, left, finish }: Asking): Promise<Response> {
  const signal = AbortSignal.any([left, AbortSignal.timeout(LASTS_MAX_MS)]);
  try {
    const response = await sendTry({ dataPlane: deps.plan().dataPlane, alias, key, body, signal });
    const requestId = String(response.headers['x-ainogap-request-id'] ?? '');
    if (response.statusCode !== 200) {
      const status = response.statusCode ?? 0;
      throw new ApiError(status >= 500 ? 'unavailable' : 'refused', await refusalWords(response), { details: { httpStatus: status, requestId } });
    }
    const stream = tryStream({ response, finish, bill: () => billOf(deps.db, requestId) });
    return new Response(stream, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-ainogap-request-id': requestId } });
  } catch (error) {
    finish();
    if (error instanceof ApiError) throw error;
    deps.log.warn('try_failed', { message: (error as Error).message });
    throw new ApiError('unavailable', 'The gateway could not be asked just now; try again.', { retryAfterSeconds: 2 });
  }
}

async function billOf(db: Db, requestId: string): Promise<TryBill> {
  const id = parseRequestId(requestId);
  for (const until = Date.now() + BILL_WAIT_MS; id !== null; ) {
    const entry = findRequest(db, id);
    if (entry !== null) return { requestId, request: requestSummaryOf(entry) };
    if (Date.now() > until) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { requestId, request: null };
}
