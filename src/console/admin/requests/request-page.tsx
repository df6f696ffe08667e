import type { ReactNode } from 'react';
import type { AdminRequestDetail } from '../../../api/schemas/admin.ts';
import { download } from '../../download.ts';
import { NO_FIGURE, percent } from '../../format.ts';
import { Button } from '../../parts/button.tsx';
import { Figure, Figures, Time, Usdc } from '../../parts/figures.tsx';
import { ErrorNote, Notice } from '../../parts/notices.tsx';
import { Page, Panel } from '../../parts/page.tsx';
import { ReceiptView } from '../../parts/receipt-view.tsx';
import { Explanation, RequestFacts } from '../../parts/request-facts.tsx';
import { useItem } from '../../queries.ts';
import { BuyerLink } from '../links.tsx';
import { marginOf } from '../margin.ts';
import { State } from '../state.tsx';
import { RequestTransfers } from './request-transfers.tsx';
import { RequestTries } from './request-tries.tsx';

const WHILE_RUNNING_MS = 2_000;

/** What the buyer sees of a request, and what it meant for the operator. Mounted anew for each id. */
export function RequestPage({ requestId }: { readonly requestId: string }): ReactNode {
  const path = `/admin/requests/${encodeURIComponent(requestId)}`;
  const asked = useItem<AdminRequestDetail>(path);
  const detail = asked.data;
  // Only a request that still runs can change.
  useItem<AdminRequestDetail>(path, {}, { every: WHILE_RUNNING_MS, enabled: detail?.running === true });
  const actions = (
    <>
      <Button disabled={detail === undefined} onClick={() => download(`${requestId}.json`, 'application/json', `${JSON.stringify(detail, null, 2)}\n`)}>
        JSON
      </Button>
      <Button onClick={() => window.print()}>Print</Button>
    </>
  );
  return (
    <Page title="Receipt" lead={<code>{requestId}</code>} back={{ href: '/requests', label: 'Requests' }} actions={actions}>
      <ErrorNote error={asked.error} retry={asked.retry} />
      {asked.error !== null && detail === undefined ? null : <ChargeFigures detail={detail} />}
      {detail?.message === null || detail?.message === undefined ? null : <Notice>{detail.message}</Notice>}
      {detail === undefined ? null : (
        <>
          <ReceiptView detail={detail} />
          <RequestTransfers transfers={detail.transfers} />
          <RequestTries tries={detail.tries} />
          <Explanation detail={detail} />
          <RequestFacts detail={detail} more={operatorFacts(detail)} />
        </>
      )}
    </Page>
  );
}

function ChargeFigures({ detail }: { readonly detail: AdminRequestDetail | undefined }): ReactNode {
  const request = detail?.request;
  const list = request?.listCostUsdMicros ?? null;
  const margin = request === undefined || list === null ? null : marginOf(request.buyerChargeUsdMicros, list);
  return (
    <Panel>
      <div className="balance balance-top">
        <dl>
          <Figure large label={detail?.running === true ? 'Charged so far' : 'Charge'} value={<Usdc micros={request?.buyerChargeUsdMicros} digits={6} />} note={<Time at={detail?.settledAt ?? request?.startedAt} />} />
        </dl>
        <Figures>
        <Figure label="List cost" value={<Usdc micros={list} digits={6} />} note="by the price book then" />
        <Figure label="Margin" value={<Usdc micros={margin?.micros} digits={6} />} note={`${percent(margin?.share)} of the charge`} />
        <Figure label="Status" value={request === undefined ? NO_FIGURE : <State of={request.status} />} note={request?.errorCode ?? ''} />
        </Figures>
      </div>
    </Panel>
  );
}

function operatorFacts({ request }: AdminRequestDetail): (readonly [string, ReactNode])[] {
  const facts: (readonly [string, ReactNode])[] = [
    ['Buyer', <BuyerLink key="buyer" buyerId={request.buyerId} name={request.buyer} />],
    ['Upstream', request.upstream ?? NO_FIGURE],
    ['Its request id', request.upstreamRequestId === null ? NO_FIGURE : <code key="upstream">{request.upstreamRequestId}</code>],
    ['Tries', String(request.attempts)],
  ];
  if (request.shortfallUsdMicros > 0) facts.push(['Not covered', <Usdc key="shortfall" micros={request.shortfallUsdMicros} digits={6} />]);
  return facts;
}
