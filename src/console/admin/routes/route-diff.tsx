import type { ReactNode } from 'react';
import type { AdminRoute, ChangedRoute } from '../../../api/schemas/admin.ts';
import { percent, usdc } from '../../format.ts';
import { ClassMark } from '../../parts/class-marks.tsx';
import { DataTable, type Column } from '../../parts/data-table.tsx';
import { Facts } from '../../parts/figures.tsx';
import { Notice } from '../../parts/notices.tsx';
import { cardChange, type PriceRow } from './price-rows.ts';

/** What a change of a route would do, before it is done. */
export function RouteDiff({ change }: { readonly change: ChangedRoute }): ReactNode {
  const { before, after, belowList } = change;
  if (!change.changed) return <p>This would change nothing: the route is like that already.</p>;
  const card = cardChange(before.card.models, after.card.models);
  const facts = routeFacts(before, after);
  return (
    <>
      {belowList.length === 0 ? null : (
        <Notice tone="warning">
          Below list, so that each such token costs you more than it brings: <strong>{belowList.join(', ')}</strong>
        </Notice>
      )}
      {facts.length === 0 ? null : <Facts facts={facts} />}
      {card.added.length === 0 ? null : <p>Models that come: <strong>{card.added.join(', ')}</strong></p>}
      {card.removed.length === 0 ? null : <p>Models that go: <strong>{card.removed.join(', ')}</strong>. Requests for them are refused.</p>}
      {card.repriced.map(({ model, rows }) => (
        <div key={model}>
          <h3>{model}</h3>
          <DataTable caption={`Prices of ${model}, before and after`} columns={COLUMNS} rows={rows} rowKey={(row) => row.tokenClass} wide />
        </div>
      ))}
      <p className="muted">In force from the next request on. Those that run keep the price they began under.</p>
    </>
  );
}

const COLUMNS: readonly Column<PriceRow>[] = [
  { id: 'class', header: 'Class', cell: (row) => <ClassMark name={row.tokenClass} /> },
  { id: 'list', header: 'List', numeric: true, cell: (row) => usdc(row.list, 4) },
  { id: 'before', header: 'Now', numeric: true, cell: (row) => usdc(row.before ?? row.card, 4) },
  { id: 'after', header: 'Then', numeric: true, cell: (row) => (row.before === null ? usdc(row.card, 4) : <strong>{usdc(row.card, 4)}</strong>) },
  { id: 'margin', header: 'Margin then', numeric: true, cell: (row) => (row.belowList ? <strong>! {percent(row.margin)}</strong> : percent(row.margin)) },
];

function routeFacts(before: AdminRoute, after: AdminRoute): (readonly [string, ReactNode])[] {
  const open = ({ buyers }: AdminRoute): string => (buyers === null ? 'all buyers' : buyers.map(({ name }) => name).join(', '));
  const hold = ({ holdOutputTokens }: AdminRoute): string => (holdOutputTokens === null ? 'the worst case' : String(holdOutputTokens));
  const pairs: readonly (readonly [string, string, string])[] = [
    ['Upstream', before.upstream, after.upstream],
    ['Open to', open(before), open(after)],
    ['Output tokens held', hold(before), hold(after)],
    ['Web searches, USDC per 1,000', perThousand(before), perThousand(after)],
  ];
  return pairs.filter(([, was, is]) => was !== is).map(([name, was, is]) => [name, `${was} → ${is}`]);
}

const perThousand = ({ card }: AdminRoute): string => usdc(Math.round(card.webSearchPerMillionUsdMicros / 1000), 4);
