/**
 * Which of our endpoints a raw request target names. The raw target must match strictly, for handlers see `//`, dots,
 * escapes and absolute forms as the client sent them; what goes upstream is a constant of ours.
 */

export type Endpoint =
  | { readonly kind: 'messages'; readonly alias: string; readonly query: string }
  | { readonly kind: 'countTokens'; readonly alias: string; readonly query: string }
  | { readonly kind: 'models'; readonly alias: string; readonly query: string }
  | { readonly kind: 'model'; readonly alias: string; readonly modelId: string }
  | { readonly kind: 'hello' }
  | { readonly kind: 'healthz' }
  | { readonly kind: 'readyz' }
  | { readonly kind: 'none' };

export const NONE: Endpoint = { kind: 'none' };
const HELLO: Endpoint = { kind: 'hello' };
const TARGET = /^\/([a-z0-9][a-z0-9-]{0,63})(?:\/(v1\/messages|v1\/messages\/count_tokens|v1\/models|v1\/models\/([A-Za-z0-9._:-]{1,128})|api\/hello))?$/;
/** Visible ASCII without `#`: what a query may be made of. */
const QUERY = /^\?[!"$-~]*$/;
const METHODS = { 'v1/messages': 'POST', 'v1/messages/count_tokens': 'POST', 'v1/models': 'GET', 'api/hello': 'HEAD' } as const;

/** @param target the raw request target, query included; `query` comes back with its `?`, or empty. */
export function route(method: string, target: string): Endpoint {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? '' : target.slice(mark);
  if (query !== '' && !QUERY.test(query)) return NONE;
  if (path === '/healthz' || path === '/readyz')
    return method === 'GET' || method === 'HEAD' ? { kind: path === '/healthz' ? 'healthz' : 'readyz' } : NONE;
  const match = TARGET.exec(path);
  if (!match) return NONE;
  const [, alias = '', rest = '', modelId] = match;
  if (modelId !== undefined) return method === 'GET' ? { kind: 'model', alias, modelId } : NONE;
  if (rest === '') return method === 'HEAD' ? HELLO : NONE;
  if (METHODS[rest as keyof typeof METHODS] !== method) return NONE;
  if (rest === 'v1/messages') return { kind: 'messages', alias, query };
  if (rest === 'v1/messages/count_tokens') return { kind: 'countTokens', alias, query };
  return rest === 'v1/models' ? { kind: 'models', alias, query } : HELLO;
}
