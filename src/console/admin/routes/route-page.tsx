import { useState, type ReactNode } from 'react';
import type { AdminRoute } from '../../../api/schemas/admin.ts';
import { counted, NO_FIGURE, percent, tokens } from '../../format.ts';
import { Button } from '../../parts/button.tsx';
import { Figure, Figures, Usdc } from '../../parts/figures.tsx';
import { ErrorNote, Notice } from '../../parts/notices.tsx';
import { Page, Panel } from '../../parts/page.tsx';
import { useItem } from '../../queries.ts';
import { CardHistory } from './card-history.tsx';
import { CardTable } from './card-table.tsx';
import { DeleteRouteDialog } from './delete-route-dialog.tsx';
import { EditRouteDialog } from './edit-route-dialog.tsx';
import { marginRange, marginWords } from './price-rows.ts';
import { cardWords } from './card-words.ts';

/** One route; mounted anew for each alias. */
export function RoutePage({ alias }: { readonly alias: string }): ReactNode {
  const route = useItem<AdminRoute>(`/admin/routes/${encodeURIComponent(alias)}`, {}, { every: 10_000 });
  const [open, setOpen] = useState<'edit' | 'delete' | null>(null);
  const data = route.data;
  const actions = (
    <>
      <Button look="primary" disabled={data === undefined} onClick={() => setOpen('edit')}>
        Edit
      </Button>
      <Button look="danger" disabled={data === undefined} onClick={() => setOpen('delete')}>
        Delete
      </Button>
    </>
  );
  return (
    <Page title={alias} back={{ href: '/routes', label: 'Routes' }} lead={data === undefined ? NO_FIGURE : routeWords(data)} actions={actions}>
      <ErrorNote error={route.error} retry={route.retry} />
      {route.error !== null && data === undefined ? null : (
        <>
          <RouteNotices route={data} />
          <RouteFigures route={data} />
          <Panel title="Price card" note={data === undefined ? NO_FIGURE : `${data.card.priceCard}, ${cardWords(data.card)}; USDC per million tokens`} flush>
            <CardTable card={data?.card} />
          </Panel>
          <CardHistory alias={alias} />
        </>
      )}
      {open === 'edit' && data !== undefined ? <EditRouteDialog route={data} onClose={() => setOpen(null)} /> : null}
      {open === 'delete' ? <DeleteRouteDialog alias={alias} onClose={() => setOpen(null)} /> : null}
    </Page>
  );
}

function routeWords({ upstream, buyers }: AdminRoute): string {
  const open = buyers === null ? 'open to all buyers' : `open to ${buyers.map(({ name }) => name).join(', ')}`;
  return `To ${upstream}, ${open}.`;
}

function RouteNotices({ route }: { readonly route: AdminRoute | undefined }): ReactNode {
  if (route === undefined) return null;
  const least = marginRange(route.card.models)?.least ?? 0;
  return (
    <>
      {route.upstreamConfigured ? null : <Notice tone="warning">The upstream “{route.upstream}” is not in the configuration: requests to this route are refused.</Notice>}
      {least < 0 ? <Notice tone="warning">Some prices are below list: each such token costs you more than it brings.</Notice> : null}
      {route.holdOutputTokens === null ? null : <Notice>Requests hold at most {tokens(route.holdOutputTokens)} output tokens. What an answer costs beyond its hold is your risk.</Notice>}
    </>
  );
}

function RouteFigures({ route }: { readonly route: AdminRoute | undefined }): ReactNode {
  const range = route === undefined ? null : marginRange(route.card.models);
  return (
    <Panel>
      <div className="balance balance-top">
        <dl>
          <Figure label="Charged today" value={<Usdc micros={route?.today.chargeUsdMicros} />} note={route === undefined ? NO_FIGURE : counted(route.today.requests, 'request')} large />
        </dl>
        <Figures>
        <Figure label="Last hour" value={<Usdc micros={route?.lastHour.chargeUsdMicros} />} note={route === undefined ? NO_FIGURE : counted(route.lastHour.requests, 'request')} />
        <Figure label="Errors today" value={tokens(route?.today.errors)} note={route === undefined ? NO_FIGURE : `${tokens(route.today.refused)} refused`} />
        <Figure label="Hit share today" value={percent(route?.today.hitShare)} note="read ÷ all that was sent" />
        <Figure label="Margin of the card" value={marginWords(range)} note="(price − list) ÷ price" />
        </Figures>
      </div>
    </Panel>
  );
}
