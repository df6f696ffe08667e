import { useState, type ReactNode } from 'react';
import type { CreatedKey } from '../../../api/schemas/buyer.ts';
import { SecretBox } from '../../parts/copy-box.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Field } from '../../parts/fields.tsx';
import { Notice } from '../../parts/notices.tsx';
import { useChange } from '../../queries.ts';
import { ChangeDialog } from '../change-dialog.tsx';

export function CreateKeyDialog({ buyerId, onClose }: { readonly buyerId: string; readonly onClose: () => void }): ReactNode {
  const [label, setLabel] = useState('default');
  const [made, setMade] = useState<CreatedKey | null>(null);
  const create = useChange<{ label: string }, CreatedKey>({ path: `/admin/buyers/${encodeURIComponent(buyerId)}/keys`, refresh: ['/admin/keys', '/admin/buyers', '/admin/audit'] });
  const submit = async (): Promise<void> => setMade(await create.run({ label: label.trim() }));
  if (made === null)
    return (
      <ChangeDialog title="Create key" submit="Create key" change={create} ready={label.trim() !== ''} onSubmit={submit} onClose={onClose}>
        <Field label="Label" note="What it is for, such as prod or ci." value={label} onChange={setLabel} maxLength={64} autoComplete="off" required />
      </ChangeDialog>
    );
  return (
    <Dialog title={`New key “${made.label}”`} {...(made.routeApiKey === null ? { onClose } : {})}>
      {made.routeApiKey === null ? <Notice tone="warning">This key was made, but it was not displayed. Rotate it to get a new secret.</Notice> : <SecretBox secret={made.routeApiKey} of="new key" onDone={onClose} />}
    </Dialog>
  );
}
