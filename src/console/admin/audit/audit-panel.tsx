import type { ReactNode } from 'react';
import type { AuditEntry } from '../../../api/schemas/admin.ts';
import type { Query } from '../../api-client.ts';
import type { Column } from '../../parts/data-table.tsx';
import { Time } from '../../parts/figures.tsx';
import { Panel } from '../../parts/page.tsx';
import { useList } from '../../queries.ts';
import { ListTable } from '../list-table.tsx';
import { changedFields } from './changed-fields.ts';

const COLUMNS: readonly Column<AuditEntry>[] = [
  {
    id: 'action',
    header: 'Action',
    cell: (row) => (
      <span className="stacked">
        {row.action}
        <small className="muted">
          <Time at={row.at} />
        </small>
      </span>
    ),
  },
  {
    id: 'actor',
    header: 'Who',
    cell: (row) => (
      <span className="stacked">
        <span className="breakable">{row.actor}</span>
        <small className="muted">
          {row.actorKind} by {row.via}
          {row.address === null ? '' : ` from ${row.address}`}
        </small>
      </span>
    ),
  },
  {
    id: 'subject',
    header: 'On',
    cell: (row) => (
      <span className="stacked">
        <span className="breakable">{row.subjectName ?? row.subject}</span>
        {row.subjectName === null ? null : <small className="muted">{row.subject}</small>}
      </span>
    ),
  },
  { id: 'change', header: 'Before → after', cell: (row) => <ChangeWords entry={row} /> },
];

/** What was changed, field by field. */
function ChangeWords({ entry }: { readonly entry: AuditEntry }): ReactNode {
  const fields = changedFields(entry);
  if (fields.length === 0) return <span className="muted">—</span>;
  return (
    <ul className="stacked">
      {fields.map(({ field, before, after }) => (
        <li key={field} className="breakable">
          <span className="muted">{field}</span> {before === null ? null : <>{before} <span aria-label="became">→</span> </>}
          {after === null ? <span className="muted">nothing</span> : after}
        </li>
      ))}
    </ul>
  );
}

/** The audit log, newest first; of one buyer or as filtered. */
export function AuditPanel({ buyerId, filter = {} }: { readonly buyerId?: string; readonly filter?: Query }): ReactNode {
  const entries = useList<AuditEntry>('/admin/audit', buyerId === undefined ? filter : { ...filter, buyerId }, { every: 10_000 });
  return (
    <Panel {...(buyerId === undefined ? {} : { title: 'Audit' })} flush>
      <div className="audit">
        <ListTable caption="Audit log" columns={COLUMNS} list={entries} one="record" rowKey={(row) => row.auditId} empty="Nothing is recorded that matches." />
      </div>
    </Panel>
  );
}
