import { useState, type ReactNode } from 'react';
import type { CreatedKey } from '../../api/schemas/buyer.ts';
import { SecretBox } from '../parts/copy-box.tsx';
import { Dialog, FormDialog } from '../parts/dialog.tsx';
import { Field } from '../parts/fields.tsx';
import { Notice } from '../parts/notices.tsx';
import { Button } from '../parts/button.tsx';
import { useChange } from '../queries.ts';
import { useNewKey } from './new-keys.ts';

export function CreateKeyDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [label, setLabel] = useState('');
  const [made, setMade] = useState<CreatedKey | null>(null);
  const { setNewKey } = useNewKey();
  const create = useChange<{ label: string }, CreatedKey>({ path: '/buyer/keys', refresh: ['/buyer/keys'] });
  const finish = (key: CreatedKey): void => {
    setMade(key);
    if (key.routeApiKey !== null) setNewKey({ keyId: key.keyId, label: key.label, secret: key.routeApiKey });
  };
  if (made === null)
    return (
      <FormDialog title="Create a key" submit="Create key" busy={create.running} error={create.error} disabled={label.trim() === ''} onClose={onClose} onSubmit={() => void create.run({ label: label.trim() }).then(finish, () => {})}>
        <Field label="Label" note="Where it will be used, such as prod or ci." value={label} onChange={setLabel} required autoFocus maxLength={64} autoComplete="off" />
      </FormDialog>
    );
  if (made.routeApiKey === null)
    return (
      <Dialog title={`Key “${made.label}” was made`} onClose={onClose}>
        <Notice tone="warning">The key was made, but its secret was not displayed. Rotate it to get a new one.</Notice>
        <div className="dialog-buttons">
          <Button look="primary" onClick={onClose}>
            Close
          </Button>
        </div>
      </Dialog>
    );
  return (
    <Dialog title={`New key “${made.label}”`}>
      <SecretBox secret={made.routeApiKey} of="new key" onDone={onClose} />
    </Dialog>
  );
}
