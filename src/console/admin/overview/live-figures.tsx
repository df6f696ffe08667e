import type { ReactNode } from 'react';
import type { Snapshot } from '../../../api/schemas/live.ts';
import { TOKEN_CLASSES } from '../../../tokens.ts';
import { counted, duration, NO_FIGURE, percent, tokens } from '../../format.ts';
import { ClassMark } from '../../parts/class-marks.tsx';
import { Figure, Figures, Usdc } from '../../parts/figures.tsx';
import { Panel } from '../../parts/page.tsx';
import { marginOf } from '../margin.ts';

interface Props {
  readonly snapshot: Snapshot | null;
}

/** Today's money and this minute's rates. */
export function LiveFigures({ snapshot }: Props): ReactNode {
  const overview = snapshot?.overview;
  const today = overview?.today;
  const margin = today === undefined ? null : marginOf(today.chargeUsdMicros, today.listCostUsdMicros);
  return (
    <Panel title="Today" note={`since midnight ${snapshot?.timezone ?? 'UTC'}; rates over the last 60 seconds`}>
      <div className="balance balance-top">
        <dl>
          <Figure label="Charged" value={<Usdc micros={today?.chargeUsdMicros} />} note={today === undefined ? NO_FIGURE : counted(today.requests, 'request')} large />
        </dl>
        <Figures>
        <Figure label="List cost" value={<Usdc micros={today?.listCostUsdMicros} />} note="by the price book" />
        <Figure label="Margin" value={<Usdc micros={margin?.micros} />} note={margin === null || margin.share === null ? 'charge less list cost' : `${percent(margin.share)} of the charge`} />
        <Figure label="Requests now" value={<Rate perSecond={overview?.requestsPerSecond} />} note={snapshot === null ? NO_FIGURE : `${tokens(snapshot.liveRequests.openCount)} open`} />
        <Figure label="First byte, median" value={duration(overview?.timeToFirstByteP50Ms)} note={`p95 ${duration(overview?.timeToFirstByteP95Ms)}`} />
        <Figure label="Held" value={<Usdc micros={snapshot?.liveRequests.heldUsdMicros} />} note="released when requests settle" />
        </Figures>
      </div>
      <TokenRates snapshot={snapshot} />
    </Panel>
  );
}

function Rate({ perSecond }: { readonly perSecond: number | undefined }): ReactNode {
  if (perSecond === undefined) return NO_FIGURE;
  return (
    <>
      {perSecond.toFixed(1)} <span className="unit">/s</span>
    </>
  );
}

/** One decimal where whole numbers would hide that there is traffic. */
const perSecond = (rate: number): string => (rate > 0 && rate < 10 ? rate.toFixed(1) : tokens(Math.round(rate)));

/** Tokens per second, class by class: there is no such thing as one token rate. */
function TokenRates({ snapshot }: Props): ReactNode {
  const rates = snapshot?.overview.tokensPerSecond;
  return (
    <dl className="token-rates" aria-label="Tokens per second, by class">
      {TOKEN_CLASSES.map((name) => (
        <div key={name} className="legend-item">
          <dt>
            <ClassMark name={name} />
          </dt>
          <dd className="legend-value">
            {rates === undefined ? NO_FIGURE : perSecond(rates[name])} <span className="unit">tokens/s</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
