/** The prompt in the order in which it is cached: tools, then system, then messages. */
import { badRequest } from './api-error.ts';
import { isObject, type Json, type JsonObject, type MessagesRequest } from './messages-request.ts';
import { blockTokens, TOOL_PROMPT_TOKENS } from './token-estimate.ts';

export type CacheTtl = '5m' | '1h';

export interface PromptBlock {
  /** What must be equal for the prefix to be the same; without cache markers, which may move. */
  readonly identity: string;
  readonly tokens: number;
  /** A cache breakpoint stands at the end of this block. */
  readonly breakpoint: CacheTtl | null;
}

/** Source: "Prompt caching" in the documentation of the Messages API. */
const BREAKPOINTS_MAX = 4;

export function promptBlocks(request: MessagesRequest): PromptBlock[] {
  const blocks: PromptBlock[] = [];
  const add = (section: string, block: JsonObject): void => void blocks.push(promptBlock(section, block));
  for (const tool of request.tools) add('tool', tool);
  const lastTool = blocks.at(-1);
  if (lastTool) blocks[blocks.length - 1] = { ...lastTool, tokens: lastTool.tokens + TOOL_PROMPT_TOKENS };
  for (const block of request.system) add('system', block);
  // A change of these leaves the caches of tools and system valid and makes those of the messages void.
  let section = `${JSON.stringify([request.body.tool_choice, request.body.thinking])}`;
  for (const message of request.messages) {
    section += message.role;
    for (const block of message.content) {
      add(section, block);
      section = '';
    }
  }
  markAutomatic(blocks, request.body.cache_control);
  checkBreakpoints(blocks);
  return blocks;
}

export const promptTokens = (blocks: readonly PromptBlock[]): number => blocks.reduce((sum, block) => sum + block.tokens, 0);

function promptBlock(section: string, block: JsonObject): PromptBlock {
  let breakpoint: CacheTtl | null = null;
  const json = JSON.stringify(block, (key, value: Json) => {
    if (key !== 'cache_control') return value;
    breakpoint = ttlOf(value) ?? breakpoint;
    return undefined;
  });
  return { identity: `${section}:${json}`, tokens: blockTokens(block, json), breakpoint };
}

function ttlOf(control: Json | undefined): CacheTtl | null {
  if (control === null || control === undefined) return null;
  if (!isObject(control) || control.type !== 'ephemeral') throw badRequest('cache_control.type: Input should be "ephemeral"');
  const ttl = control.ttl ?? '5m';
  if (ttl !== '5m' && ttl !== '1h') throw badRequest('cache_control.ttl: Input should be "5m" or "1h"');
  return ttl;
}

/** `cache_control` at the top level of the request puts a breakpoint on the last block. */
function markAutomatic(blocks: PromptBlock[], control: Json | undefined): void {
  const ttl = ttlOf(control);
  const last = blocks.at(-1);
  if (ttl && last) blocks[blocks.length - 1] = { ...last, breakpoint: last.breakpoint ?? ttl };
}

function checkBreakpoints(blocks: readonly PromptBlock[]): void {
  const marks = blocks.flatMap((block) => block.breakpoint ?? []);
  if (marks.length > BREAKPOINTS_MAX)
    throw badRequest(`A maximum of ${BREAKPOINTS_MAX} blocks with cache_control may be provided. Found ${marks.length}.`);
  if (marks.lastIndexOf('1h') > marks.indexOf('5m') && marks.includes('5m'))
    throw badRequest('cache_control: a ttl of "1h" must not come after a ttl of "5m"');
}
