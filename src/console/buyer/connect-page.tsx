import { useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import type { BuyerRoute, Me } from '../../api/schemas/buyer.ts';
import { CLASS_WORDS, TOKEN_CLASSES } from '../../tokens.ts';
import { perMillion, tokens } from '../format.ts';
import { Tabs } from '../parts/choices.tsx';
import { CopyBox } from '../parts/copy-box.tsx';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { Select } from '../parts/fields.tsx';
import { Empty, ErrorNote, Notice } from '../parts/notices.tsx';
import { Page, Panel } from '../parts/page.tsx';
import { useList } from '../queries.ts';
import { useNewKey } from './new-keys.ts';
import { LANGUAGES, snippet, type Language } from './snippets.ts';
import { TryPanel } from './try-panel.tsx';

type RouteModel = BuyerRoute['models'][number];

/** The buyer's own routes with programs that call them, and a box that tries one. */
export function ConnectPage({ me }: { readonly me: Me | undefined }): ReactNode {
  const routes = useList<BuyerRoute>('/buyer/routes');
  const [alias, setAlias] = useState('');
  const [chosen, setModel] = useState('');
  const route = routes.data?.find((each) => each.alias === alias) ?? routes.data?.[0];
  const model = route?.models.find((each) => each.model === chosen) ?? route?.models[0];
  return (
    <Page title="Connect" lead="Point any client of the Messages API at your route’s URL, with a key of this gateway.">
      <ErrorNote error={routes.error} retry={routes.retry} />
      {routes.data?.length === 0 && <Panel><Empty title="No route is open to you yet.">Ask the operator for one.</Empty></Panel>}
      {routes.data?.length !== 0 && (
        <>
          <div className="filters">
            <Select label="Route" value={route?.alias ?? ''} onChange={setAlias} options={(routes.data ?? []).map((each) => ({ value: each.alias, label: each.alias }))} />
            <Select label="Model" value={model?.model ?? ''} onChange={setModel} options={(route?.models ?? []).map((each) => ({ value: each.model, label: each.model }))} />
          </div>
          <SnippetPanel me={me} route={route} model={model} />
          {route !== undefined && model !== undefined && <TryPanel key={`${route.alias} ${model.model}`} route={route.alias} model={model.model} disabled={me === undefined || me.disabled} />}
          <PricesPanel route={route} />
        </>
      )}
    </Page>
  );
}

interface SnippetPanelProps {
  readonly me: Me | undefined;
  readonly route: BuyerRoute | undefined;
  readonly model: RouteModel | undefined;
}

function SnippetPanel({ me, route, model }: SnippetPanelProps): ReactNode {
  const [language, setLanguage] = useState<Language>('curl');
  const { newKey } = useNewKey();
  const text = me === undefined || route === undefined || model === undefined ? '—' : snippet(language, { url: route.url, baseUrl: me.baseUrl, model: model.model, key: newKey?.secret ?? null });
  return (
    <Panel>
      <Tabs label="Language" choices={LANGUAGES} value={language} onChange={setLanguage}>
        <CopyBox text={text} of="example" />
        {newKey === null ? (
          <p className="field-note">
            <code>AINOGAP_KEY</code> is one of your <Link href="/keys">keys</Link>. A key that you make in this window stands in the example until you close it.
          </p>
        ) : (
          <Notice tone="warning">This example holds your new key “{newKey.label}” in full. Close this window when you have it.</Notice>
        )}
      </Tabs>
      <p className="field-note">
        More in the <a href="/docs">integration guide</a>: errors and retries, prompt caching, Claude Code.
      </p>
    </Panel>
  );
}

function PricesPanel({ route }: { readonly route: BuyerRoute | undefined }): ReactNode {
  const columns: Column<RouteModel>[] = [
    { id: 'model', header: 'Model', cell: (row) => <span className="stacked">{row.model}<small>{tokens(row.contextWindow)} context, {tokens(row.maxOutput)} output</small></span> },
    ...TOKEN_CLASSES.map((name): Column<RouteModel> => ({ id: name, header: CLASS_WORDS[name], numeric: true, cell: (row) => <span className="number">{perMillion(row.pricesPerMillionUsdMicros[name])}</span>, sort: (row) => row.pricesPerMillionUsdMicros[name] })),
  ];
  return (
    <Panel flush title="Your prices" note="USDC per million tokens">
      <DataTable caption="Prices of this route, USDC per million tokens" columns={columns} rows={route?.models} rowKey={(row) => row.model} />
    </Panel>
  );
}
