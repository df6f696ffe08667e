import { useState, type ReactNode } from 'react';
import { Route, Switch } from 'wouter';
import type { Me } from '../../api/schemas/buyer.ts';
import { Empty, ErrorNote, Notice, StaleNote } from '../parts/notices.tsx';
import { ButtonLink } from '../parts/button.tsx';
import { Page } from '../parts/page.tsx';
import { Shell, type NavSection } from '../parts/shell.tsx';
import { useItem } from '../queries.ts';
import { SecurityPage } from '../sign-in/security-page.tsx';
import { signOut } from '../sign-in/sign-out.ts';
import { ConnectPage } from './connect-page.tsx';
import { KeysPage } from './keys-page.tsx';
import { NewKeys, type NewKey } from './new-keys.ts';
import { OverviewPage } from './overview-page.tsx';
import { ReceiptPage } from './receipt-page.tsx';
import { RequestsPage } from './requests-page.tsx';
import { StatementPage } from './statement-page.tsx';
import { StatementsPage } from './statements-page.tsx';
import { TopUpPage } from './top-up-page.tsx';
import { useBuyerEvents } from './use-buyer-events.ts';

const SECTIONS: readonly NavSection[] = [
  {
    links: [
      { href: '/', label: 'Overview', icon: 'overview' },
      { href: '/keys', label: 'Keys', icon: 'keys' },
      { href: '/requests', label: 'Requests', icon: 'requests' },
      { href: '/statements', label: 'Statements', icon: 'statements' },
      { href: '/top-up', label: 'Top up', icon: 'topup' },
      { href: '/connect', label: 'Connect', icon: 'connect' },
      { href: '/security', label: 'Security', icon: 'security' },
      { href: '/docs', label: 'Docs', icon: 'docs', outside: true },
    ],
  },
];

/** All pages of one buyer, in their frame; one live connection for all of them. */
export function BuyerPages(): ReactNode {
  const me = useItem<Me>('/buyer/me');
  const live = useBuyerEvents(me.data !== undefined);
  const [newKey, setNewKey] = useState<NewKey | null>(null);
  return (
    <NewKeys value={{ newKey, setNewKey }}>
      <Shell sections={SECTIONS} account={{ name: me.data?.name ?? '—', note: me.data?.buyerId ?? '' }} live={live} onSignOut={() => void signOut('buyer')}>
        <div className="page-notes">
          <ErrorNote error={me.error} retry={me.retry} />
          <StaleNote live={live} />
          {me.data?.disabled === true && <Notice tone="warning">This account is disabled: its keys are refused. You can look, but not create or rotate keys. Ask the operator.</Notice>}
        </div>
        <Switch>
          <Route path="/"><OverviewPage me={me.data} /></Route>
          <Route path="/keys"><KeysPage me={me.data} /></Route>
          <Route path="/requests"><RequestsPage /></Route>
          <Route path="/requests/:id">{({ id }) => <ReceiptPage id={id} />}</Route>
          <Route path="/statements"><StatementsPage /></Route>
          <Route path="/statements/:month">{({ month }) => <StatementPage month={month} />}</Route>
          <Route path="/top-up"><TopUpPage me={me.data} /></Route>
          <Route path="/connect"><ConnectPage me={me.data} /></Route>
          <Route path="/security"><SecurityPage kind="buyer" /></Route>
          <Route>
            <Page title="No such page">
              <Empty title="There is nothing at this address.">
                <ButtonLink href="/">Overview</ButtonLink>
              </Empty>
            </Page>
          </Route>
        </Switch>
      </Shell>
    </NewKeys>
  );
}
