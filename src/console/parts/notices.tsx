/** What the page has to say: warnings, failures, emptiness, states. */
import type { ReactNode } from 'react';
import type { ApiFailure } from '../api-client.ts';
import type { Live } from '../events.ts';
import { timeUtc } from '../format.ts';
import { Button } from './button.tsx';

export interface NoticeProps {
  readonly tone?: 'plain' | 'warning' | 'error';
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export function Notice({ tone = 'plain', actions, children }: NoticeProps): ReactNode {
  return (
    <div className={tone === 'plain' ? 'notice' : `notice notice-${tone}`} role={tone === 'error' ? 'alert' : 'status'}>
      <div>
        {tone === 'warning' && <strong>! </strong>}
        {children}
      </div>
      {actions}
    </div>
  );
}

/** A failure in words, with the request's id; nothing when there is none. The page keeps its old figures. */
export function ErrorNote({ error, retry }: { readonly error: ApiFailure | null; readonly retry?: () => void }): ReactNode {
  if (error === null) return null;
  return (
    <Notice tone="error" actions={retry !== undefined && <Button small onClick={retry}>Retry</Button>}>
      <strong>{error.message}</strong>
      {error.requestId !== null && <small>Request {error.requestId}</small>}
    </Notice>
  );
}

/** Nothing while figures are live. */
export function StaleNote({ live, retrying = true }: { readonly live: Live; readonly retrying?: boolean }): ReactNode {
  if (live.state !== 'stale') return null;
  const since = live.asOf === null ? '' : ` Figures as of ${timeUtc(new Date(live.asOf).toISOString(), 'clock')}.`;
  return (
    <Notice tone="warning">
      Live updates paused.{since}
      {retrying && ' Retrying.'}
    </Notice>
  );
}

export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }): ReactNode {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children}
    </div>
  );
}

export type Tone = 'good' | 'bad' | 'off' | 'wait' | 'plain';

/** A state with a dot before it; the word says it all. */
export function StatusDot({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }): ReactNode {
  return (
    <span className="status">
      <span className={tone === 'plain' ? 'dot' : `dot dot-${tone}`} aria-hidden="true" />
      {children}
    </span>
  );
}

export function Tag({ children }: { readonly children: ReactNode }): ReactNode {
  return <span className="tag">{children}</span>;
}
