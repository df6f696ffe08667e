import type { ReactNode } from 'react';
import type { AdminRequestDetail } from '../../../api/schemas/admin.ts';
import { DataTable, type Column } from '../../parts/data-table.tsx';
import { Time, Usdc } from '../../parts/figures.tsx';
import { Panel } from '../../parts/page.tsx';

type RequestTransfer = AdminRequestDetail['transfers'][number];

const COLUMNS: readonly Column<RequestTransfer>[] = [
  { id: 'id', header: 'Transfer', cell: (row) => <span className="mono">{row.transferId}</span> },
  { id: 'kind', header: 'Kind', cell: (row) => row.kind },
  { id: 'at', header: 'At', cell: (row) => <Time at={row.at} /> },
  { id: 'amount', header: 'Amount, USDC', numeric: true, cell: (row) => <Usdc micros={row.amountUsdMicros} digits={6} unit={false} /> },
];

/** The rows of the ledger that this request made. */
export function RequestTransfers({ transfers }: { readonly transfers: AdminRequestDetail['transfers'] }): ReactNode {
  if (transfers.length === 0) return null;
  return (
    <Panel title="In the ledger" flush>
      <DataTable caption="Transfers of this request" columns={COLUMNS} rows={transfers} rowKey={(row) => `${row.transferId} ${row.kind}`} />
    </Panel>
  );
}
