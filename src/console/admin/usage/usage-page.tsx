import { useState, type ReactNode } from 'react';
import type { AdminUsageReport } from '../../../api/schemas/admin.ts';
import { chartPoints } from '../../chart-points.ts';
import { download } from '../../download.ts';
import { timeUtc } from '../../format.ts';
import { Button } from '../../parts/button.tsx';
import { Switch } from '../../parts/choices.tsx';
import { ClassLegend } from '../../parts/class-marks.tsx';
import { ErrorNote } from '../../parts/notices.tsx';
import { Page, Panel } from '../../parts/page.tsx';
import { StackedChart, type ChartUnit } from '../../parts/stacked-chart.tsx';
import { useItem } from '../../queries.ts';
import { Dense } from '../dense.tsx';
import { BuyerSelect } from '../buyer-select.tsx';
import { adminUsageCsv } from './admin-usage-csv.ts';
import { UsageTotals } from './usage-panel.tsx';
import { UsageTable } from './usage-table.tsx';
import { type Window, WINDOWS } from './usage-windows.ts';

type By = 'buyer' | 'key' | 'route' | 'model' | 'day' | 'hour';
const BY = (['buyer', 'key', 'route', 'model', 'day', 'hour'] as const).map((value) => ({ value, label: `${value[0]?.toUpperCase()}${value.slice(1)}` }));
const UNITS = [
  { value: 'usdc', label: 'USDC' },
  { value: 'tokens', label: 'Tokens' },
] as const;

/** The same sums by whatever one asks: they come from one query, so all tables agree. */
export function UsagePage(): ReactNode {
  const [by, setBy] = useState<By>('buyer');
  const [window, setWindow] = useState<Window>('24h');
  const [unit, setUnit] = useState<ChartUnit>('usdc');
  const [buyerId, setBuyerId] = useState('');
  const usage = useItem<AdminUsageReport>('/admin/usage', { by, since: window, buyerId }, { every: 30_000 });
  const report = usage.data?.by === by ? usage.data : undefined;
  const words = WINDOWS.find(({ value }) => value === window)?.words ?? '';
  const csv = (
    <Button disabled={report === undefined} onClick={() => report !== undefined && download(`usage-by-${by}-${window}.csv`, 'text/csv', adminUsageCsv(report))}>
      Download CSV
    </Button>
  );
  return (
    <Page title="Usage" actions={csv}>
      <div className="filters">
        <Switch<By> label="By" choices={BY} value={by} onChange={setBy} />
        <Switch<Window> label="Window" choices={WINDOWS} value={window} onChange={setWindow} />
        <Switch<ChartUnit> label="Unit" choices={UNITS} value={unit} onChange={setUnit} />
        <BuyerSelect value={buyerId} onChange={setBuyerId} />
      </div>
      <ErrorNote error={usage.error} retry={usage.retry} />
      <Panel title={`By ${by}`} note={report === undefined ? words : `${timeUtc(report.since, 'minute')} to ${timeUtc(report.until, 'minute')}, days in ${report.timezone}`}>
        {by === 'hour' || by === 'day' ? <StackedChart points={report === undefined ? undefined : chartPoints(report, by, unit === 'usdc' ? 'charge' : 'tokens')} unit={unit} title={words} /> : <ClassLegend />}
        <UsageTotals report={report} />
      </Panel>
      <Panel flush>
        <Dense><UsageTable report={report} unit={unit} /></Dense>
      </Panel>
    </Page>
  );
}
