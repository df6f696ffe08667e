import type { ReactNode } from 'react';
import { Route, Switch } from 'wouter';
import type { AdminMe } from '../../api/schemas/admin.ts';
import { ButtonLink } from '../parts/button.tsx';
import { Empty, ErrorNote } from '../parts/notices.tsx';
import { Page } from '../parts/page.tsx';
import { Shell, type NavSection } from '../parts/shell.tsx';
import { useItem } from '../queries.ts';
import { SecurityPage } from '../sign-in/security-page.tsx';
import { signOut } from '../sign-in/sign-out.ts';
import { AccessPage } from './access/access-page.tsx';
import { AlertsPage } from './alerts/alerts-page.tsx';
import { AuditPage } from './audit/audit-page.tsx';
import { BuyerPage } from './buyers/buyer-page.tsx';
import { BuyersPage } from './buyers/buyers-page.tsx';
import { KeysPage } from './keys/keys-page.tsx';
import { LedgerPage } from './ledger/ledger-page.tsx';
import { LiveFeedProvider, useLiveFeed } from './live-feed.tsx';
import { OverviewPage } from './overview/overview-page.tsx';
import { RequestPage } from './requests/request-page.tsx';
import { RequestsPage } from './requests/requests-page.tsx';
import { RoutePage } from './routes/route-page.tsx';
import { RoutesPage } from './routes/routes-page.tsx';
import { SettingsPage } from './settings/settings-page.tsx';
import { UpstreamsPage } from './upstreams/upstreams-page.tsx';
import { UsagePage } from './usage/usage-page.tsx';

const SECTIONS: readonly NavSection[] = [
  {
    links: [
      { href: '/', label: 'Overview', icon: 'overview' },
      { href: '/requests', label: 'Requests', icon: 'requests' },
      { href: '/usage', label: 'Usage', icon: 'usage' },
      { href: '/alerts', label: 'Alerts', icon: 'alerts' },
    ],
  },
  {
    title: 'Sell',
    links: [
      { href: '/buyers', label: 'Buyers', icon: 'buyers' },
      { href: '/keys', label: 'Keys', icon: 'keys' },
      { href: '/routes', label: 'Routes', icon: 'routes' },
      { href: '/upstreams', label: 'Upstreams', icon: 'upstreams' },
    ],
  },
  {
    title: 'Prove',
    links: [
      { href: '/ledger', label: 'Ledger', icon: 'ledger' },
      { href: '/audit', label: 'Audit', icon: 'audit' },
    ],
  },
  {
    title: 'Set up',
    links: [
      { href: '/access', label: 'Access', icon: 'admins' },
      { href: '/settings', label: 'Settings', icon: 'settings' },
      { href: '/security', label: 'Security', icon: 'security' },
      { href: '/docs', label: 'Docs', icon: 'docs', outside: true },
    ],
  },
];

/** All pages of the operator's panel, in their frame; one live connection for all of them. */
export function AdminPages(): ReactNode {
  return (
    <LiveFeedProvider>
      <Frame />
    </LiveFeedProvider>
  );
}

function Frame(): ReactNode {
  const me = useItem<AdminMe>('/admin/me');
  const { live } = useLiveFeed();
  return (
    <Shell tag="admin" sections={SECTIONS} account={{ name: me.data?.name ?? '—', note: me.data === undefined ? '' : `ainogap ${me.data.version}` }} live={live} onSignOut={() => void signOut('admin')}>
      <div className="page-notes">
        <ErrorNote error={me.error} retry={me.retry} />
      </div>
      <Switch>
        <Route path="/"><OverviewPage /></Route>
        <Route path="/requests"><RequestsPage /></Route>
        <Route path="/requests/:id">{({ id }) => <RequestPage key={id} requestId={id} />}</Route>
        <Route path="/usage"><UsagePage /></Route>
        <Route path="/alerts"><AlertsPage /></Route>
        <Route path="/buyers"><BuyersPage /></Route>
        <Route path="/buyers/:id">{({ id }) => <BuyerPage key={id} buyerId={id} />}</Route>
        <Route path="/keys"><KeysPage /></Route>
        <Route path="/routes"><RoutesPage /></Route>
        <Route path="/routes/:alias">{({ alias }) => <RoutePage key={alias} alias={alias} />}</Route>
        <Route path="/upstreams"><UpstreamsPage /></Route>
        <Route path="/ledger"><LedgerPage /></Route>
        <Route path="/audit"><AuditPage /></Route>
        <Route path="/access"><AccessPage /></Route>
        <Route path="/settings"><SettingsPage /></Route>
        <Route path="/security"><SecurityPage kind="admin" /></Route>
        <Route>
          <Page title="No such page">
            <Empty title="There is nothing at this address.">
              <ButtonLink href="/">Overview</ButtonLink>
            </Empty>
          </Page>
        </Route>
      </Switch>
    </Shell>
  );
}
