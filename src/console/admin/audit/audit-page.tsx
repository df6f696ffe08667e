import { useState, type ReactNode } from 'react';
import { Select } from '../../parts/fields.tsx';
import { Page } from '../../parts/page.tsx';
import { BuyerSelect } from '../buyer-select.tsx';
import { FilterField } from '../filter-field.tsx';
import { AuditPanel } from './audit-panel.tsx';

const SINCE = [
  { value: '', label: 'Any time' },
  { value: '24h', label: 'Last 24 hours' },
  { value: '7d', label: 'Last 7 days' },
  { value: '30d', label: 'Last 30 days' },
];

export function AuditPage(): ReactNode {
  const [since, setSince] = useState('');
  const [buyerId, setBuyerId] = useState('');
  const [actor, setActor] = useState('');
  const [action, setAction] = useState('');
  const [subject, setSubject] = useState('');
  return (
    <Page title="Audit" lead="Who changed what, from where. Append-only, and never with a secret in it.">
      <div className="filters" role="search" aria-label="Filter the audit log">
        <Select label="When" value={since} onChange={setSince} options={SINCE} />
        <BuyerSelect value={buyerId} onChange={setBuyerId} />
        <FilterField label="Who" value={actor} onChange={setActor} placeholder="eva" />
        <FilterField label="Action" value={action} onChange={setAction} placeholder="key.rotate" />
        <FilterField label="On" value={subject} onChange={setSubject} placeholder="key_7" />
      </div>
      <AuditPanel filter={{ since, buyerId, actor, action, subject }} />
    </Page>
  );
}
