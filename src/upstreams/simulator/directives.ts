/**
 * Orders to the simulator inside a request, for tests and demos. They stand in the last user message, or, for
 * `simulate`, also in `metadata.user_id`; the gateway passes both through unchanged.
 *
 *   [[simulate {"outputTokens":300,"tokensPerSecond":50,"failure":"cut"}]]
 *   [[tool:Bash {"command":"echo hi"}]]
 *
 * `simulate` takes each knob of `SimulatorKnobs` for this one request, and besides
 *   text               answer exactly this
 *   thinkingTokens     think this much, if thinking is asked for
 *   webSearches        search so often, if the tool is offered
 *   failAfterTokens    output tokens before a `cut` or `stall` (otherwise half of them)
 *   retryAfterSeconds  the header of a `status` failure
 *   responseModel      the model that the response names
 * `tool` makes the answer call that tool, if it is offered; several make several calls.
 */
import type { SimulatorKnobs } from '../../config.ts';
import { SIMULATOR_FAILURES } from '../../config/simulator-failures.ts';
import { badRequest } from './api-error.ts';
import { isObject, lastUserMessage, messageText, type Json, type JsonObject, type MessagesRequest } from './messages-request.ts';

export interface Orders {
  readonly knobs: SimulatorKnobs;
  readonly text: string | null;
  readonly thinkingTokens: number | null;
  readonly webSearches: number | null;
  readonly failAfterTokens: number | null;
  readonly retryAfterSeconds: number | null;
  readonly responseModel: string | null;
}

export interface ToolOrder {
  readonly name: string;
  readonly input: JsonObject;
}

const NUMBERS = [
  'delayMs',
  'tokensPerSecond',
  'outputTokens',
  'failureShare',
  'failureStatus',
  'thinkingTokens',
  'webSearches',
  'failAfterTokens',
  'retryAfterSeconds',
];

/** The knobs of the configuration, changed by what the request orders. Throws an `ApiError` for an order it cannot read. */
export function ordersOf(request: MessagesRequest, configured: SimulatorKnobs): Orders {
  const order = { ...simulateIn(userIdOf(request)), ...simulateIn(messageText(lastUserMessage(request))) };
  for (const [key, value] of Object.entries(order)) checkOrder(key, value);
  const number = (key: string): number | null => (order[key] as number | undefined) ?? null;
  const text = (key: string): string | null => (order[key] as string | undefined) ?? null;
  return {
    knobs: {
      delayMs: number('delayMs') ?? configured.delayMs,
      tokensPerSecond: number('tokensPerSecond') ?? configured.tokensPerSecond,
      outputTokens: number('outputTokens') ?? configured.outputTokens,
      failure: (order.failure as SimulatorKnobs['failure'] | undefined) ?? configured.failure,
      failureShare: number('failureShare') ?? (order.failure === undefined ? configured.failureShare : 1),
      failureStatus: number('failureStatus') ?? configured.failureStatus,
    },
    text: text('text'),
    thinkingTokens: number('thinkingTokens'),
    webSearches: number('webSearches'),
    failAfterTokens: number('failAfterTokens'),
    retryAfterSeconds: number('retryAfterSeconds'),
    responseModel: text('responseModel'),
  };
}

function userIdOf(request: MessagesRequest): string {
  const { metadata } = request.body;
  return isObject(metadata) && typeof metadata.user_id === 'string' ? metadata.user_id : '';
}

function simulateIn(text: string): JsonObject {
  return directivesIn(text, 'simulate').reduce((all, { json }) => ({ ...all, ...json }), {});
}

function checkOrder(key: string, value: Json | undefined): void {
  const bad = (expected: string): never => {
    throw badRequest(`[[simulate]]: ${key}: ${expected}`);
  };
  if (NUMBERS.includes(key)) {
    if (typeof value !== 'number' || value < 0) bad('must be a number, 0 or more');
    if (key === 'failureStatus' && (value as number) % 1 !== 0) bad('must be a whole number');
    if (key === 'failureStatus' && ((value as number) < 400 || (value as number) > 599)) bad('must be from 400 to 599');
  } else if (key === 'text' || key === 'responseModel') {
    if (typeof value !== 'string' || value === '') bad('must be a text that is not empty');
  } else if (key === 'failure') {
    if (!SIMULATOR_FAILURES.some((failure) => failure === value)) bad(`must be one of ${SIMULATOR_FAILURES.join(', ')}`);
  } else bad(`unknown; known are failure, ${NUMBERS.join(', ')}, text, responseModel`);
}

/** Calls that the text orders of tools, offered or not. */
export function toolOrdersIn(text: string): ToolOrder[] {
  return directivesIn(text, 'tool:').map(({ word, json }) => ({ name: word, input: json }));
}

/** Finds `[[<prefix><word> {json}]]`. The JSON may itself contain `]]`: the first end that parses is taken. */
function directivesIn(text: string, prefix: string): { word: string; json: JsonObject }[] {
  const found: { word: string; json: JsonObject }[] = [];
  const opening = `[[${prefix}`;
  for (let start = text.indexOf(opening); start !== -1; start = text.indexOf(opening, start + 1)) {
    const word = /^[A-Za-z0-9_-]*/.exec(text.slice(start + opening.length, start + opening.length + 200))?.[0] ?? '';
    found.push({ word, json: jsonUpToEnd(text, start + opening.length + word.length, `[[${prefix}${word}`) });
  }
  return found;
}

function jsonUpToEnd(text: string, from: number, opening: string): JsonObject {
  for (let end = text.indexOf(']]', from); end !== -1; end = text.indexOf(']]', end + 1)) {
    try {
      const value = JSON.parse(text.slice(from, end).trim() || '{}') as Json;
      if (isObject(value)) return value;
    } catch {
      // This end lies inside a string of the JSON; the next one may be the right one.
    }
    if (end - from > 100_000) break;
  }
  throw badRequest(`${opening} …: a JSON object and ]] must follow, as in ${opening} {"a":1}]]`);
}
