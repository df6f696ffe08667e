import { useState } from 'react';
import type { AdminBuyer } from '../../../api/schemas/admin.ts';
import { ErrorNote } from '../../parts/notices.tsx';
import { Page } from '../../parts/page.tsx';
import { Tabs } from '../../parts/choices.tsx';
import { useItem } from '../../queries.ts';
import { AuditPanel } from '../audit/audit-panel.tsx';
import { KeysPanel } from '../keys/keys-panel.tsx';
import { TransfersPanel } from '../ledger/transfers-panel.tsx';
import { RequestsPanel } from '../requests/requests-panel.tsx';
import { UsagePanel } from '../usage/usage-panel.tsx';
import { BuyerActions } from './buyer-actions.tsx';
import { BuyerFigures } from './buyer-figures.tsx';
import { StatementsPanel } from './statements-panel.tsx';

const TABS = [
  { value: 'overview', label: 'Overview' },
  { value: 'usage', label: 'Usage' },
  { value: 'requests', label: 'Requests' },
  { value: 'keys', label: 'Keys' },
  { value: 'ledger', label: 'Ledger' },
  { value: 'statements', label: 'Statements' },
  { value: 'audit', label: 'Audit' },
] as const;
type Tab = (typeof TABS)[number]['value'];

/** One buyer. Mounted anew for each id, so that nothing of another buyer is ever shown or acted on. */
export function BuyerPage({ buyerId }: { readonly buyerId: string }) {
  const buyer = useItem<AdminBuyer>(`/admin/buyers/${encodeURIComponent(buyerId)}`, {}, { every: 5_000 });
  const [tab, setTab] = useState<Tab>('overview');
  return (
    <Page
      title={buyer.data?.name ?? buyerId}
      back={{ href: '/buyers', label: 'Buyers' }}
      lead={<BuyerLead buyerId={buyerId} buyer={buyer.data} />}
      actions={buyer.data === undefined ? null : <BuyerActions buyer={buyer.data} />}
    >
      <ErrorNote error={buyer.error} retry={buyer.retry} />
      {buyer.error !== null && buyer.data === undefined ? null : (
        <>
          <BuyerFigures buyer={buyer.data} />
          <Tabs<Tab> label="About this buyer" choices={TABS} value={tab} onChange={setTab}>
            <TabContent tab={tab} buyerId={buyerId} />
          </Tabs>
        </>
      )}
    </Page>
  );
}

function TabContent({ tab, buyerId }: { readonly tab: Tab; readonly buyerId: string }) {
  switch (tab) {
    case 'overview':
      return (
        <div className="page">
          <UsagePanel buyerId={buyerId} />
          <RequestsPanel buyerId={buyerId} title="Latest requests" limit={10} />
        </div>
      );
    case 'usage':
      return <UsagePanel buyerId={buyerId} />;
    case 'requests':
      return <RequestsPanel buyerId={buyerId} title="Requests" />;
    case 'keys':
      return <KeysPanel buyerId={buyerId} />;
    case 'ledger':
      return <TransfersPanel buyerId={buyerId} />;
    case 'statements':
      return <StatementsPanel buyerId={buyerId} />;
    case 'audit':
      return <AuditPanel buyerId={buyerId} />;
  }
}

function BuyerLead({ buyerId, buyer }: { readonly buyerId: string; readonly buyer: AdminBuyer | undefined }) {
  return (
    <>
      <span className="mono">{buyerId}</span>
      {buyer?.status === 'disabled' ? <strong> · disabled: all its requests are refused</strong> : null}
    </>
  );
}
