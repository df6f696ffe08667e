import { useState, type ReactNode } from 'react';
import type { CreatedToken } from '../../../api/schemas/admin.ts';
import { timeUtc } from '../../format.ts';
import { SecretBox } from '../../parts/copy-box.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Field, Select } from '../../parts/fields.tsx';
import { Notice } from '../../parts/notices.tsx';
import { useChange } from '../../queries.ts';
import { ChangeDialog } from '../change-dialog.tsx';

const EXPIRY = [
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '365', label: 'In a year' },
  { value: '', label: 'Never' },
];

export function CreateTokenDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [label, setLabel] = useState('');
  const [days, setDays] = useState('90');
  const [made, setMade] = useState<CreatedToken | null>(null);
  const create = useChange<Record<string, unknown>, CreatedToken>({ path: '/admin/tokens', refresh: ['/admin/tokens', '/admin/audit'] });
  const submit = async (): Promise<void> => setMade(await create.run({ label: label.trim(), expiresInDays: days === '' ? null : Number(days) }));
  if (made === null)
    return (
      <ChangeDialog title="Create token" submit="Create token" change={create} ready={label.trim() !== ''} onSubmit={submit} onClose={onClose}>
        <Field label="Label" note="What it is for, such as terraform. The audit log names it." value={label} onChange={setLabel} maxLength={64} autoComplete="off" required />
        <Select label="Expires" value={days} onChange={setDays} options={EXPIRY} />
      </ChangeDialog>
    );
  const note = made.expiresAt === null ? 'It does not expire.' : `It expires ${timeUtc(made.expiresAt, 'minute')}.`;
  return (
    <Dialog title={`New token “${made.label}”`} {...(made.adminToken === null ? { onClose } : {})}>
      {made.adminToken === null ? <Notice tone="warning">This token was made, but it was not displayed. Revoke it and create another.</Notice> : <SecretBox secret={made.adminToken} of="new token" note={note} onDone={onClose} />}
    </Dialog>
  );
}
