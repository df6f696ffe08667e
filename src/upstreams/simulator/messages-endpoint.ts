/** `POST /v1/messages` and `/v1/messages/count_tokens` of the simulator. */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { SimulatorKnobs } from '../../config.ts';
import { answerTo, type Answer } from './answer.ts';
import { ApiError } from './api-error.ts';
import { ordersOf, type Orders } from './directives.ts';
import { messageDocument, type MessageFrame } from './message-document.ts';
import { messageEvents } from './message-events.ts';
import { parseMessagesRequest, type MessagesRequest } from './messages-request.ts';
import { deltaUsage, finalUsage, startUsage, type UsageContext } from './message-usage.ts';
import { promptBlocks, promptTokens } from './prompt-blocks.ts';
import type { PromptCache } from './prompt-cache.ts';
import { fail, sendStream, sleepWhileOpen } from './send-stream.ts';

/** What one simulator remembers between requests. */
export interface SimulatorState {
  readonly knobs: SimulatorKnobs;
  readonly cache: PromptCache;
  readonly newId: (prefix: string) => string;
  /** True for the share of calls that shall fail, evenly spread. */
  readonly failsNow: (share: number) => boolean;
}

export interface SimulatedCall {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly response: ServerResponse;
}

const WRONG_MODEL = 'claude-wrong-model-1';
const RETRYABLE = new Set([408, 429, 503, 529]);

export function countTokens(call: SimulatedCall): string {
  const request = parseMessagesRequest(call.body, call.headers, true);
  return JSON.stringify({ input_tokens: promptTokens(promptBlocks(request)) });
}

export async function answerMessages(state: SimulatorState, call: SimulatedCall): Promise<void> {
  const request = parseMessagesRequest(call.body, call.headers, false);
  const orders = ordersOf(request, state.knobs);
  const blocks = promptBlocks(request);
  refuseTooLong(request.model, promptTokens(blocks));
  await sleepWhileOpen(call.response, orders.knobs.delayMs);
  const failure = state.failsNow(orders.knobs.failureShare) ? orders.knobs.failure : 'none';
  if (failure === 'status') throw statusFailure(orders);
  if (call.response.destroyed) return;
  const answer = answerTo(request, { orders, inputTokens: promptTokens(blocks), newId: state.newId });
  const usage: UsageContext = {
    cache: state.cache.use(request.model, blocks),
    answer,
    inferenceGeo: typeof request.body.inference_geo === 'string' ? request.body.inference_geo : 'global',
    malformed: failure === 'malformed_usage',
  };
  const model = orders.responseModel ?? (failure === 'wrong_model' ? WRONG_MODEL : request.model);
  const breakOff = failure === 'cut' || failure === 'stall' ? failure : null;
  await send({ request, orders, answer, usage, frame: { id: state.newId('msg_'), model }, breakOff, response: call.response });
}

/** The context windows of the real models: a hold by the window is enough only where nothing above it is answered. */
function refuseTooLong(model: string, tokens: number): void {
  const window = model.startsWith('claude-haiku') ? 200_000 : 1_000_000;
  if (tokens > window) throw new ApiError(400, `prompt is too long: ${tokens} tokens > ${window} maximum`);
}

function statusFailure(orders: Orders): ApiError {
  const status = orders.knobs.failureStatus;
  const seconds = orders.retryAfterSeconds ?? (RETRYABLE.has(status) ? 1 : null);
  return new ApiError(status, `Simulated failure with status ${status}`, seconds === null ? {} : { retryAfterSeconds: seconds });
}

interface Delivery {
  readonly request: MessagesRequest;
  readonly orders: Orders;
  readonly answer: Answer;
  readonly usage: UsageContext;
  readonly frame: MessageFrame;
  readonly breakOff: 'cut' | 'stall' | null;
  readonly response: ServerResponse;
}

async function send(delivery: Delivery): Promise<void> {
  const { request, orders, answer, usage, frame, breakOff, response } = delivery;
  const { tokensPerSecond } = orders.knobs;
  if (request.stream) {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
    const pieces = messageEvents({ frame, answer, startUsage: startUsage(usage), deltaUsage: deltaUsage(usage) });
    const afterTokens = orders.failAfterTokens ?? answer.outputTokens / 2;
    return sendStream(response, pieces, { tokensPerSecond, failure: breakOff && { kind: breakOff, afterTokens } });
  }
  const whole = messageDocument(frame, answer, finalUsage(usage));
  if (tokensPerSecond > 0 && tokensPerSecond < Infinity) await sleepWhileOpen(response, (answer.outputTokens / tokensPerSecond) * 1_000);
  if (response.destroyed) return;
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(whole) });
  if (breakOff) await fail(response, whole.slice(0, whole.length / 2), breakOff);
  else response.end(whole);
}
