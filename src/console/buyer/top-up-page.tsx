import type { ReactNode } from 'react';
import type { Me } from '../../api/schemas/buyer.ts';
import { CopyBox } from '../parts/copy-box.tsx';
import { Figure, Figures, Lasting, Usdc } from '../parts/figures.tsx';
import { Page, Panel } from '../parts/page.tsx';

export function TopUpPage({ me }: { readonly me: Me | undefined }): ReactNode {
  const words = me?.topUpInstructions.trim() ?? '';
  return (
    <Page title="Top up" lead="The balance is prepaid, in USDC. A top-up shows here the moment the operator has entered it.">
      <Panel>
        <Figures>
          <Figure label="Balance" value={<Usdc micros={me?.balance.balanceUsdMicros} />} />
          <Figure label="Available" value={<Usdc micros={me?.balance.availableUsdMicros} />} note="balance − held" />
          <Figure label="Empty in" value={<Lasting minutes={me?.balance.emptyInMinutes} />} note="at the last hour’s burn" />
        </Figures>
      </Panel>
      <Panel title="How to pay">
        <p className="instructions">{me === undefined ? '—' : words === '' ? 'The operator of this gateway has left no instructions here. Ask them how to pay, and name your buyer id.' : words}</p>
      </Panel>
      <Panel title="Your buyer id">
        <p className="muted">Name it with your payment, so that it is entered for you.</p>
        <CopyBox text={me?.buyerId ?? '—'} of="buyer id" />
      </Panel>
    </Page>
  );
}
