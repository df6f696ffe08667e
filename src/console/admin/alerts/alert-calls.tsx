import type { ReactNode } from 'react';
import type { Alert } from '../../../api/schemas/admin.ts';
import { counted } from '../../format.ts';
import { Time } from '../../parts/figures.tsx';
import { State } from '../state.tsx';

/** What became of the calls that an alert owes: delivered, tried again, or given up with its reason. */
export function AlertCalls({ calls }: { readonly calls: Alert['calls'] }): ReactNode {
  if (calls.length === 0) return <span className="muted">none</span>;
  return (
    <ul className="stacked">
      {calls.map((call) => (
        <li key={call.deliveryId} className="stacked">
          <span>
            <State of={call.state} /> {call.event} to {call.webhook}
          </span>
          <small className="muted">
            {counted(call.attempts, 'attempt')}, {call.state === 'waiting' ? 'next' : ''} <Time at={call.at} precision="clock" />
            {call.lastError === null ? null : <span className="breakable">: {call.lastError}</span>}
          </small>
        </li>
      ))}
    </ul>
  );
}
