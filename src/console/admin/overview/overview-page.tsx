import { Page } from '../../parts/page.tsx';
import { LiveNote, useLiveFeed } from '../live-feed.tsx';
import { UsagePanel } from '../usage/usage-panel.tsx';
import { FiringAlerts } from './firing-alerts.tsx';
import { LiveFigures } from './live-figures.tsx';
import { LiveTraffic } from './live-traffic.tsx';
import { RunningEmpty } from './running-empty.tsx';
import { UpstreamHealth } from './upstream-health.tsx';

/** What happens on the gateway now, and what needs somebody. */
export function OverviewPage() {
  const { snapshot } = useLiveFeed();
  return (
    <Page title="Overview">
      <LiveNote />
      <FiringAlerts snapshot={snapshot} />
      <LiveFigures snapshot={snapshot} />
      <UsagePanel />
      <div className="columns-2">
        <UpstreamHealth snapshot={snapshot} />
        <RunningEmpty snapshot={snapshot} />
      </div>
      <LiveTraffic snapshot={snapshot} />
    </Page>
  );
}
