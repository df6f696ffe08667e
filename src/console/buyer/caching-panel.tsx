import type { ReactNode } from 'react';
import type { UsageReport } from '../../api/schemas/usage.ts';
import { percent } from '../format.ts';
import { Figure, Figures, Tokens, Usdc } from '../parts/figures.tsx';
import { Panel } from '../parts/page.tsx';
import type { Window } from '../parts/usage-panel.tsx';
import { useItem } from '../queries.ts';

/** What prompt caching saved and what it cost in vain, over the window of the chart above: the very same report. */
export function CachingPanel({ window }: { readonly window: Window }): ReactNode {
  const { data } = useItem<UsageReport>('/buyer/usage', { by: window === '24h' ? 'hour' : 'day', since: window });
  const unread = data?.unreadWrites;
  return (
    <Panel title="Prompt caching" note={`last ${window}`}>
      <Figures>
        <Figure label="Saved" value={<Usdc micros={data?.total.cacheSavedUsdMicros} />} note="against the price of input" />
        <Figure label="Hit share" value={percent(data?.total.hitShare)} note="read ÷ all prompt tokens" />
        <Figure label="Read" value={<Tokens count={data?.total.cacheReadTokens} />} note={<><Usdc micros={data?.total.cacheReadChargeUsdMicros} /> charged</>} />
        <Figure label="Written, never read" value={<Usdc micros={unread?.chargeUsdMicros} />} note={<><Tokens count={unread?.tokens} /> tokens, at least</>} />
      </Figures>
      {unread !== undefined && unread.tokens > 0 && (
        <p className="muted">
          Those caches expired before another request read them. They pay off only when the same beginning of a prompt, byte for byte, comes again within 5 minutes (or an hour, for 1h writes): put what changes after the last{' '}
          <code>cache_control</code>, or leave the mark out of prompts that come once. <a href="/docs">Caching advice</a>
        </p>
      )}
      <details className="how">
        <summary>How “saved” is computed</summary>
        <p>
          Saved = reads × (input price − read price) − writes × (write price − input price), request by request at the prices each was charged with. It is below zero where writes cost more than reads saved. “Never read” is a lower bound: a write counts only when no
          cache of that model was read while the entry lived.
        </p>
      </details>
    </Panel>
  );
}
