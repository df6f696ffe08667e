/** Which tools the simulated model calls, and with what. */
import { toolOrdersIn, type ToolOrder } from './directives.ts';
import { isObject, lastUserMessage, messageText, textOr, type JsonObject, type MessagesRequest } from './messages-request.ts';
import { sampleOf } from './schema-sample.ts';

/** With more tools than this, as in Claude Code, only an order or "use NAME" calls one: words would match by chance. */
const GUESS_AMONG_TOOLS_MAX = 8;

/**
 * Calls by `tool_choice`, by `[[tool:NAME {…}]]`, by "use NAME" in the user's words, or, among few tools, when all
 * words of a tool's name occur in them. A message that brings tool results is answered in text.
 */
export function toolCallsFor(request: MessagesRequest): ToolOrder[] {
  const offered = request.tools.filter(isClientTool);
  const message = lastUserMessage(request);
  const words = messageText(message);
  const orders = toolOrdersIn(words).filter((order) => offered.some((tool) => tool.name === order.name));
  const choice = isObject(request.body.tool_choice) ? request.body.tool_choice : {};
  if (choice.type === 'none' || offered.length === 0) return [];
  const forced = choice.type === 'tool' ? offered.find((tool) => tool.name === choice.name) : undefined;
  if (forced) return [orders.find((order) => order.name === forced.name) ?? callOf(forced, words)];
  const answersTools = message?.content.some((block) => block.type === 'tool_result') ?? false;
  const named = answersTools ? [] : offered.filter((tool) => asksFor(words, textOr(tool.name), offered.length));
  const calls = orders.length > 0 && !answersTools ? orders : named.map((tool) => callOf(tool, words));
  const [first] = offered;
  if (calls.length === 0 && choice.type === 'any' && first) return [callOf(first, words)];
  return choice.disable_parallel_tool_use === true ? calls.slice(0, 1) : calls;
}

/** Server tools such as web search are run by the upstream itself. */
function isClientTool(tool: JsonObject): boolean {
  return typeof tool.name === 'string' && !/^(?:web_search|web_fetch|code_execution|tool_search|advisor)_/.test(textOr(tool.type));
}

function callOf(tool: JsonObject, words: string): ToolOrder {
  const schema = isObject(tool.input_schema) ? tool.input_schema : { type: 'object' };
  const input = sampleOf(schema, words);
  return { name: textOr(tool.name), input: isObject(input) ? input : {} };
}

function asksFor(words: string, name: string, offered: number): boolean {
  const escaped = name.replace(/[^\w]/g, '\\$&');
  if (new RegExp(`\\b(?:use|call|run|invoke)\\s+(?:the\\s+)?(?:tool\\s+)?["'\`]?${escaped}(?!\\w)`, 'i').test(words)) return true;
  if (offered > GUESS_AMONG_TOOLS_MAX) return false;
  const parts = (name.match(/[A-Z]?[a-z]{4,}/g) ?? []).map((part) => part.toLowerCase());
  return parts.length > 0 && parts.every((part) => words.toLowerCase().includes(part));
}
