import { useState } from 'react';
import { useLocation } from 'wouter';
import type { AdminBuyer } from '../../../api/schemas/admin.ts';
import { Field } from '../../parts/fields.tsx';
import { useChange } from '../../queries.ts';
import { ChangeDialog } from '../change-dialog.tsx';

export function CreateBuyerDialog({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const [, go] = useLocation();
  const create = useChange<{ name: string }, AdminBuyer>({ path: '/admin/buyers', refresh: ['/admin/buyers'] });
  const submit = async (): Promise<void> => {
    const buyer = await create.run({ name: name.trim() });
    onClose();
    go(`/buyers/${buyer.buyerId}`);
  };
  return (
    <ChangeDialog title="Create buyer" submit="Create buyer" change={create} ready={name.trim() !== ''} onSubmit={submit} onClose={onClose}>
      <Field label="Name" note="The buyer signs in by it. It cannot be changed later." value={name} onChange={setName} maxLength={64} autoComplete="off" required />
    </ChangeDialog>
  );
}
