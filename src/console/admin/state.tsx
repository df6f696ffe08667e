import type { ReactNode } from 'react';
import { StatusDot, type Tone } from '../parts/notices.tsx';

const WORDS: Readonly<Record<string, readonly [Tone, string]>> = {
  completed: ['good', 'completed'],
  refused: ['off', 'refused'],
  upstream_error: ['bad', 'upstream error'],
  client_left: ['wait', 'client left'],
  interrupted: ['bad', 'interrupted'],
  failed: ['bad', 'failed'],
  recovered: ['wait', 'recovered'],
  waiting: ['wait', 'waiting'],
  streaming: ['good', 'streaming'],
  up: ['good', 'up'],
  degraded: ['wait', 'degraded'],
  down: ['bad', 'down'],
  idle: ['off', 'idle'],
  enabled: ['good', 'enabled'],
  disabled: ['bad', 'disabled'],
  live: ['good', 'live'],
  revoked: ['off', 'revoked'],
  expired: ['off', 'expired'],
  active: ['good', 'active'],
  invited: ['wait', 'invited'],
  none: ['off', 'not invited'],
  delivered: ['good', 'delivered'],
  given_up: ['bad', 'given up'],
  firing: ['bad', 'firing'],
  cleared: ['off', 'cleared'],
  running: ['wait', 'running'],
  passed: ['good', 'passed'],
};

/** A state with its dot; one that is not known here is told by its own word. */
export function State({ of, more }: { readonly of: string; readonly more?: string | null }): ReactNode {
  const [tone, words] = WORDS[of] ?? (['plain', of.replaceAll('_', ' ')] as const);
  return (
    <StatusDot tone={tone}>
      <span>
        {words}
        {more ? <small className="muted mono"> {more}</small> : null}
      </span>
    </StatusDot>
  );
}
