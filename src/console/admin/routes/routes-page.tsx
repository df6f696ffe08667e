import { useState, type ReactNode } from 'react';
import type { AdminRoute } from '../../../api/schemas/admin.ts';
import { tokens } from '../../format.ts';
import { Button } from '../../parts/button.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { Usdc } from '../../parts/figures.tsx';
import { Page, Panel } from '../../parts/page.tsx';
import { useList } from '../../queries.ts';
import { RouteLink } from '../links.tsx';
import { ListTable } from '../list-table.tsx';
import { CreateRouteDialog } from './create-route-dialog.tsx';
import { marginRange, marginWords } from './price-rows.ts';
import { cardWords } from './card-words.ts';

const COLUMNS: readonly Column<AdminRoute>[] = [
  { id: 'alias', header: 'Route', cell: (row) => <RouteLink alias={row.alias} />, sort: (row) => row.alias },
  {
    id: 'upstream',
    header: 'Upstream',
    cell: (row) => (
      <span className="stacked">
        {row.upstream}
        {row.upstreamConfigured ? null : <strong>! not configured</strong>}
      </span>
    ),
    sort: (row) => row.upstream,
  },
  { id: 'buyers', header: 'Open to', cell: (row) => (row.buyers === null ? 'all buyers' : <span className="breakable">{row.buyers.map(({ name }) => name).join(', ')}</span>) },
  {
    id: 'card',
    header: 'Price card',
    cell: (row) => (
      <span className="stacked">
        {cardWords(row.card)}
        <small className="muted">{row.card.priceCard}</small>
      </span>
    ),
  },
  { id: 'margin', header: 'Margin', numeric: true, cell: (row) => <MarginRange route={row} />, sort: (row) => marginRange(row.card.models)?.least ?? null },
  { id: 'hour', header: 'Requests, last hour', numeric: true, cell: (row) => tokens(row.lastHour.requests), sort: (row) => row.lastHour.requests },
  { id: 'today', header: 'Charged today', numeric: true, cell: (row) => <Usdc micros={row.today.chargeUsdMicros} unit={false} />, sort: (row) => row.today.chargeUsdMicros },
];

export function RoutesPage(): ReactNode {
  const routes = useList<AdminRoute>('/admin/routes', {}, { every: 10_000 });
  const [creating, setCreating] = useState(false);
  return (
    <Page title="Routes" lead="A route is an address that buyers call, an upstream behind it, and a price card." actions={<Button look="primary" onClick={() => setCreating(true)}>Create route</Button>}>
      <Panel flush>
        <ListTable caption="Routes" columns={COLUMNS} list={routes} one="route" rowKey={(row) => row.routeId} empty="No routes yet. Buyers need one to send requests to." linked />
      </Panel>
      {creating ? <CreateRouteDialog onClose={() => setCreating(false)} /> : null}
    </Page>
  );
}

function MarginRange({ route }: { readonly route: AdminRoute }): ReactNode {
  const range = marginRange(route.card.models);
  const words = marginWords(range);
  return range !== null && range.least < 0 ? <strong>! {words}</strong> : words;
}
