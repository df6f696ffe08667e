import type { ReactNode } from 'react';
import type { AdminKey } from '../../../api/schemas/admin.ts';
import { useToast } from '../../parts/toast.tsx';
import { useChange } from '../../queries.ts';
import { ChangeDialog } from '../change-dialog.tsx';

export function RevokeKeyDialog({ of, onClose }: { readonly of: AdminKey; readonly onClose: () => void }): ReactNode {
  const toast = useToast();
  const revoke = useChange<Record<string, never>, unknown>({ method: 'DELETE', path: `/admin/keys/${of.keyId}`, body: () => undefined, refresh: ['/admin/keys', '/admin/buyers', '/admin/audit'] });
  const submit = async (): Promise<void> => {
    await revoke.run({});
    onClose();
    toast(`Key “${of.label}” of ${of.buyer} is revoked.`);
  };
  return (
    <ChangeDialog title={`Revoke key “${of.label}”?`} submit="Revoke now" danger change={revoke} ready onSubmit={submit} onClose={onClose}>
      <p>
        <code>{of.key}</code> of {of.buyer} stops working the moment you confirm, and nothing takes its place. Requests already running will finish and be billed. This cannot be undone.
      </p>
    </ChangeDialog>
  );
}
