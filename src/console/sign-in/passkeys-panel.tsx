import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { Passkey, Security } from '../../api/schemas/sign-in.ts';
import { Button } from '../parts/button.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { FormDialog } from '../parts/dialog.tsx';
import { Field } from '../parts/fields.tsx';
import { Time } from '../parts/figures.tsx';
import { Empty } from '../parts/notices.tsx';
import { Panel } from '../parts/page.tsx';
import { useToast } from '../parts/toast.tsx';
import { useChange } from '../queries.ts';
import type { Kind } from '../console-places.ts';
import { addPasskey, passkeysPossibleHere } from './passkeys.ts';
import { useAttempt } from './use-attempt.ts';

export interface PasskeysPanelProps {
  readonly kind: Kind;
  readonly security: Security | undefined;
}

export function PasskeysPanel({ kind, security }: PasskeysPanelProps): ReactNode {
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Passkey | null>(null);
  const possible = security?.passkeysPossible === true && passkeysPossibleHere();
  return (
    <Panel flush title="Passkeys" actions={possible && <Button small onClick={() => setAdding(true)}>Add a passkey</Button>}>
      <DataTable
        caption="Passkeys"
        rows={security?.passkeys}
        rowKey={(passkey) => passkey.passkeyId}
        columns={[
          { id: 'label', header: 'Name', cell: (passkey) => passkey.label },
          { id: 'created', header: 'Added', cell: (passkey) => <Time at={passkey.createdAt} precision="minute" /> },
          { id: 'used', header: 'Last used', cell: (passkey) => <Time at={passkey.lastUsedAt} precision="minute" /> },
          { id: 'do', header: '', actions: true, cell: (passkey) => <Button small look="danger" onClick={() => setRemoving(passkey)}>Remove</Button> },
        ]}
        empty={
          <Empty title="No passkeys.">
            <p className="muted">{possible ? 'A passkey signs you in with your fingerprint, face or security key, without password and code.' : 'Browsers allow passkeys only where this console has a host name and TLS, or on localhost.'}</p>
          </Empty>
        }
      />
      {adding && <AddDialog kind={kind} onClose={() => setAdding(false)} />}
      {removing !== null && <RemoveDialog kind={kind} passkey={removing} onClose={() => setRemoving(null)} />}
    </Panel>
  );
}

function AddDialog({ kind, onClose }: { readonly kind: Kind; readonly onClose: () => void }): ReactNode {
  const [label, setLabel] = useState('');
  const [password, setPassword] = useState('');
  const attempt = useAttempt();
  const cache = useQueryClient();
  const toast = useToast();
  const add = (): void =>
    attempt.run(async () => {
      await addPasskey(kind, label.trim(), password);
      await cache.invalidateQueries({ queryKey: [`/${kind}/security`] });
      toast(`Passkey “${label.trim()}” added.`);
      onClose();
    });
  return (
    <FormDialog title="Add a passkey" submit="Continue" busy={attempt.running} error={attempt.error} disabled={label.trim() === '' || password === ''} onSubmit={add} onClose={onClose}>
      <Field label="Name" note="Such as the device it is on." value={label} onChange={setLabel} required autoFocus maxLength={64} />
      <Field label="Your password" type="password" value={password} onChange={setPassword} required autoComplete="current-password" />
    </FormDialog>
  );
}

interface RemoveProps {
  readonly kind: Kind;
  readonly passkey: Passkey;
  readonly onClose: () => void;
}

function RemoveDialog({ kind, passkey, onClose }: RemoveProps): ReactNode {
  const [password, setPassword] = useState('');
  const remove = useChange<{ password: string }, unknown>({ path: `/${kind}/passkeys/${passkey.passkeyId}/remove`, refresh: [`/${kind}/security`] });
  return (
    <FormDialog title={`Remove passkey “${passkey.label}”?`} submit="Remove" look="danger" busy={remove.running} error={remove.error} disabled={password === ''} onClose={onClose} onSubmit={() => void remove.run({ password }).then(onClose, () => {})}>
      <p>It can no longer sign you in.</p>
      <Field label="Your password" type="password" value={password} onChange={setPassword} required autoFocus autoComplete="current-password" />
    </FormDialog>
  );
}
