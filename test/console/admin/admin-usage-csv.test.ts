import { expect, test } from 'vitest';
import type { AdminUsageReport } from '../../../src/api/schemas/admin.ts';
import { adminUsageCsv } from '../../../src/console/admin/usage/admin-usage-csv.ts';

test('the file has whole micro-USDC with list cost and margin, and no name in it becomes a formula', () => {
  const row = { label: '=HYPERLINK("x")', buyer: 'acme', start: null, end: null, chargeUsdMicros: 1_250_000, listCostUsdMicros: 1_000_000, marginUsdMicros: 250_000 } as unknown as AdminUsageReport['rows'][number];
  const zeros = new Proxy(row, { get: (target, name) => Reflect.get(target, name) ?? (name === 'start' || name === 'end' ? null : 0) });
  const [header, line] = adminUsageCsv({ by: 'key', rows: [zeros] }).split('\r\n') as [string, string];
  const names = header.split(',');
  expect(names.slice(0, 4)).toEqual(['key', 'buyer', 'start', 'end']);
  expect(line.startsWith(`"'=HYPERLINK(""x"")",acme,,,`)).toBe(true);
  const values = line.slice(line.indexOf(',acme')).split(',').slice(1);
  expect(['chargeUsdMicros', 'listCostUsdMicros', 'marginUsdMicros'].map((name) => values[names.indexOf(name) - 1])).toEqual(['1250000', '1000000', '250000']);
});
