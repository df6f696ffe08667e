import type { ReactNode } from 'react';
import type { Snapshot } from '../../../api/schemas/live.ts';
import { CLASS_WORDS, TOKEN_CLASSES } from '../../../tokens.ts';
import { counted, duration, tokens } from '../../format.ts';
import type { Column } from '../../parts/data-table.tsx';
import { Usdc } from '../../parts/figures.tsx';
import { Panel } from '../../parts/page.tsx';
import { Dense } from '../dense.tsx';
import { RequestLink, RouteLink } from '../links.tsx';
import { LiveTable } from '../live-table.tsx';
import { State } from '../state.tsx';

type Live = Snapshot['liveRequests']['open'][number];
const SHOWN = 20;

const COLUMNS: readonly Column<Live>[] = [
  {
    id: 'request',
    header: 'Request',
    cell: (row) => (
      <span className="stacked">
        <RequestLink requestId={row.requestId} />
        <small>{row.buyer}</small>
      </span>
    ),
  },
  {
    id: 'route',
    header: 'Route, model',
    cell: (row) => (
      <span className="stacked">
        <RouteLink alias={row.route} />
        <small className="nowrap">{row.model ?? 'no model'}</small>
      </span>
    ),
  },
  {
    id: 'state',
    header: 'State',
    cell: (row) => (
      <span className="stacked">
        <State of={row.state} />
        <small>{duration(row.ageMs)}</small>
      </span>
    ),
  },
  ...TOKEN_CLASSES.map((name): Column<Live> => ({ id: name, header: CLASS_WORDS[name], numeric: true, cell: (row) => tokens(row.tokens?.[name]) })),
  { id: 'charge', header: 'Charge, USDC', numeric: true, cell: (row) => <Usdc micros={row.chargeUsdMicros} digits={6} unit={false} /> },
];

/** What runs, then what ended last; each second anew. */
export function LiveTraffic({ snapshot }: { readonly snapshot: Snapshot | null }): ReactNode {
  const requests = snapshot?.liveRequests;
  const rows = requests === undefined ? undefined : [...requests.open, ...requests.ended].slice(0, SHOWN);
  const note = requests === undefined ? 'open requests, then those that ended last' : `${counted(requests.openCount, 'request')} open; then those that ended last`;
  return (
    <Panel title="Live traffic" note={note} flush>
      <Dense>
        <LiveTable caption="Requests that run, then those that ended last" columns={COLUMNS} rows={rows} rowKey={(row) => row.requestId} empty="No requests yet." wide />
      </Dense>
    </Panel>
  );
}
