/** Web search, as far as a meter can see it: server tool blocks, a count in `usage`, and a growing input. */
import type { AnswerBlock } from './answer.ts';
import { lastUserMessage, messageText, textOr, type MessagesRequest } from './messages-request.ts';
import { excerpt } from './prose.ts';

const SEARCHES_MAX = 10;

/** The queries of the searches that the answer makes: `ordered` many, else one if the user's words ask to search. */
export function webSearchesFor(request: MessagesRequest, ordered: number | null): string[] {
  const tool = request.tools.find((candidate) => textOr(candidate.type).startsWith('web_search_'));
  if (!tool) return [];
  const words = messageText(lastUserMessage(request));
  const wanted = ordered ?? (/\b(?:search|look up|latest|news)\b/i.test(words) ? 1 : 0);
  const most = typeof tool.max_uses === 'number' ? tool.max_uses : SEARCHES_MAX;
  const query = excerpt(words, 60) || 'example';
  return Array.from({ length: Math.floor(Math.min(wanted, most, SEARCHES_MAX)) }, (_, index) => (index === 0 ? query : `${query} (${index + 1})`));
}

export function webSearchBlocks(query: string, id: string): AnswerBlock[] {
  const result = {
    type: 'web_search_result',
    title: 'A page that does not exist',
    url: 'https://example.com/',
    encrypted_content: Buffer.from(query).toString('base64'),
    page_age: null,
  };
  return [
    { type: 'server_tool_use', id, name: 'web_search', input: JSON.stringify({ query }) },
    { type: 'whole', block: { type: 'web_search_tool_result', tool_use_id: id, caller: { type: 'direct' }, content: [result] } },
  ];
}
