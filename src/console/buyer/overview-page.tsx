import { useState, type ReactNode } from 'react';
import type { Me } from '../../api/schemas/buyer.ts';
import type { RequestSummary } from '../../api/schemas/usage.ts';
import { ButtonLink } from '../parts/button.tsx';
import { Figure, Figures, Lasting, Usdc } from '../parts/figures.tsx';
import { ErrorNote, Notice } from '../parts/notices.tsx';
import { Page, Panel } from '../parts/page.tsx';
import { UsagePanel, type Window } from '../parts/usage-panel.tsx';
import { useList } from '../queries.ts';
import { CachingPanel } from './caching-panel.tsx';
import { FirstRequest } from './first-request.tsx';
import { RequestTable } from './request-table.tsx';
import { LATEST } from './use-buyer-events.ts';

export function OverviewPage({ me }: { readonly me: Me | undefined }): ReactNode {
  const [window, setWindow] = useState<Window>('24h');
  return (
    <Page title="Overview" actions={<ButtonLink href="/top-up" look="primary">Top up</ButtonLink>}>
      {me !== undefined && me.balance.availableUsdMicros <= 0 && (
        <Notice tone="warning" actions={<ButtonLink href="/top-up" small>Top up</ButtonLink>}>
          {me.balance.balanceUsdMicros <= 0 ? 'Requests are refused until you top up.' : 'All of the balance is held by requests that run. New ones wait until some settle.'}
        </Notice>
      )}
      <BalancePanel me={me} />
      <UsagePanel path="/buyer/usage" title="Spend" fileName="usage" window={window} onWindow={setWindow} />
      <CachingPanel window={window} />
      <LatestPanel me={me} />
    </Page>
  );
}

function BalancePanel({ me }: { readonly me: Me | undefined }): ReactNode {
  const balance = me?.balance;
  const held = balance?.heldUsdMicros;
  return (
    <Panel>
      <div className="balance">
        <dl>
          <Figure large label="Balance" value={<Usdc micros={balance?.balanceUsdMicros} />} note={<>{balance === undefined ? '—' : <Usdc micros={balance.availableUsdMicros} />} available</>} />
        </dl>
        <Figures>
          <Figure label="Held" value={<Usdc micros={held} />} note="released when requests settle" />
          <Figure label="Burn" value={<span className="nowrap"><Usdc micros={balance?.burnPerHourUsdMicros} digits={4} unit={false} /><span className="unit"> USDC/h</span></span>} note="charged in the last 60 minutes" />
          <Figure label="Empty in" value={<Lasting minutes={balance?.emptyInMinutes} />} note="available ÷ burn" />
        </Figures>
      </div>
    </Panel>
  );
}

function LatestPanel({ me }: { readonly me: Me | undefined }): ReactNode {
  const latest = useList<RequestSummary>('/buyer/requests', LATEST);
  return (
    <Panel flush title="Latest receipts" actions={<ButtonLink href="/requests" small>All requests</ButtonLink>}>
      <ErrorNote error={latest.error} retry={latest.retry} />
      <RequestTable caption="Latest receipts" rows={latest.data} empty={<FirstRequest me={me} />} />
    </Panel>
  );
}
