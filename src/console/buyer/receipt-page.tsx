import type { ReactNode } from 'react';
import type { RequestDetail } from '../../api/schemas/usage.ts';
import { download } from '../download.ts';
import { Button } from '../parts/button.tsx';
import { Figure, Time, Usdc } from '../parts/figures.tsx';
import { ErrorNote, Notice, StatusDot } from '../parts/notices.tsx';
import { Page, Panel } from '../parts/page.tsx';
import { ReceiptView } from '../parts/receipt-view.tsx';
import { Explanation, RequestFacts } from '../parts/request-facts.tsx';
import { useItem } from '../queries.ts';
import { stateTone, stateWord } from './request-words.ts';

const WHILE_RUNNING_MS = 2_000;

export function ReceiptPage({ id }: { readonly id: string }): ReactNode {
  const path = `/buyer/requests/${encodeURIComponent(id)}`;
  const known = useItem<RequestDetail>(path);
  const running = known.data?.running === true;
  useItem<RequestDetail>(path, {}, { every: WHILE_RUNNING_MS, enabled: running });
  // The answer of another receipt may still be shown while this one loads.
  const detail = known.data?.request.requestId === id ? known.data : undefined;
  return (
    <Page title="Receipt" lead={<code>{id}</code>} back={{ href: '/requests', label: 'Requests' }} actions={<Actions id={id} detail={detail} />}>
      <ErrorNote error={known.error} retry={known.retry} />
      <Panel>
        <div className="balance">
          <dl>
            <Figure large label={running ? 'Charged so far' : 'Charge'} value={<Usdc micros={detail?.request.buyerChargeUsdMicros} digits={6} />} note={<Time at={detail?.settledAt ?? detail?.request.startedAt} />} />
          </dl>
          <dl className="figures">
            <Figure words label="Status" value={detail === undefined ? '—' : <StatusDot tone={stateTone(detail.request.status)}>{stateWord(detail.request.status)}</StatusDot>} />
            <Figure words label="Model" value={detail === undefined ? '—' : (detail.request.model ?? '—')} />
            <Figure words label="Route" value={detail === undefined ? '—' : (detail.request.route ?? '—')} />
          </dl>
        </div>
      </Panel>
      {detail?.message !== null && detail?.message !== undefined && <Notice>{detail.message}</Notice>}
      {detail !== undefined && (
        <>
          <ReceiptView detail={detail} />
          <Explanation detail={detail} />
          <RequestFacts detail={detail} />
        </>
      )}
    </Page>
  );
}

function Actions({ id, detail }: { readonly id: string; readonly detail: RequestDetail | undefined }): ReactNode {
  return (
    <>
      <Button disabled={detail === undefined} onClick={() => download(`${id}.json`, 'application/json', `${JSON.stringify(detail, null, 2)}\n`)}>
        JSON
      </Button>
      <Button onClick={() => window.print()}>Print</Button>
    </>
  );
}
