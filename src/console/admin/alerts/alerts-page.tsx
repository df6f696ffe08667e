import type { ReactNode } from 'react';
import type { Alert, AlertRule } from '../../../api/schemas/admin.ts';
import type { Column } from '../../parts/data-table.tsx';
import { Time } from '../../parts/figures.tsx';
import { Page, Panel } from '../../parts/page.tsx';
import { useList } from '../../queries.ts';
import { ListTable } from '../list-table.tsx';
import { State } from '../state.tsx';
import { AlertCalls } from './alert-calls.tsx';

const RULES: readonly Column<AlertRule>[] = [
  { id: 'rule', header: 'Rule', cell: (row) => row.name },
  { id: 'when', header: 'When', cell: (row) => <span className="mono">{row.when}</span> },
  { id: 'words', header: 'In words', cell: (row) => row.words },
  { id: 'firing', header: 'Firing', numeric: true, cell: (row) => (row.firing > 0 ? <strong>! {row.firing}</strong> : 'no') },
];

const ALERTS: readonly Column<Alert>[] = [
  { id: 'subject', header: 'Concerns', cell: (row) => row.subjectName },
  { id: 'state', header: 'State', cell: (row) => <State of={row.firing ? 'firing' : 'cleared'} /> },
  {
    id: 'message',
    header: 'What',
    cell: (row) => (
      <span className="stacked">
        {row.message}
        <small className="muted">rule {row.rule}</small>
      </span>
    ),
  },
  {
    id: 'fired',
    header: 'Fired',
    cell: (row) => (
      <span className="stacked">
        <Time at={row.firedAt} />
        <small>{row.clearedAt === null ? 'not cleared yet' : <>cleared <Time at={row.clearedAt} /></>}</small>
      </span>
    ),
  },
  { id: 'calls', header: 'Webhook calls', cell: (row) => <AlertCalls calls={row.calls} /> },
];

export function AlertsPage(): ReactNode {
  const alerts = useList<Alert>('/admin/alerts', { all: 'true' }, { every: 5_000 });
  const rules = useList<AlertRule>('/admin/alert-rules', {}, { every: 30_000 });
  return (
    <Page title="Alerts" lead="Rules and webhooks are set in the configuration, and looked at every five seconds.">
      <Panel title="Firing and history" flush>
        <ListTable caption="Alerts" columns={ALERTS} list={alerts} one="alert" rowKey={(row) => row.alertId} empty="No alert has fired." />
      </Panel>
      <Panel title="Rules" flush>
        <ListTable caption="Rules" columns={RULES} list={rules} one="rule" rowKey={(row) => row.name} empty="No rule is configured." />
      </Panel>
    </Page>
  );
}
