/** Usage over time: chart or table of one report, for the last 24 hours, 7 or 30 days, with the same figures as CSV. */
import { useMemo, useState, type ReactNode } from 'react';
import type { UsageReport } from '../../api/schemas/usage.ts';
import type { Query } from '../api-client.ts';
import { chartPoints } from '../chart-points.ts';
import { timeUtc } from '../format.ts';
import { useItem } from '../queries.ts';
import { downloadUsage } from '../usage-csv.ts';
import { Button } from './button.tsx';
import { Switch } from './choices.tsx';
import { ErrorNote } from './notices.tsx';
import { Panel } from './page.tsx';
import { StackedChart } from './stacked-chart.tsx';
import { UsageTable } from './usage-table.tsx';

export type Window = '24h' | '7d' | '30d';
const WINDOWS = [
  { value: '24h', label: '24h' },
  { value: '7d', label: '7d' },
  { value: '30d', label: '30d' },
] as const;
const WORDS: Readonly<Record<Window, string>> = { '24h': 'Last 24 hours', '7d': 'Last 7 days', '30d': 'Last 30 days' };
const EVERY_MS = 30_000;

export interface UsagePanelProps {
  /** `/buyer/usage` or `/admin/usage`. */
  readonly path: string;
  /** Filters beside the window. */
  readonly query?: Query;
  readonly title: string;
  /** Of the CSV file, without ending. */
  readonly fileName: string;
  readonly window: Window;
  readonly onWindow: (window: Window) => void;
}

export function UsagePanel({ path, query = {}, title, fileName, window: span, onWindow }: UsagePanelProps): ReactNode {
  const [measure, setMeasure] = useState<'charge' | 'tokens'>('charge');
  const [view, setView] = useState<'chart' | 'table'>('chart');
  const by = span === '24h' ? 'hour' : 'day';
  const report = useItem<UsageReport>(path, { ...query, by, since: span }, { every: EVERY_MS });
  const data = report.data;
  // While another window loads, the old answer stays: its own unit of time names its bars.
  const points = useMemo(() => (data === undefined ? undefined : chartPoints(data, data.by === 'hour' ? 'hour' : 'day', measure)), [data, measure]);
  return (
    <Panel
      title={title}
      actions={
        <div className="chart-tools">
          <Switch label="Window" choices={WINDOWS} value={span} onChange={onWindow} />
          <Switch label="Measure" choices={[{ value: 'charge', label: 'USDC' }, { value: 'tokens', label: 'Tokens' }]} value={measure} onChange={setMeasure} />
          <Switch label="Show as" choices={[{ value: 'chart', label: 'Chart' }, { value: 'table', label: 'Table' }]} value={view} onChange={setView} />
          <Button small disabled={data === undefined} onClick={() => data !== undefined && downloadUsage(`${fileName}-${span}`, data)}>
            CSV
          </Button>
        </div>
      }
    >
      <ErrorNote error={report.error} retry={report.retry} />
      {view === 'chart' ? <StackedChart points={points} unit={measure === 'charge' ? 'usdc' : 'tokens'} title={WORDS[span]} /> : <UsageTable report={data} />}
      {data !== undefined && (
        <p className="field-note">
          {timeUtc(data.since, 'minute')} to {timeUtc(data.until, 'minute')}, {data.by === 'hour' ? 'hours' : 'days'} in {data.timezone}, today included.
        </p>
      )}
    </Panel>
  );
}
