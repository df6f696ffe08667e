import type { ReactNode } from 'react';
import type { AdminRequestDetail } from '../../../api/schemas/admin.ts';
import { duration } from '../../format.ts';
import { Panel } from '../../parts/page.tsx';

/** What each try at the upstream came to; recorded only where the first one did not do. */
export function RequestTries({ tries }: { readonly tries: AdminRequestDetail['tries'] }): ReactNode {
  if (tries === null || tries.length === 0) return null;
  return (
    <Panel title="Tries">
      <ol className="tries">
        {tries.map((one, at) => (
          <li key={at}>
            <span className="muted">{at + 1}.</span> {outcomeWords(one['outcome'])}
            {typeof one['ms'] === 'number' ? <span className="muted"> {duration(one['ms'])} after the request began</span> : null}
          </li>
        ))}
      </ol>
    </Panel>
  );
}

const outcomeWords = (outcome: unknown): string => (typeof outcome === 'number' ? `HTTP ${outcome}` : String(outcome).replaceAll('_', ' '));
