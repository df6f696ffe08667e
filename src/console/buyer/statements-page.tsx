import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { ButtonLink } from '../parts/button.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Empty, ErrorNote, StatusDot } from '../parts/notices.tsx';
import { Page, Panel } from '../parts/page.tsx';
import { Pager } from '../parts/pager.tsx';
import { useList } from '../queries.ts';

interface Month {
  readonly month: string;
  readonly running: boolean;
}

const NAMES = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' });
export const monthName = (month: string): string => NAMES.format(new Date(`${month}-01T00:00:00Z`));

export function StatementsPage(): ReactNode {
  const months = useList<Month>('/buyer/statements');
  return (
    <Page title="Statements" lead="Each month from its opening to its closing balance, to the last micro-USDC.">
      <Panel flush>
        <ErrorNote error={months.error} retry={months.retry} />
        <DataTable<Month>
          caption="Statements"
          rows={months.data}
          rowKey={({ month }) => month}
          linked
          columns={[
            { id: 'month', header: 'Month', cell: ({ month }) => <Link href={`/statements/${month}`}>{monthName(month)}</Link> },
            { id: 'state', header: 'State', cell: ({ running }) => (running ? <StatusDot tone="wait">still running</StatusDot> : <StatusDot tone="good">closed</StatusDot>) },
            { id: 'do', header: '', actions: true, cell: ({ month }) => <StatementFiles month={month} small /> },
          ]}
          empty={<Empty title="No statements yet." />}
        />
        <Pager list={months} one="month" />
      </Panel>
    </Page>
  );
}

const FORMATS = ['json', 'csv', 'html'] as const;

export function StatementFiles({ month, small = false }: { readonly month: string; readonly small?: boolean }): ReactNode {
  return FORMATS.map((format) => (
    <ButtonLink key={format} small={small} download href={`/buyer/statements/${month}?format=${format}`}>
      {format.toUpperCase()}
    </ButtonLink>
  ));
}
