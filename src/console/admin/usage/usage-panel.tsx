import { useState, type ReactNode } from 'react';
import type { AdminUsageReport } from '../../../api/schemas/admin.ts';
import { counted, percent, tokens } from '../../format.ts';
import { chartPoints } from '../../chart-points.ts';
import { download } from '../../download.ts';
import { Button } from '../../parts/button.tsx';
import { Switch } from '../../parts/choices.tsx';
import { Figure, Figures, Usdc } from '../../parts/figures.tsx';
import { ErrorNote } from '../../parts/notices.tsx';
import { Panel } from '../../parts/page.tsx';
import { StackedChart, type ChartUnit } from '../../parts/stacked-chart.tsx';
import { useItem } from '../../queries.ts';
import { Dense } from '../dense.tsx';
import { adminUsageCsv } from './admin-usage-csv.ts';
import { UsageTable } from './usage-table.tsx';
import { type Window, WINDOWS } from './usage-windows.ts';

const UNITS = [
  { value: 'usdc', label: 'USDC' },
  { value: 'tokens', label: 'Tokens' },
] as const;

/** Charge or tokens over time, stacked by the five classes; of one buyer or of all. */
export function UsagePanel({ buyerId }: { readonly buyerId?: string }): ReactNode {
  const [window, setWindow] = useState<Window>('24h');
  const [unit, setUnit] = useState<ChartUnit>('usdc');
  const [table, setTable] = useState(false);
  const { words, by } = WINDOWS.find(({ value }) => value === window) ?? WINDOWS[0]!;
  const usage = useItem<AdminUsageReport>('/admin/usage', { by, since: window, buyerId }, { every: 30_000 });
  const report = usage.data;
  const actions = (
    <div className="chart-tools">
      <Switch<ChartUnit> label="Unit" choices={UNITS} value={unit} onChange={setUnit} />
      <Switch<Window> label="Window" choices={WINDOWS} value={window} onChange={setWindow} />
    </div>
  );
  return (
    <Panel title={unit === 'usdc' ? 'Charge by class' : 'Tokens by class'} note={`times in ${report?.timezone ?? 'UTC'}`} actions={actions}>
      <ErrorNote error={usage.error} retry={usage.retry} />
      <StackedChart points={report === undefined ? undefined : chartPoints(report, report.by === 'hour' ? 'hour' : 'day', unit === 'usdc' ? 'charge' : 'tokens')} unit={unit} title={words} />
      <UsageTotals report={report} />
      <div className="chart-tools">
        <Button small aria-expanded={table} onClick={() => setTable(!table)}>
          {table ? 'Hide the table' : 'Show as a table'}
        </Button>
        <Button small disabled={report === undefined} onClick={() => report !== undefined && download(`usage-${buyerId ?? 'all'}-${window}.csv`, 'text/csv', adminUsageCsv(report))}>
          Download CSV
        </Button>
      </div>
      {table ? <Dense><UsageTable report={report} unit={unit} /></Dense> : null}
    </Panel>
  );
}

/** Charge, list cost and margin of the window, and what caching did. */
export function UsageTotals({ report }: { readonly report: AdminUsageReport | undefined }): ReactNode {
  const total = report?.total;
  return (
    <Figures>
      <Figure label="Charge" value={<Usdc micros={total?.chargeUsdMicros} />} note={total === undefined ? '—' : counted(total.requests, 'request')} />
      <Figure label="List cost" value={<Usdc micros={total?.listCostUsdMicros} />} note="by the price book" />
      <Figure label="Margin" value={<Usdc micros={total?.marginUsdMicros} />} note={`${percent(total?.margin)} of the charge`} />
      <Figure label="Caching saved buyers" value={<Usdc micros={total?.cacheSavedUsdMicros} />} note={`${percent(total?.hitShare)} hit share`} />
      <Figure label="Writes never read" value={<Usdc micros={report?.unreadWrites.chargeUsdMicros} />} note={`at least ${tokens(report?.unreadWrites.tokens)} tokens`} />
    </Figures>
  );
}
