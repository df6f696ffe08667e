import type { ReactNode } from 'react';
import { CLASS_WORDS, TOKEN_CLASSES } from '../../tokens.ts';
import type { UsageReport, UsageTotals } from '../../api/schemas/usage.ts';
import { chargesOf, tokensOf } from '../classes.ts';
import { DataTable, type Column } from './data-table.tsx';
import { Tokens, Usdc } from './figures.tsx';
import { Empty } from './notices.tsx';

type Row = UsageReport['rows'][number];

export interface UsageTableProps {
  readonly report: Pick<UsageReport, 'by' | 'rows' | 'total'> | undefined;
  /** Instead of the plain label. */
  readonly name?: (row: Row) => ReactNode;
}

/** The five classes of every row, tokens above their charge in USDC. */
export function UsageTable({ report, name }: UsageTableProps): ReactNode {
  const total = report?.total;
  const columns: Column<Row>[] = [
    { id: 'label', header: report === undefined ? 'Time' : heading(report.by), cell: (row) => name?.(row) ?? <span className="nowrap">{row.label}{row.running ? ' …' : ''}</span>, sort: (row) => row.label },
    { id: 'requests', header: 'Requests', numeric: true, cell: (row) => <Tokens count={row.requests} />, sort: (row) => row.requests, total: <Tokens count={total?.requests} /> },
    ...TOKEN_CLASSES.map(
      (each): Column<Row> => ({
        id: each,
        header: CLASS_WORDS[each],
        numeric: true,
        cell: (row) => <Both row={row} of={each} />,
        sort: (row) => chargesOf(row)[each],
        total: total === undefined ? undefined : <Both row={total} of={each} />,
      }),
    ),
    { id: 'charge', header: 'Charge, USDC', numeric: true, cell: (row) => <Usdc micros={row.chargeUsdMicros} unit={false} />, sort: (row) => row.chargeUsdMicros, total: <Usdc micros={total?.chargeUsdMicros} unit={false} /> },
  ];
  return <DataTable caption="Usage" columns={columns} rows={report?.rows} rowKey={(row) => row.id ?? row.start ?? row.label} totals empty={<Empty title="No usage in this window." />} />;
}

const heading = (by: string): string => `${by.charAt(0).toUpperCase()}${by.slice(1)}`;

function Both({ row, of }: { readonly row: UsageTotals; readonly of: (typeof TOKEN_CLASSES)[number] }): ReactNode {
  return (
    <span className="stacked">
      <Tokens count={tokensOf(row)[of]} />
      <small>
        <Usdc micros={chargesOf(row)[of]} unit={false} />
      </small>
    </span>
  );
}
