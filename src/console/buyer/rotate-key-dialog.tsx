import { useState, type ReactNode } from 'react';
import type { Key, RotatedKey } from '../../api/schemas/buyer.ts';
import { timeUtc } from '../format.ts';
import { Button } from '../parts/button.tsx';
import { SecretBox } from '../parts/copy-box.tsx';
import { ConfirmDialog, Dialog } from '../parts/dialog.tsx';
import { Notice } from '../parts/notices.tsx';
import { useChange } from '../queries.ts';
import { useNewKey } from './new-keys.ts';

export interface KeyDialogProps {
  readonly of: Key;
  readonly onClose: () => void;
}

/** The old key stops at once; the new one is shown once. A repeat after a lost answer does not rotate again. */
export function RotateKeyDialog({ of, onClose }: KeyDialogProps): ReactNode {
  const [rotated, setRotated] = useState<RotatedKey | null>(null);
  const { setNewKey } = useNewKey();
  const rotate = useChange<{ keyId: string }, RotatedKey>({ path: '/buyer/rotate-api-key', refresh: ['/buyer/keys'] });
  const finish = (key: RotatedKey): void => {
    setRotated(key);
    if (key.routeApiKey !== null) setNewKey({ keyId: key.keyId, label: key.label, secret: key.routeApiKey });
  };
  if (rotated !== null) return <Rotated key={rotated.keyId} rotated={rotated} onClose={onClose} />;
  return (
    <ConfirmDialog title={`Rotate key “${of.label}”?`} submit="Rotate now" busy={rotate.running} error={rotate.error} onClose={onClose} onSubmit={() => void rotate.run({ keyId: of.keyId }).then(finish, () => {})}>
      <p>
        The old key, <code className="nowrap">{of.key}</code>, stops working the moment you confirm. Requests already running will finish and be billed.
      </p>
    </ConfirmDialog>
  );
}

function Rotated({ rotated, onClose }: { readonly rotated: RotatedKey; readonly onClose: () => void }): ReactNode {
  const at = timeUtc(rotated.oldKeyRevokedAt, 'clock');
  if (rotated.routeApiKey === null)
    return (
      <Dialog title={`Key “${rotated.label}” was rotated`} onClose={onClose}>
        <Notice tone="warning">A rotation finished at {at}, but its key was not displayed. Rotate again to get a new one.</Notice>
        <div className="dialog-buttons">
          <Button look="primary" onClick={onClose}>
            Close
          </Button>
        </div>
      </Dialog>
    );
  return (
    <Dialog title={`New key for “${rotated.label}”.`}>
      <SecretBox secret={rotated.routeApiKey} of="new key" note={`Old key revoked ${at}. Your browser session is updated automatically.`} onDone={onClose} />
    </Dialog>
  );
}
