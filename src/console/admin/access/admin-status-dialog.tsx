import type { ReactNode } from 'react';
import type { AdminAccount } from '../../../api/schemas/admin.ts';
import { useChange } from '../../queries.ts';
import { ChangeDialog } from '../change-dialog.tsx';

export function AdminStatusDialog({ admin, onClose }: { readonly admin: AdminAccount; readonly onClose: () => void }): ReactNode {
  const disable = admin.status !== 'disabled';
  const change = useChange<Record<string, never>, unknown>({ path: `/admin/admins/${admin.adminId}/${disable ? 'disable' : 'enable'}`, refresh: ['/admin/admins', '/admin/audit'] });
  const submit = async (): Promise<void> => {
    await change.run({});
    onClose();
  };
  return (
    <ChangeDialog title={`${disable ? 'Disable' : 'Enable'} ${admin.name}?`} submit={disable ? 'Disable now' : 'Enable'} danger={disable} change={change} ready onSubmit={submit} onClose={onClose}>
      <p>{disable ? 'All sessions end now, and signing in is refused. Tokens that this admin made go on working: revoke them below if need be.' : 'Signing in with the password works again.'}</p>
    </ChangeDialog>
  );
}
