import type { ReactNode } from 'react';
import type { AdminUsageReport } from '../../../api/schemas/admin.ts';
import { CLASS_WORDS, TOKEN_CLASSES } from '../../../tokens.ts';
import { chargesOf, sumOf, tokensOf } from '../../classes.ts';
import { percent, tokens } from '../../format.ts';
import { DataTable, type Column } from '../../parts/data-table.tsx';
import { Usdc } from '../../parts/figures.tsx';
import { Empty } from '../../parts/notices.tsx';
import { ClassBar } from './class-bar.tsx';
import type { UsageRow } from './usage-windows.ts';

export interface UsageTableProps {
  readonly report: AdminUsageReport | undefined;
  readonly unit: 'usdc' | 'tokens';
}
type Figures = UsageRow | AdminUsageReport['total'];

const HEADS: Readonly<Record<string, string>> = { buyer: 'Buyer', key: 'Key', route: 'Route', model: 'Model', day: 'Day', hour: 'Hour' };

/** Every row with its five classes, as money or as tokens, and what stays of the charge. */
export function UsageTable({ report, unit }: UsageTableProps): ReactNode {
  const by = report?.by ?? 'day';
  const total = report?.total;
  const values = unit === 'usdc' ? chargesOf : tokensOf;
  const shown = unit === 'usdc' ? usdc4 : tokens;
  const most = Math.max(0, ...(report?.rows ?? []).map((row) => sumOf(values(row))));
  const bar: Column<UsageRow> = { id: 'bar', header: 'Split', cell: (row) => <ClassBar values={values(row)} most={most} /> };
  const columns: readonly Column<UsageRow>[] = [
    { id: 'label', header: HEADS[by] ?? 'Row', cell: (row) => <RowName row={row} />, sort: (row) => row.label },
    ...(by === 'day' || by === 'hour' ? [] : [bar]),
    column({ id: 'requests', header: 'Requests', of: (row) => row.requests, shown: tokens, total }),
    ...TOKEN_CLASSES.map((name) => column({ id: name, header: CLASS_WORDS[name], of: (row) => values(row)[name], shown, total })),
    column({ id: 'charge', header: 'Charge', of: (row) => row.chargeUsdMicros, shown: usdc4, total }),
    column({ id: 'list', header: 'List cost', of: (row) => row.listCostUsdMicros, shown: usdc4, total }),
    column({ id: 'margin', header: 'Margin', of: (row) => row.marginUsdMicros, shown: usdc4, total }),
    column({ id: 'share', header: 'of charge', of: (row) => row.margin, shown: percent, total }),
  ];
  return <DataTable caption={`Usage by ${by}, in ${unit === 'usdc' ? 'USDC' : 'tokens'}`} columns={columns} rows={report?.rows} rowKey={(row) => `${row.id ?? ''} ${row.label}`} totals wide empty={<Empty title="Nothing was used in this window." />} />;
}

const usdc4 = (micros: number | null | undefined): ReactNode => <Usdc micros={micros} digits={4} unit={false} />;

interface ColumnParts {
  readonly id: string;
  readonly header: string;
  readonly of: (row: Figures) => number | null;
  readonly shown: (value: number | null | undefined) => ReactNode;
  readonly total: AdminUsageReport['total'] | undefined;
}

function column({ id, header, of, shown, total }: ColumnParts): Column<UsageRow> {
  return { id, header, numeric: true, cell: (row) => shown(of(row)), sort: of, total: shown(total === undefined ? undefined : of(total)) };
}

function RowName({ row }: { readonly row: UsageRow }): ReactNode {
  return (
    <span className="stacked nowrap">
      {row.label}
      {row.buyer !== null && row.buyer !== undefined && row.buyer !== row.label ? <small className="muted">{row.buyer}</small> : null}
      {row.running ? <small className="muted">so far</small> : null}
    </span>
  );
}
