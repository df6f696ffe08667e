import { useState, type ReactNode } from 'react';
import type { Transfer } from '../../../api/schemas/admin.ts';
import { Select } from '../../parts/fields.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { Time, Usdc } from '../../parts/figures.tsx';
import { Panel } from '../../parts/page.tsx';
import { useList } from '../../queries.ts';
import { BuyerSelect } from '../buyer-select.tsx';
import { RequestLink } from '../links.tsx';
import { ListTable } from '../list-table.tsx';

const KINDS: readonly { readonly value: string; readonly label: string }[] = [
  { value: '', label: 'All kinds' },
  { value: 'deposit', label: 'deposit: a top-up' },
  { value: 'adjust', label: 'adjust: by an operator' },
  { value: 'post', label: 'post: a charge' },
  { value: 'void', label: 'void: a hold released' },
  { value: 'excess', label: 'excess: beyond its hold' },
  { value: 'shortfall', label: 'shortfall: not covered' },
];

function transferColumns(ofSeveral: boolean): Column<Transfer>[] {
  return [
    {
      id: 'transfer',
      header: 'Transfer',
      cell: (row) => (
        <span className="stacked">
          <span className="mono nowrap">{row.transferId}</span>
          <small className="muted">
            <Time at={row.at} />
          </small>
        </span>
      ),
    },
    { id: 'kind', header: 'Kind', cell: (row) => row.kind },
    ...(ofSeveral ? [{ id: 'buyer', header: 'Buyer', cell: (row: Transfer) => row.buyer ?? '—' }] : []),
    { id: 'debit', header: 'Debit', cell: (row) => <span className="mono">{row.debit}</span> },
    { id: 'credit', header: 'Credit', cell: (row) => <span className="mono">{row.credit}</span> },
    { id: 'amount', header: 'Amount', numeric: true, cell: (row) => <Usdc micros={row.amountUsdMicros} digits={6} unit={false} /> },
    { id: 'hold', header: 'Its hold', numeric: true, cell: (row) => <Usdc micros={row.holdUsdMicros} digits={6} unit={false} /> },
    { id: 'of', header: 'Of', cell: (row) => <Cause transfer={row} /> },
  ];
}

function Cause({ transfer }: { readonly transfer: Transfer }): ReactNode {
  if (transfer.requestId !== null) return <RequestLink requestId={transfer.requestId} />;
  const words = [transfer.reason, transfer.reference === null ? null : `reference ${transfer.reference}`].filter((text) => text !== null);
  return words.length === 0 ? <span className="muted">—</span> : <span className="breakable">{words.join(', ')}</span>;
}

/** The ledger's rows, newest first; of one buyer or of all. */
export function TransfersPanel({ buyerId }: { readonly buyerId?: string }): ReactNode {
  const [kind, setKind] = useState('');
  const [of, setOf] = useState('');
  const transfers = useList<Transfer>('/admin/ledger', { buyerId: buyerId ?? of, kind }, { every: 10_000 });
  return (
    <>
      <div className="filters" role="search" aria-label="Filter transfers">
        <Select label="Kind" value={kind} onChange={setKind} options={KINDS} />
        {buyerId === undefined ? <BuyerSelect value={of} onChange={setOf} /> : null}
      </div>
      <Panel title="Transfers" note="append-only; each charge ends the hold of its request" flush>
        <ListTable caption="Transfers" columns={transferColumns(buyerId === undefined)} list={transfers} one="transfer" rowKey={(row) => `${row.transferId} ${row.kind}`} empty="No transfers." wide />
      </Panel>
    </>
  );
}
