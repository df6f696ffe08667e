import type { AdminKey } from '../../../api/schemas/admin.ts';
import type { Column } from '../../parts/data-table.tsx';
import { Time } from '../../parts/figures.tsx';
import { BuyerLink } from '../links.tsx';
import { State } from '../state.tsx';

/** What a table of keys shows; whose they are only where they are of several buyers. */
export function keyColumns(ofSeveral: boolean): Column<AdminKey>[] {
  const buyer: Column<AdminKey> = { id: 'buyer', header: 'Buyer', cell: (row) => <BuyerLink buyerId={row.buyerId} name={row.buyer} />, sort: (row) => row.buyer };
  return [
    {
      id: 'label',
      header: 'Key',
      cell: (row) => (
        <span className="stacked">
          {row.label}
          <small className="muted">{row.keyId}</small>
        </span>
      ),
      sort: (row) => row.label,
    },
    ...(ofSeveral ? [buyer] : []),
    { id: 'key', header: 'Secret', cell: (row) => <code>{row.key}</code> },
    { id: 'status', header: 'State', cell: (row) => <State of={row.status} more={row.replacedBy === null ? null : `by ${row.replacedBy}`} />, sort: (row) => row.status },
    { id: 'created', header: 'Created', cell: (row) => <Time at={row.createdAt} precision="day" />, sort: (row) => row.createdAt },
    { id: 'used', header: 'Last used', cell: (row) => <Time at={row.lastUsedAt} precision="minute" />, sort: (row) => row.lastUsedAt },
  ];
}
