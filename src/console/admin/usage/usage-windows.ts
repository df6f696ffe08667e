import type { AdminUsageReport } from '../../../api/schemas/admin.ts';

export type Window = '24h' | '7d' | '30d';

/** How far back, in words, and by what the chart is cut. */
export const WINDOWS: readonly { readonly value: Window; readonly label: string; readonly words: string; readonly by: 'hour' | 'day' }[] = [
  { value: '24h', label: '24h', words: 'Last 24 hours', by: 'hour' },
  { value: '7d', label: '7d', words: 'Last 7 days', by: 'day' },
  { value: '30d', label: '30d', words: 'Last 30 days', by: 'day' },
];

export type UsageRow = AdminUsageReport['rows'][number];

