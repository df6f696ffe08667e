import type { ReactNode } from 'react';
import { DataTable, type DataTableProps } from '../parts/data-table.tsx';
import { Empty, ErrorNote } from '../parts/notices.tsx';
import { Pager } from '../parts/pager.tsx';
import type { LoadedList } from '../queries.ts';

export type { Column } from '../parts/data-table.tsx';

export interface ListTableProps<Row> extends Omit<DataTableProps<Row>, 'rows' | 'empty'> {
  readonly list: LoadedList<Row>;
  /** One row in words, such as `buyer`. */
  readonly one: string;
  /** What there is to say when the list is empty. */
  readonly empty: string;
  readonly emptyMore?: ReactNode;
}

/** A list of the API as a table: while it loads, when it fails (older rows stay), when it is empty, and how to get more. */
export function ListTable<Row>({ list, one, empty, emptyMore, ...table }: ListTableProps<Row>): ReactNode {
  return (
    <>
      {list.error === null ? null : (
        <div className="panel-inset">
          <ErrorNote error={list.error} retry={list.retry} />
        </div>
      )}
      {list.error !== null && list.data === undefined ? null : <DataTable {...table} rows={list.data} empty={<Empty title={empty}>{emptyMore}</Empty>} />}
      <Pager list={list} one={one} />
    </>
  );
}
