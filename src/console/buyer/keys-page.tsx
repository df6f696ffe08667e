import { useState, type ReactNode } from 'react';
import type { Key, Me } from '../../api/schemas/buyer.ts';
import { Button } from '../parts/button.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Time } from '../parts/figures.tsx';
import { Empty, ErrorNote, StatusDot } from '../parts/notices.tsx';
import { Page, Panel } from '../parts/page.tsx';
import { Pager } from '../parts/pager.tsx';
import { useList } from '../queries.ts';
import { CreateKeyDialog } from './create-key-dialog.tsx';
import { RevokeKeyDialog } from './revoke-key-dialog.tsx';
import { RotateKeyDialog } from './rotate-key-dialog.tsx';

type Opened = { readonly kind: 'create' } | { readonly kind: 'rotate' | 'revoke'; readonly key: Key } | null;

export function KeysPage({ me }: { readonly me: Me | undefined }): ReactNode {
  const keys = useList<Key>('/buyer/keys');
  const [opened, setOpened] = useState<Opened>(null);
  const close = (): void => setOpened(null);
  const locked = me === undefined || me.disabled;
  const create = (
    <Button look="primary" disabled={locked} onClick={() => setOpened({ kind: 'create' })}>
      Create key
    </Button>
  );
  return (
    <Page title="Keys" lead="A key spends this balance. Its secret is shown once, when it is made; rotate it when it may have been seen." actions={create}>
      <Panel flush>
        <ErrorNote error={keys.error} retry={keys.retry} />
        <DataTable<Key>
          caption="Keys"
          rows={keys.data}
          rowKey={(key) => key.keyId}
          columns={[
            { id: 'label', header: 'Label', cell: (key) => <span className="stacked">{key.label}<small>{key.keyId}</small></span>, sort: (key) => key.label },
            { id: 'key', header: 'Key', cell: (key) => <code className="nowrap">{key.key}</code> },
            { id: 'status', header: 'Status', cell: (key) => <KeyState of={key} />, sort: (key) => key.status },
            { id: 'created', header: 'Created', cell: (key) => <Time at={key.createdAt} precision="minute" />, sort: (key) => key.createdAt },
            { id: 'used', header: 'Last used', cell: (key) => <Time at={key.lastUsedAt} precision="minute" />, sort: (key) => key.lastUsedAt },
            {
              id: 'do',
              header: '',
              actions: true,
              cell: (key) =>
                key.status === 'live' && (
                  <>
                    <Button small disabled={locked} aria-label={`Rotate ${key.label}`} onClick={() => setOpened({ kind: 'rotate', key })}>
                      Rotate
                    </Button>
                    <Button small look="danger" aria-label={`Revoke ${key.label}`} onClick={() => setOpened({ kind: 'revoke', key })}>
                      Revoke
                    </Button>
                  </>
                ),
            },
          ]}
          empty={<Empty title="No keys yet.">{create}</Empty>}
        />
        <Pager list={keys} one="key" />
      </Panel>
      {opened?.kind === 'create' && <CreateKeyDialog onClose={close} />}
      {opened?.kind === 'rotate' && <RotateKeyDialog of={opened.key} onClose={close} />}
      {opened?.kind === 'revoke' && <RevokeKeyDialog of={opened.key} onClose={close} />}
    </Page>
  );
}

function KeyState({ of }: { readonly of: Key }): ReactNode {
  if (of.status === 'live') return <StatusDot tone="good">live</StatusDot>;
  return (
    <span className="stacked">
      <StatusDot tone="off">revoked</StatusDot>
      <small>
        <Time at={of.revokedAt} precision="minute" />
        {of.replacedBy !== null && `, now ${of.replacedBy}`}
      </small>
    </span>
  );
}
