import { useState, type ReactNode } from 'react';
import type { AdminKey } from '../../../api/schemas/admin.ts';
import { Button } from '../../parts/button.tsx';
import { Switch } from '../../parts/choices.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { Panel } from '../../parts/page.tsx';
import { useList } from '../../queries.ts';
import { ListTable } from '../list-table.tsx';
import { CreateKeyDialog } from './create-key-dialog.tsx';
import { keyColumns } from './key-columns.tsx';
import { RevokeKeyDialog } from './revoke-key-dialog.tsx';
import { RotateKeyDialog } from './rotate-key-dialog.tsx';

type Shown = 'live' | 'revoked' | 'all';
const SHOWN = [
  { value: 'live', label: 'Live' },
  { value: 'revoked', label: 'Revoked' },
  { value: 'all', label: 'All' },
] as const;
type Open = { readonly what: 'rotate' | 'revoke'; readonly key: AdminKey } | { readonly what: 'create'; readonly buyerId: string } | null;

/** Keys of one buyer, who can be given another one, or of all. */
export function KeysPanel({ buyerId }: { readonly buyerId?: string }): ReactNode {
  const [shown, setShown] = useState<Shown>('live');
  const [open, setOpen] = useState<Open>(null);
  const keys = useList<AdminKey>('/admin/keys', { buyerId, status: shown === 'all' ? undefined : shown });
  const close = (): void => setOpen(null);
  const columns: Column<AdminKey>[] = [
    ...keyColumns(buyerId === undefined),
    {
      id: 'actions',
      header: 'Actions',
      actions: true,
      cell: (key) =>
        key.status === 'live' ? (
          <>
            <Button small onClick={() => setOpen({ what: 'rotate', key })} aria-label={`Rotate ${key.label} of ${key.buyer}`}>
              Rotate
            </Button>
            <Button small look="danger" onClick={() => setOpen({ what: 'revoke', key })} aria-label={`Revoke ${key.label} of ${key.buyer}`}>
              Revoke
            </Button>
          </>
        ) : null,
    },
  ];
  const actions = (
    <div className="button-row">
      <Switch<Shown> label="Which keys" choices={SHOWN} value={shown} onChange={setShown} />
      {buyerId === undefined ? null : (
        <Button look="primary" small onClick={() => setOpen({ what: 'create', buyerId })}>
          Create key
        </Button>
      )}
    </div>
  );
  return (
    <Panel title="Keys" actions={actions} flush>
      <ListTable caption="Keys" columns={columns} list={keys} one="key" rowKey={(row) => row.keyId} empty={shown === 'revoked' ? 'No key was revoked.' : 'No keys yet.'} />
      {open?.what === 'create' ? <CreateKeyDialog buyerId={open.buyerId} onClose={close} /> : null}
      {open?.what === 'rotate' ? <RotateKeyDialog of={open.key} onClose={close} /> : null}
      {open?.what === 'revoke' ? <RevokeKeyDialog of={open.key} onClose={close} /> : null}
    </Panel>
  );
}
