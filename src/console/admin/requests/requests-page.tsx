import type { ReactNode } from 'react';
import { useLocation, useSearch } from 'wouter';
import type { AdminRequest, AdminRoute, AdminUpstream } from '../../../api/schemas/admin.ts';
import { Button } from '../../parts/button.tsx';
import { Select } from '../../parts/fields.tsx';
import { Page, Panel } from '../../parts/page.tsx';
import { useList } from '../../queries.ts';
import { BuyerSelect } from '../buyer-select.tsx';
import { FilterField } from '../filter-field.tsx';
import { Dense } from '../dense.tsx';
import { ListTable } from '../list-table.tsx';
import { requestColumns } from './request-columns.tsx';
import { filterFrom, filterSearch, REQUEST_STATUSES, type RequestFilter } from './request-filter.ts';

const COLUMNS = requestColumns(true);
const any = (label: string, values: readonly string[]) => [{ value: '', label }, ...values.map((value) => ({ value, label: value.replaceAll('_', ' ') }))];

export function RequestsPage(): ReactNode {
  const filter = filterFrom(useSearch());
  const [, go] = useLocation();
  const show = (changed: Partial<RequestFilter>): void => {
    const search = filterSearch({ ...filter, ...changed });
    go(search === '' ? '/requests' : `/requests?${search}`, { replace: true });
  };
  const requests = useList<AdminRequest>('/admin/requests', { ...filter }, { every: 5_000 });
  return (
    <Page title="Requests" lead="Newest first. Each opens its receipt: counts × prices = charge.">
      <RequestFilters filter={filter} show={show} />
      <Panel flush>
        <Dense><ListTable caption="Requests" columns={COLUMNS} list={requests} one="request" rowKey={(row) => row.requestId} empty={filterSearch(filter) === '' ? 'No requests yet.' : 'No request matches these filters.'} emptyMore={filterSearch(filter) === '' ? undefined : <Button onClick={() => go('/requests')}>Show all</Button>} /></Dense>
      </Panel>
    </Page>
  );
}

interface FiltersProps {
  readonly filter: RequestFilter;
  readonly show: (changed: Partial<RequestFilter>) => void;
}

function RequestFilters({ filter, show }: FiltersProps): ReactNode {
  const routes = useList<AdminRoute>('/admin/routes');
  const upstreams = useList<AdminUpstream>('/admin/upstreams');
  const since = [
    { value: '', label: 'Any time' },
    { value: '1h', label: 'Last hour' },
    { value: '24h', label: 'Last 24 hours' },
    { value: '7d', label: 'Last 7 days' },
    { value: '30d', label: 'Last 30 days' },
  ];
  return (
    <div className="filters" role="search" aria-label="Filter requests">
      <Select label="Started" value={filter.since} onChange={(value) => show({ since: value })} options={since} />
      <BuyerSelect value={filter.buyerId} onChange={(value) => show({ buyerId: value })} />
      <Select label="Route" value={filter.route} onChange={(value) => show({ route: value })} options={any('All routes', (routes.data ?? []).map(({ alias }) => alias))} />
      <Select label="Upstream" value={filter.upstream} onChange={(value) => show({ upstream: value })} options={any('All upstreams', (upstreams.data ?? []).map(({ upstream }) => upstream))} />
      <Select label="Status" value={filter.status} onChange={(value) => show({ status: value })} options={any('Any status', REQUEST_STATUSES)} />
      <FilterField label="Model" value={filter.model} onChange={(value) => show({ model: value })} placeholder="claude-…" />
      <FilterField label="Key" value={filter.keyId} onChange={(value) => show({ keyId: value })} placeholder="key_7" pattern={/^key_[1-9]\d{0,14}$/} wrong="A key’s id, such as key_7." />
    </div>
  );
}
