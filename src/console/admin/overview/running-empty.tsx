import type { Snapshot } from '../../../api/schemas/live.ts';
import { lasting } from '../../format.ts';
import { Panel } from '../../parts/page.tsx';
import { Usdc } from '../../parts/figures.tsx';
import { BuyerLink } from '../links.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { LiveTable } from '../live-table.tsx';

type Buyer = Snapshot['buyers'][number];
const SOON_MINUTES = 60;

const COLUMNS: readonly Column<Buyer>[] = [
  { id: 'buyer', header: 'Buyer', cell: (row) => <BuyerLink buyerId={row.buyerId} name={row.name} /> },
  { id: 'available', header: 'Available', numeric: true, cell: (row) => <Usdc micros={row.availableUsdMicros} unit={false} /> },
  { id: 'burn', header: 'Burn/h', numeric: true, cell: (row) => <Usdc micros={row.burnPerHourUsdMicros} digits={4} unit={false} /> },
  { id: 'empty', header: 'Empty in', numeric: true, cell: (row) => lasting(row.emptyInMinutes) },
];

/** Who runs empty within an hour at the burn of the last one, soonest first. */
export function RunningEmpty({ snapshot }: { readonly snapshot: Snapshot | null }) {
  const soon = snapshot?.buyers
    .filter((buyer) => !buyer.disabled && buyer.emptyInMinutes !== null && buyer.emptyInMinutes < SOON_MINUTES)
    .sort((a, b) => (a.emptyInMinutes ?? 0) - (b.emptyInMinutes ?? 0));
  return (
    <Panel title="Empty within an hour" note="at the burn of the last 60 minutes" flush>
      <LiveTable caption="Buyers that run empty within an hour" columns={COLUMNS} rows={soon} rowKey={(row) => row.buyerId} empty="Nobody runs empty within an hour." />
    </Panel>
  );
}
