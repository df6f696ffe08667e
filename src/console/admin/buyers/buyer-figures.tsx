import type { ReactNode } from 'react';
import type { AdminBuyer } from '../../../api/schemas/admin.ts';
import { counted, NO_FIGURE, percent, timeUtc } from '../../format.ts';
import { Figure, Figures, Usdc } from '../../parts/figures.tsx';
import { Notice } from '../../parts/notices.tsx';
import { Panel } from '../../parts/page.tsx';
import { State } from '../state.tsx';
import { EmptyIn } from './empty-in.tsx';

/** Balance and what it does; layout first, figures when they come. */
export function BuyerFigures({ buyer }: { readonly buyer: AdminBuyer | undefined }): ReactNode {
  const balance = buyer?.balance;
  const today = buyer?.today;
  return (
    <>
      {balance !== undefined && balance.availableUsdMicros <= 0 ? <Notice tone="warning">Nothing is available: this buyer’s requests are refused until it is topped up.</Notice> : null}
      <Panel>
        <div className="balance balance-top">
          <dl>
            <Figure label="Balance" value={<Usdc micros={balance?.balanceUsdMicros} />} note={<>available <Usdc micros={balance?.availableUsdMicros} unit={false} /></>} large />
          </dl>
          <Figures>
          <Figure label="Held" value={<Usdc micros={balance?.heldUsdMicros} />} note="released when requests settle" />
          <Figure label="Burn per hour" value={<Usdc micros={balance?.burnPerHourUsdMicros} digits={4} />} note="the last 60 minutes" />
          <Figure label="Empty in" value={<EmptyIn minutes={balance?.emptyInMinutes ?? null} />} note="available ÷ burn" />
          <Figure label="Charged today" value={<Usdc micros={today?.chargeUsdMicros} />} note={today === undefined ? NO_FIGURE : `${counted(today.requests, 'request')}${today.hitShare === null ? '' : `, ${percent(today.hitShare)} hit share`}`} />
          <Figure label="Sign-in" value={buyer === undefined ? NO_FIGURE : <State of={buyer.signIn} />} note={buyer === undefined || buyer.lastSignInAt === null ? 'not signed in yet' : `last ${timeUtc(buyer.lastSignInAt, 'minute')}`} />
          </Figures>
        </div>
      </Panel>
    </>
  );
}
