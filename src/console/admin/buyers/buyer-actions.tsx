import { useState } from 'react';
import type { AdminBuyer } from '../../../api/schemas/admin.ts';
import { Button } from '../../parts/button.tsx';
import { InviteDialog } from '../access/invite-dialog.tsx';
import { DepositDialog } from './deposit-dialog.tsx';
import { DisableDialog } from './disable-dialog.tsx';

type Open = 'topup' | 'adjust' | 'invite' | 'status' | null;

/** What an operator does to a buyer. Each opens a dialog of its own; only money and disabling ask once more. */
export function BuyerActions({ buyer }: { readonly buyer: AdminBuyer }) {
  const [open, setOpen] = useState<Open>(null);
  const close = (): void => setOpen(null);
  return (
    <>
      <Button look="primary" onClick={() => setOpen('topup')}>Top up</Button>
      <Button onClick={() => setOpen('adjust')}>Adjust</Button>
      <Button onClick={() => setOpen('invite')}>{buyer.signIn === 'active' ? 'Reset sign-in' : 'Invite'}</Button>
      <Button look={buyer.status === 'enabled' ? 'danger' : 'plain'} onClick={() => setOpen('status')}>{buyer.status === 'enabled' ? 'Disable' : 'Enable'}</Button>
      {open === 'topup' || open === 'adjust' ? <DepositDialog kind={open} buyer={buyer} onClose={close} /> : null}
      {open === 'invite' ? <InviteDialog name={buyer.name} path={`/admin/buyers/${buyer.buyerId}/invite`} body={{}} active={buyer.signIn === 'active'} refresh={['/admin/buyers']} onClose={close} /> : null}
      {open === 'status' ? <DisableDialog buyer={buyer} onClose={close} /> : null}
    </>
  );
}
