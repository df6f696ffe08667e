import type { ReactNode } from 'react';
import { useSearchParams } from 'wouter';
import type { BuyerRoute, Key } from '../../api/schemas/buyer.ts';
import type { RequestSummary } from '../../api/schemas/usage.ts';
import { Button } from '../parts/button.tsx';
import { Select } from '../parts/fields.tsx';
import { Empty, ErrorNote } from '../parts/notices.tsx';
import { Page, Panel } from '../parts/page.tsx';
import { Pager } from '../parts/pager.tsx';
import { useList } from '../queries.ts';
import { RequestTable } from './request-table.tsx';
import { stateWord, STATUSES } from './request-words.ts';

const ANY = { value: '', label: 'Any' };
const TIMES = [
  { value: '', label: 'Any time' },
  { value: '1h', label: 'Last hour' },
  { value: 'today', label: 'Today' },
  { value: '24h', label: 'Last 24 hours' },
  { value: '7d', label: 'Last 7 days' },
  { value: '30d', label: 'Last 30 days' },
];
const FILTERS = ['since', 'keyId', 'route', 'model', 'status'] as const;
type Filter = (typeof FILTERS)[number];

/** The filters stand in the address, so that a list can be bookmarked and Back works. */
export function RequestsPage(): ReactNode {
  const [params, setParams] = useSearchParams();
  const asked = Object.fromEntries(FILTERS.map((name) => [name, params.get(name) ?? ''])) as Record<Filter, string>;
  const set = (name: Filter) => (value: string) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        if (value === '') next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  const requests = useList<RequestSummary>('/buyer/requests', asked);
  const filtered = FILTERS.some((name) => asked[name] !== '');
  return (
    <Page title="Requests" lead="Every request with its receipt: what was counted, at which price, and what it came to.">
      <FilterPanel asked={asked} set={set} clear={filtered ? () => setParams({}, { replace: true }) : null} />
      <Panel flush>
        <ErrorNote error={requests.error} retry={requests.retry} />
        <RequestTable caption="Requests" rows={requests.data} empty={<Empty title={filtered ? 'No request matches these filters.' : 'No requests yet.'} />} />
        <Pager list={requests} one="request" />
      </Panel>
    </Page>
  );
}

interface FilterPanelProps {
  readonly asked: Readonly<Record<Filter, string>>;
  readonly set: (name: Filter) => (value: string) => void;
  /** Null: nothing is filtered. */
  readonly clear: (() => void) | null;
}

function FilterPanel({ asked, set, clear }: FilterPanelProps): ReactNode {
  const keys = useList<Key>('/buyer/keys').data ?? [];
  const routes = useList<BuyerRoute>('/buyer/routes').data ?? [];
  const models = [...new Set(routes.flatMap((route) => route.models.map((model) => model.model)))].toSorted();
  const named = (values: readonly string[], chosen: string) => [ANY, ...[...new Set(chosen === '' ? values : [...values, chosen])].map((value) => ({ value, label: value }))];
  return (
    <div className="filters" role="search" aria-label="Filter requests">
      <Select label="Time" value={asked.since} onChange={set('since')} options={TIMES} />
      <Select label="Key" value={asked.keyId} onChange={set('keyId')} options={[ANY, ...keys.map((key) => ({ value: key.keyId, label: `${key.label} ${key.key}${key.status === 'revoked' ? ', revoked' : ''}` }))]} />
      <Select label="Route" value={asked.route} onChange={set('route')} options={named(routes.map((route) => route.alias), asked.route)} />
      <Select label="Model" value={asked.model} onChange={set('model')} options={named(models, asked.model)} />
      <Select label="Status" value={asked.status} onChange={set('status')} options={[ANY, ...STATUSES.map((value) => ({ value, label: stateWord(value) }))]} />
      {clear !== null && (
        <Button look="quiet" onClick={clear}>
          Clear filters
        </Button>
      )}
    </div>
  );
}
