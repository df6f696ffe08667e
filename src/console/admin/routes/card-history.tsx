import { useState, type ReactNode } from 'react';
import type { PriceCard } from '../../../api/schemas/admin.ts';
import { percent } from '../../format.ts';
import { Button } from '../../parts/button.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Time } from '../../parts/figures.tsx';
import { Tag } from '../../parts/notices.tsx';
import { Panel } from '../../parts/page.tsx';
import { useList } from '../../queries.ts';
import { ListTable } from '../list-table.tsx';
import { CardTable } from './card-table.tsx';
import { cardWords } from './card-words.ts';
import { marginRange } from './price-rows.ts';

/** All versions of a route's card: none is ever changed, so that old receipts stay true. */
export function CardHistory({ alias }: { readonly alias: string }): ReactNode {
  const cards = useList<PriceCard>(`/admin/routes/${encodeURIComponent(alias)}/price-cards`);
  const [open, setOpen] = useState<PriceCard | null>(null);
  const columns: readonly Column<PriceCard>[] = [
    { id: 'card', header: 'Card', cell: (row) => <span className="button-row">{row.priceCard}{row.inForce ? <Tag>in force</Tag> : null}</span> },
    { id: 'from', header: 'Effective from', cell: (row) => <Time at={row.createdAt} /> },
    { id: 'prices', header: 'Prices', cell: (row) => cardWords(row) },
    { id: 'book', header: 'List of', cell: (row) => (row.origin.kind === 'multiplier' ? row.origin.bookDate : '—') },
    { id: 'margin', header: 'Least margin', numeric: true, cell: (row) => percent(marginRange(row.models)?.least) },
    {
      id: 'actions',
      header: 'Actions',
      actions: true,
      cell: (row) => (
        <Button small onClick={() => setOpen(row)} aria-label={`Show ${row.priceCard}`}>
          Show
        </Button>
      ),
    },
  ];
  return (
    <Panel title="Versions" note="margins against today’s list" flush>
      <ListTable caption="Versions of the price card" columns={columns} list={cards} one="version" rowKey={(row) => row.priceCard} empty="No versions." />
      {open === null ? null : (
        <Dialog title={`${open.priceCard}: ${cardWords(open)}`} wide onClose={() => setOpen(null)}>
          <CardTable card={open} />
          <div className="dialog-buttons">
            <Button onClick={() => setOpen(null)}>Close</Button>
          </div>
        </Dialog>
      )}
    </Panel>
  );
}
