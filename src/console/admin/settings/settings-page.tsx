import { useState, type ReactNode } from 'react';
import type { Setting, Settings } from '../../../api/schemas/admin.ts';
import { DataTable, type Column } from '../../parts/data-table.tsx';
import { Facts } from '../../parts/figures.tsx';
import { Field } from '../../parts/fields.tsx';
import { Empty, ErrorNote, Tag } from '../../parts/notices.tsx';
import { Page, Panel } from '../../parts/page.tsx';
import { useItem } from '../../queries.ts';
import { settingsGroups, sourceWords } from './settings-groups.ts';

const COLUMNS: readonly Column<Setting>[] = [
  { id: 'key', header: 'Setting', cell: (row) => <span className="mono breakable">{row.key}</span> },
  { id: 'value', header: 'Value', cell: (row) => <span className="mono breakable">{row.value === '' ? '(empty)' : row.value}</span> },
  { id: 'from', header: 'From', cell: (row) => (row.from === 'default' ? <span className="muted">default</span> : <Tag>{sourceWords(row)}</Tag>) },
  { id: 'restart', header: 'A change', cell: (row) => <span className="muted">{row.restart ? 'needs a restart' : 'takes effect on reload'}</span> },
];

/** What is in force and where it comes from. Read-only: the file is the one place to change it. */
export function SettingsPage(): ReactNode {
  const settings = useItem<Settings>('/admin/settings');
  const [search, setSearch] = useState('');
  const groups = settings.data === undefined ? undefined : settingsGroups(settings.data.items, search);
  return (
    <Page title="Settings" lead="What is in force, and where each value comes from. Change the file and reload: this page changes nothing, and shows no credential.">
      <ErrorNote error={settings.error} retry={settings.retry} />
      <Panel>
        <Facts
          facts={[
            ['Configuration', <span key="file" className="mono">{settings.data === undefined ? '—' : (settings.data.file ?? 'none: defaults and options')}</span>],
            ['Database', <span key="database" className="mono">{settings.data?.database ?? '—'}</span>],
            ['Version', settings.data?.version ?? '—'],
          ]}
        />
        <Field label="Search" type="search" value={search} onChange={setSearch} placeholder="limits, 8787 …" />
      </Panel>
      {groups?.length === 0 ? <Empty title="No setting has that in its name or value." /> : null}
      {(groups ?? [{ name: 'general', items: undefined }]).map(({ name, items }) => (
        <Panel key={name} title={name} flush>
          <div className="settings">
            <DataTable caption={`Settings: ${name}`} columns={COLUMNS} rows={items} rowKey={(row) => row.key} />
          </div>
        </Panel>
      ))}
    </Page>
  );
}
