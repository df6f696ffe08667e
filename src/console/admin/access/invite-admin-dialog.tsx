import { useState, type ReactNode } from 'react';
import type { CreatedInvite } from '../../../api/schemas/admin.ts';
import { Field } from '../../parts/fields.tsx';
import { useChange } from '../../queries.ts';
import { ChangeDialog } from '../change-dialog.tsx';
import { InviteLink } from './invite-dialog.tsx';

export function InviteAdminDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [name, setName] = useState('');
  const [made, setMade] = useState<CreatedInvite | null>(null);
  const invite = useChange<{ name: string }, CreatedInvite>({ path: '/admin/admins', refresh: ['/admin/admins', '/admin/audit'] });
  if (made !== null) return <InviteLink invite={made} onDone={onClose} />;
  const submit = async (): Promise<void> => setMade(await invite.run({ name: name.trim() }));
  return (
    <ChangeDialog title="Invite admin" submit="Make a link" change={invite} ready={name.trim() !== ''} onSubmit={submit} onClose={onClose}>
      <p>An admin can do everything that this panel can.</p>
      <Field label="Name" note="Used to sign in, and written into the audit log." value={name} onChange={setName} maxLength={64} autoComplete="off" required />
    </ChangeDialog>
  );
}
