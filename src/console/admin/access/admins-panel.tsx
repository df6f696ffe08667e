import { useState, type ReactNode } from 'react';
import type { AdminAccount, AdminMe } from '../../../api/schemas/admin.ts';
import { counted } from '../../format.ts';
import { Button } from '../../parts/button.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { Time } from '../../parts/figures.tsx';
import { Tag } from '../../parts/notices.tsx';
import { Panel } from '../../parts/page.tsx';
import { useItem, useList } from '../../queries.ts';
import { ListTable } from '../list-table.tsx';
import { State } from '../state.tsx';
import { AdminStatusDialog } from './admin-status-dialog.tsx';
import { InviteAdminDialog } from './invite-admin-dialog.tsx';
import { InviteDialog } from './invite-dialog.tsx';

type Open = { readonly what: 'new' } | { readonly what: 'invite' | 'status'; readonly admin: AdminAccount } | null;

export function AdminsPanel(): ReactNode {
  const admins = useList<AdminAccount>('/admin/admins');
  const me = useItem<AdminMe>('/admin/me').data?.name;
  const [open, setOpen] = useState<Open>(null);
  const close = (): void => setOpen(null);
  const columns: readonly Column<AdminAccount>[] = [
    { id: 'name', header: 'Admin', cell: (row) => <span className="button-row">{row.name}{row.name === me ? <Tag>you</Tag> : null}</span>, sort: (row) => row.name },
    { id: 'status', header: 'State', cell: (row) => <State of={row.status} />, sort: (row) => row.status },
    { id: 'factors', header: 'Second factors', cell: (row) => factors(row) },
    { id: 'created', header: 'Invited', cell: (row) => <Time at={row.createdAt} precision="day" /> },
    { id: 'last', header: 'Last sign-in', cell: (row) => <Time at={row.lastSignInAt} precision="minute" /> },
    {
      id: 'actions',
      header: 'Actions',
      actions: true,
      cell: (row) => (
        <>
          <Button small disabled={row.status === 'disabled'} onClick={() => setOpen({ what: 'invite', admin: row })} aria-label={`${row.status === 'active' ? 'Reset the sign-in of' : 'Invite again'} ${row.name}`}>
            {row.status === 'active' ? 'Reset' : 'Invite again'}
          </Button>
          <Button small look={row.status === 'disabled' ? 'plain' : 'danger'} disabled={row.name === me} onClick={() => setOpen({ what: 'status', admin: row })} aria-label={`${row.status === 'disabled' ? 'Enable' : 'Disable'} ${row.name}`}>
            {row.status === 'disabled' ? 'Enable' : 'Disable'}
          </Button>
        </>
      ),
    },
  ];
  return (
    <Panel title="Admins" actions={<Button look="primary" small onClick={() => setOpen({ what: 'new' })}>Invite admin</Button>} flush>
      <ListTable caption="Admins" columns={columns} list={admins} one="admin" rowKey={(row) => row.adminId} empty="No admins." />
      {open?.what === 'new' ? <InviteAdminDialog onClose={close} /> : null}
      {open?.what === 'invite' ? <InviteDialog name={open.admin.name} path="/admin/admins" body={{ name: open.admin.name }} active={open.admin.status === 'active'} refresh={['/admin/admins']} onClose={close} /> : null}
      {open?.what === 'status' ? <AdminStatusDialog admin={open.admin} onClose={close} /> : null}
    </Panel>
  );
}

function factors({ totp, passkeys }: AdminAccount): string {
  const parts = [totp ? 'authenticator' : null, passkeys > 0 ? counted(passkeys, 'passkey') : null].filter((part) => part !== null);
  return parts.length === 0 ? 'none' : parts.join(', ');
}
