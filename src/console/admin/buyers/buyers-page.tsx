import { useState } from 'react';
import type { AdminBuyer } from '../../../api/schemas/admin.ts';
import { tokens } from '../../format.ts';
import { Button } from '../../parts/button.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/page.tsx';
import { Usdc } from '../../parts/figures.tsx';
import { useList } from '../../queries.ts';
import { BuyerLink } from '../links.tsx';
import { ListTable, type Column } from '../list-table.tsx';
import { State } from '../state.tsx';
import { EmptyIn } from './empty-in.tsx';
import { CreateBuyerDialog } from './create-buyer-dialog.tsx';

const COLUMNS: readonly Column<AdminBuyer>[] = [
  { id: 'name', header: 'Buyer', cell: (row) => <BuyerCell buyer={row} />, sort: (row) => row.name },
  { id: 'balance', header: 'Balance', numeric: true, cell: (row) => <Usdc micros={row.balance.balanceUsdMicros} unit={false} />, sort: (row) => row.balance.balanceUsdMicros },
  { id: 'held', header: 'Held', numeric: true, cell: (row) => <Usdc micros={row.balance.heldUsdMicros} unit={false} />, sort: (row) => row.balance.heldUsdMicros },
  { id: 'burn', header: 'Burn/h', numeric: true, cell: (row) => <Usdc micros={row.balance.burnPerHourUsdMicros} digits={4} unit={false} />, sort: (row) => row.balance.burnPerHourUsdMicros },
  { id: 'empty', header: 'Empty in', numeric: true, cell: (row) => <EmptyIn minutes={row.balance.emptyInMinutes} />, sort: (row) => row.balance.emptyInMinutes ?? Number.MAX_SAFE_INTEGER },
  { id: 'keys', header: 'Keys', numeric: true, cell: (row) => row.liveKeys, sort: (row) => row.liveKeys },
  { id: 'requests', header: 'Requests today', numeric: true, cell: (row) => tokens(row.today.requests), sort: (row) => row.today.requests },
  { id: 'today', header: 'Charged today', numeric: true, cell: (row) => <Usdc micros={row.today.chargeUsdMicros} unit={false} />, sort: (row) => row.today.chargeUsdMicros },
  { id: 'signIn', header: 'Sign-in', cell: (row) => <State of={row.signIn} />, sort: (row) => row.signIn },
];

export function BuyersPage() {
  const buyers = useList<AdminBuyer>('/admin/buyers', {}, { every: 10_000 });
  const [creating, setCreating] = useState(false);
  const create = <Button look="primary" onClick={() => setCreating(true)}>Create buyer</Button>;
  return (
    <Page title="Buyers" actions={create}>
      <Panel flush>
        <ListTable caption="Buyers" columns={COLUMNS} list={buyers} one="buyer" linked rowKey={(row) => row.buyerId} empty="No buyers yet. Create one, top it up, and give it a key." />
      </Panel>
      {creating ? <CreateBuyerDialog onClose={() => setCreating(false)} /> : null}
    </Page>
  );
}

function BuyerCell({ buyer }: { readonly buyer: AdminBuyer }) {
  return (
    <span className="stacked">
      <BuyerLink buyerId={buyer.buyerId} name={buyer.name} />
      <small className="muted">
        {buyer.buyerId}
        {buyer.status === 'disabled' ? <strong> · disabled</strong> : null}
      </small>
    </span>
  );
}

