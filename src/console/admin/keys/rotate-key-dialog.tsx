import { useState, type ReactNode } from 'react';
import type { AdminKey } from '../../../api/schemas/admin.ts';
import type { RotatedKey } from '../../../api/schemas/buyer.ts';
import { timeUtc } from '../../format.ts';
import { SecretBox } from '../../parts/copy-box.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Notice } from '../../parts/notices.tsx';
import { useChange } from '../../queries.ts';
import { ChangeDialog } from '../change-dialog.tsx';

export function RotateKeyDialog({ of, onClose }: { readonly of: AdminKey; readonly onClose: () => void }): ReactNode {
  const [made, setMade] = useState<RotatedKey | null>(null);
  const rotate = useChange<Record<string, never>, RotatedKey>({ path: `/admin/keys/${of.keyId}/rotate`, refresh: ['/admin/keys', '/admin/audit'] });
  const submit = async (): Promise<void> => setMade(await rotate.run({}));
  if (made !== null) return <Rotated made={made} onDone={onClose} />;
  return (
    <ChangeDialog title={`Rotate key “${of.label}”?`} submit="Rotate now" danger change={rotate} ready onSubmit={submit} onClose={onClose}>
      <p>
        The old key, <code>{of.key}</code> of {of.buyer}, stops working the moment you confirm. Requests already running will finish and be billed.
      </p>
    </ChangeDialog>
  );
}

function Rotated({ made, onDone }: { readonly made: RotatedKey; readonly onDone: () => void }): ReactNode {
  const when = timeUtc(made.oldKeyRevokedAt, 'clock');
  return (
    <Dialog title={`New key for “${made.label}”.`} {...(made.routeApiKey === null ? { onClose: onDone } : {})}>
      {made.routeApiKey === null ? (
        <Notice tone="warning">A rotation finished at {when}, but its key was not displayed. Rotate again to get a new one.</Notice>
      ) : (
        <SecretBox secret={made.routeApiKey} of="new key" note={`Old key revoked ${when}. The buyer’s browser sessions go on.`} onDone={onDone} />
      )}
    </Dialog>
  );
}
