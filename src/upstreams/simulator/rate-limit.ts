/** The `anthropic-ratelimit-*` headers: figures that look alive; nothing is ever limited. */

const LIMITS = [
  ['requests', 4_000],
  ['tokens', 2_000_000],
  ['input-tokens', 2_000_000],
  ['output-tokens', 400_000],
] as const;

export function rateLimitHeaders(): [string, string][] {
  const now = Date.now();
  const reset = new Date(Math.ceil((now + 1) / 60_000) * 60_000).toISOString().replace(/\.\d+Z$/, 'Z');
  const left = (limit: number): number => limit - (Math.floor(now / 1_000) % 60);
  return LIMITS.flatMap(([name, limit]): [string, string][] => [
    [`anthropic-ratelimit-${name}-limit`, String(limit)],
    [`anthropic-ratelimit-${name}-remaining`, String(left(limit))],
    [`anthropic-ratelimit-${name}-reset`, reset],
  ]);
}
