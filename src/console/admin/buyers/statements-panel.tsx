import { timeUtc } from '../../format.ts';
import { Panel } from '../../parts/page.tsx';
import { useList } from '../../queries.ts';
import { ListTable, type Column } from '../list-table.tsx';

interface Month {
  readonly month: string;
  readonly running: boolean;
}

/** The buyer's months with the same documents that the buyer gets. */
export function StatementsPanel({ buyerId }: { readonly buyerId: string }) {
  const path = `/admin/buyers/${buyerId}/statements`;
  const months = useList<Month>(path);
  const link = (month: string, format: string) => `${path}/${month}?format=${format}`;
  const columns: readonly Column<Month>[] = [
    { id: 'month', header: 'Month', cell: (row) => row.month },
    { id: 'state', header: 'State', cell: (row) => (row.running ? <span>running, as of {timeUtc(new Date().toISOString(), 'clock')}</span> : 'closed') },
    {
      id: 'files',
      header: 'Statement',
      cell: (row) => (
        <span className="comma-list">
          <a href={link(row.month, 'html')} target="_blank" rel="noreferrer">
            View or print<span className="visually-hidden"> {row.month}</span>
          </a>
          <a href={link(row.month, 'csv')} download={`${buyerId}-${row.month}.csv`}>
            CSV<span className="visually-hidden"> {row.month}</span>
          </a>
          <a href={link(row.month, 'json')} download={`${buyerId}-${row.month}.json`}>
            JSON<span className="visually-hidden"> {row.month}</span>
          </a>
        </span>
      ),
    },
  ];
  return (
    <Panel title="Statements" flush>
      <ListTable caption="Statements by month" columns={columns} list={months} one="month" rowKey={(row) => row.month} empty="No statement yet." />
    </Panel>
  );
}
