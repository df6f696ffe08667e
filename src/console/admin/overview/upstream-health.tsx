import type { ReactNode } from 'react';
import type { Snapshot } from '../../../api/schemas/live.ts';
import { duration, percent, tokens } from '../../format.ts';
import type { Column } from '../../parts/data-table.tsx';
import { Panel } from '../../parts/page.tsx';
import { Dense } from '../dense.tsx';
import { LiveTable } from '../live-table.tsx';
import { State } from '../state.tsx';

type Upstream = Snapshot['upstreams'][number];

const COLUMNS: readonly Column<Upstream>[] = [
  { id: 'upstream', header: 'Upstream', cell: (row) => row.upstream },
  { id: 'health', header: 'Health', cell: (row) => <State of={row.health} /> },
  { id: 'rate', header: 'Per minute', numeric: true, cell: (row) => tokens(Math.round(row.requestsPerMinute)) },
  { id: 'errors', header: 'Errors', numeric: true, cell: (row) => percent(row.errorShare) },
  { id: 'first', header: 'First byte', numeric: true, cell: (row) => duration(row.timeToFirstByteP50Ms) },
];

export function UpstreamHealth({ snapshot }: { readonly snapshot: Snapshot | null }): ReactNode {
  return (
    <Panel title="Upstream health" note="last 5 minutes" flush>
      <Dense>
        <LiveTable caption="Health of the upstreams" columns={COLUMNS} rows={snapshot?.upstreams} rowKey={(row) => row.upstream} empty="No upstream is configured." />
      </Dense>
    </Panel>
  );
}
