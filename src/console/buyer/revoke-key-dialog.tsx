import type { ReactNode } from 'react';
import { ConfirmDialog } from '../parts/dialog.tsx';
import { useToast } from '../parts/toast.tsx';
import { useChange } from '../queries.ts';
import type { KeyDialogProps } from './rotate-key-dialog.tsx';

export function RevokeKeyDialog({ of, onClose }: KeyDialogProps): ReactNode {
  const toast = useToast();
  const revoke = useChange<undefined, unknown>({ method: 'DELETE', path: `/buyer/keys/${of.keyId}`, refresh: ['/buyer/keys'] });
  const done = (): void => {
    toast(`Key “${of.label}” revoked.`);
    onClose();
  };
  return (
    <ConfirmDialog title={`Revoke key “${of.label}”?`} submit="Revoke now" look="danger" busy={revoke.running} error={revoke.error} onClose={onClose} onSubmit={() => void revoke.run(undefined).then(done, () => {})}>
      <p>
        <code className="nowrap">{of.key}</code> stops working the moment you confirm, and nothing replaces it. Requests already running will finish and be billed.
      </p>
    </ConfirmDialog>
  );
}
