import { useState, type ReactNode } from 'react';
import type { Verification } from '../../../api/schemas/admin.ts';
import { counted, timeUtc } from '../../format.ts';
import { Button } from '../../parts/button.tsx';
import { ErrorNote, Notice, StatusDot } from '../../parts/notices.tsx';
import { Panel } from '../../parts/page.tsx';
import { useChange, useItem } from '../../queries.ts';

const RUNNING_EVERY_MS = 1_000;

/** Recomputes the books from the transfers and the charges from their counts and cards. */
export function VerifyPanel(): ReactNode {
  const [watching, setWatching] = useState(true);
  const state = useItem<Verification>('/admin/verify', {}, watching ? { every: RUNNING_EVERY_MS } : {});
  const start = useChange<Record<string, never>, Verification>({ path: '/admin/verify', refresh: ['/admin/verify'] });
  const verification = state.data;
  const running = verification?.state === 'running';
  // Asked each second only while there is something to wait for.
  if (verification !== undefined && running !== watching && !start.running) setWatching(running);
  const begin = async (): Promise<void> => {
    await start.run({});
    setWatching(true);
  };
  const button = (
    <Button look="primary" small busy={start.running || running} onClick={() => void begin().catch(() => undefined)}>
      {running ? 'Verifying…' : 'Verify'}
    </Button>
  );
  return (
    <Panel title="Verify" actions={button}>
      <ErrorNote error={start.error ?? state.error} />
      <div aria-live="polite" className="page">
        <Outcome verification={verification} />
      </div>
    </Panel>
  );
}

function Outcome({ verification }: { readonly verification: Verification | undefined }): ReactNode {
  if (verification === undefined) return <p className="muted">—</p>;
  const { state, checks, firstDifference, recoverable } = verification;
  if (state === 'never') return <p className="muted">Not verified since this gateway started. It reads everything once: about 15 seconds for a million requests, beside the traffic.</p>;
  if (state === 'running') return <p className="muted">Running since {timeUtc(verification.startedAt, 'clock')}. You may leave this page.</p>;
  return (
    <>
      {state === 'failed' ? (
        <Notice tone="error">
          <strong>The books differ.</strong> {firstDifference}
        </Notice>
      ) : (
        <p>
          <strong>Everything agrees</strong>: {counted(verification.requests, 'request')}, {counted(verification.transfers, 'transfer')}, {timeUtc(verification.endedAt)}.
        </p>
      )}
      {recoverable > 0 ? <p className="muted">{counted(recoverable, 'hold')} of a process that died; the next one to serve settles them.</p> : null}
      <details className="how" open={state === 'failed'}>
        <summary>
          {counted(checks.filter(({ ok }) => ok).length, 'check')} of {checks.length} passed
        </summary>
        <ul className="check-list">
          {checks.map((check) => (
            <li key={check.name}>
              <StatusDot tone={check.ok ? 'good' : 'bad'}>{check.name}</StatusDot>
              <small className="muted">{check.detail}</small>
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}
