import { useState, type ReactNode } from 'react';
import type { AdminToken } from '../../../api/schemas/admin.ts';
import { Button } from '../../parts/button.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { Time } from '../../parts/figures.tsx';
import { Panel } from '../../parts/page.tsx';
import { useChange, useList } from '../../queries.ts';
import { ChangeDialog } from '../change-dialog.tsx';
import { ListTable } from '../list-table.tsx';
import { State } from '../state.tsx';
import { CreateTokenDialog } from './create-token-dialog.tsx';

type Open = { readonly what: 'create' } | { readonly what: 'revoke'; readonly token: AdminToken } | null;

export function TokensPanel(): ReactNode {
  const tokens = useList<AdminToken>('/admin/tokens');
  const [open, setOpen] = useState<Open>(null);
  const close = (): void => setOpen(null);
  const columns: readonly Column<AdminToken>[] = [
    {
      id: 'label',
      header: 'Token',
      cell: (row) => (
        <span className="stacked">
          {row.label}
          <small className="muted">{row.tokenId}</small>
        </span>
      ),
      sort: (row) => row.label,
    },
    { id: 'secret', header: 'Secret', cell: (row) => <code>{row.token}</code> },
    { id: 'status', header: 'State', cell: (row) => <State of={row.status} /> },
    { id: 'by', header: 'Made by', cell: (row) => row.madeBy },
    { id: 'expires', header: 'Expires', cell: (row) => (row.expiresAt === null ? 'never' : <Time at={row.expiresAt} precision="day" />) },
    { id: 'used', header: 'Last used', cell: (row) => <Time at={row.lastUsedAt} precision="minute" /> },
    {
      id: 'actions',
      header: 'Actions',
      actions: true,
      cell: (row) =>
        row.status === 'live' ? (
          <Button small look="danger" onClick={() => setOpen({ what: 'revoke', token: row })} aria-label={`Revoke ${row.label}`}>
            Revoke
          </Button>
        ) : null,
    },
  ];
  return (
    <Panel title="Tokens" note="for programs: Authorization: Bearer" actions={<Button look="primary" small onClick={() => setOpen({ what: 'create' })}>Create token</Button>} flush>
      <ListTable caption="Admin tokens" columns={columns} list={tokens} one="token" rowKey={(row) => row.tokenId} empty="No tokens." />
      {open?.what === 'create' ? <CreateTokenDialog onClose={close} /> : null}
      {open?.what === 'revoke' ? <RevokeTokenDialog token={open.token} onClose={close} /> : null}
    </Panel>
  );
}

function RevokeTokenDialog({ token, onClose }: { readonly token: AdminToken; readonly onClose: () => void }): ReactNode {
  const revoke = useChange<Record<string, never>, unknown>({ method: 'DELETE', path: `/admin/tokens/${token.tokenId}`, body: () => undefined, refresh: ['/admin/tokens', '/admin/audit'] });
  const submit = async (): Promise<void> => {
    await revoke.run({});
    onClose();
  };
  return (
    <ChangeDialog title={`Revoke token “${token.label}”?`} submit="Revoke now" danger change={revoke} ready onSubmit={submit} onClose={onClose}>
      <p>The program that uses it is refused from its next call on. This cannot be undone.</p>
    </ChangeDialog>
  );
}
