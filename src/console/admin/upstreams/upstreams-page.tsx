import type { ReactNode } from 'react';
import type { AdminUpstream } from '../../../api/schemas/admin.ts';
import { duration, percent } from '../../format.ts';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/page.tsx';
import { Time } from '../../parts/figures.tsx';
import { useList } from '../../queries.ts';
import { RouteLink } from '../links.tsx';
import { Dense } from '../dense.tsx';
import { ListTable, type Column } from '../list-table.tsx';
import { State } from '../state.tsx';

const COLUMNS: readonly Column<AdminUpstream>[] = [
  { id: 'upstream', header: 'Upstream', cell: (row) => row.upstream, sort: (row) => row.upstream },
  { id: 'health', header: 'Health', cell: (row) => <State of={row.health} />, sort: (row) => row.health },
  { id: 'where', header: 'Address and credential', cell: (row) => <Where upstream={row} /> },
  { id: 'open', header: 'Open', numeric: true, cell: (row) => row.openRequests },
  { id: 'rate', header: 'Per minute', numeric: true, cell: (row) => row.requestsPerMinute.toFixed(1), sort: (row) => row.requestsPerMinute },
  { id: 'errors', header: 'Errors', numeric: true, cell: (row) => percent(row.errorShare), sort: (row) => row.errorShare },
  { id: 'retried', header: 'Retried', numeric: true, cell: (row) => percent(row.retriedShare), sort: (row) => row.retriedShare },
  { id: 'first', header: 'First byte', numeric: true, cell: (row) => <FirstByte upstream={row} />, sort: (row) => row.timeToFirstByteP50Ms },
  { id: 'error', header: 'Last error', cell: (row) => (row.lastError === null ? '—' : <LastError error={row.lastError} />) },
  { id: 'routes', header: 'Routes', cell: (row) => <Routes aliases={row.routes} /> },
];

export function UpstreamsPage() {
  const upstreams = useList<AdminUpstream>('/admin/upstreams', {}, { every: 5_000 });
  return (
    <Page title="Upstreams" lead="Health is of the last five minutes. Upstreams and their credentials are set in the configuration; a credential itself is never shown here.">
      <Panel flush>
        <Dense><ListTable caption="Upstreams" columns={COLUMNS} list={upstreams} one="upstream" rowKey={(row) => row.upstream} empty="No upstream is configured." /></Dense>
      </Panel>
    </Page>
  );
}

function FirstByte({ upstream }: { readonly upstream: AdminUpstream }): ReactNode {
  return (
    <span className="stacked">
      {duration(upstream.timeToFirstByteP50Ms)}
      <small>p95 {duration(upstream.timeToFirstByteP95Ms)}</small>
    </span>
  );
}

function Where({ upstream }: { readonly upstream: AdminUpstream }) {
  if (upstream.kind === null) return <span className="muted">no longer configured</span>;
  return (
    <span className="stacked">
      <span className="breakable">{upstream.address ?? upstream.kind}</span>
      <small className="muted mono breakable">{upstream.credential ?? 'no credential'}</small>
    </span>
  );
}

function LastError({ error }: { readonly error: { readonly at: string; readonly code: string } }) {
  return (
    <span className="stacked">
      <span className="mono">{error.code}</span>
      <small className="muted">
        <Time at={error.at} precision="clock" />
      </small>
    </span>
  );
}

function Routes({ aliases }: { readonly aliases: readonly string[] }) {
  if (aliases.length === 0) return <span className="muted">—</span>;
  return (
    <span className="comma-list">
      {aliases.map((alias) => (
        <RouteLink key={alias} alias={alias} />
      ))}
    </span>
  );
}
