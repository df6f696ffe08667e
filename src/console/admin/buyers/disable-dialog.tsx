import type { AdminBuyer } from '../../../api/schemas/admin.ts';
import { useChange } from '../../queries.ts';
import { ChangeDialog } from '../change-dialog.tsx';

export function DisableDialog({ buyer, onClose }: { readonly buyer: AdminBuyer; readonly onClose: () => void }) {
  const disable = buyer.status === 'enabled';
  const change = useChange<Record<string, never>, AdminBuyer>({ path: `/admin/buyers/${buyer.buyerId}/${disable ? 'disable' : 'enable'}`, refresh: ['/admin/buyers'] });
  const submit = async (): Promise<void> => {
    await change.run({});
    onClose();
  };
  const words = disable
    ? 'All its keys are refused from the next request on. Requests that run already will finish and be billed. It can still sign in and look.'
    : 'Its keys work again from the next request on.';
  return (
    <ChangeDialog title={`${disable ? 'Disable' : 'Enable'} ${buyer.name}?`} submit={disable ? 'Disable now' : 'Enable'} danger={disable} change={change} ready onSubmit={submit} onClose={onClose}>
      <p>{words}</p>
    </ChangeDialog>
  );
}
