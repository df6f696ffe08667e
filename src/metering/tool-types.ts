/**
 * Which tools can be metered, by `tools[].type`: an allow-list, for a type that is not known here may be billed in
 * ways that `usage` does not show. Names are those of `@anthropic-ai/sdk` 1.12 (`BetaToolUnion`).
 */

export type ToolVerdict =
  /** Run by the client; its definition is in the body. */
  | { readonly kind: 'custom' }
  /** Run by the client; the upstream adds a definition that is not in the body. */
  | { readonly kind: 'defined'; readonly toolset: boolean }
  /** Run by the upstream, in a loop that reads the context again. */
  | { readonly kind: 'search' | 'fetch' | 'server' }
  /** `setting`: the word for `allow:` in the configuration, where there is one. */
  | { readonly kind: 'refused'; readonly setting: string | null; readonly why: string };

const DATED = '_\\d{8}$';
const DEFINED = new RegExp(`^(?:bash|text_editor|computer|memory)${DATED}`);
const TOOLSET = new RegExp(`^(?:browser|computer)_toolset${DATED}`);
const WEB_SEARCH = new RegExp(`^web_search${DATED}`);
const WEB_FETCH = new RegExp(`^web_fetch${DATED}`);
/** Searches the tools of the request itself: no fee, but each search is one more pass over the context. */
const TOOL_SEARCH = /^tool_search_tool_(?:bm25|regex)(?:_\d{8})?$/;
const CODE_EXECUTION = new RegExp(`^code_execution${DATED}`);
const ADVISOR = new RegExp(`^advisor${DATED}`);

/** Judges a tool by its type (null: absent, null or `custom`). `allow` holds the words of the setting `allow`. */
export function judgeTool(type: string | null, allow: ReadonlySet<string>): ToolVerdict {
  if (type === null || type === 'custom') return { kind: 'custom' };
  if (DEFINED.test(type)) return { kind: 'defined', toolset: false };
  if (TOOLSET.test(type)) return { kind: 'defined', toolset: true };
  if (WEB_SEARCH.test(type)) return { kind: 'search' };
  if (WEB_FETCH.test(type)) return { kind: 'fetch' };
  if (TOOL_SEARCH.test(type)) return { kind: 'server' };
  const risky = riskOf(type);
  if (risky.setting !== null && allow.has(risky.setting)) return { kind: 'server' };
  return { kind: 'refused', ...risky };
}

function riskOf(type: string): { setting: string | null; why: string } {
  if (CODE_EXECUTION.test(type))
    return { setting: 'code_execution', why: 'code execution is billed by container time, which the response does not report' };
  if (ADVISOR.test(type)) return { setting: 'advisor', why: 'an advisor is another model, at other prices' };
  if (type === 'mcp_toolset')
    return { setting: 'mcp_servers', why: 'its tools run upstream and return any amount of text into the context' };
  return { setting: null, why: 'this version of the gateway does not know what it costs' };
}
