import type { ReactNode } from 'react';
import { DataTable, type DataTableProps } from '../parts/data-table.tsx';
import { Empty } from '../parts/notices.tsx';

export interface LiveTableProps<Row> extends Omit<DataTableProps<Row>, 'empty'> {
  readonly empty: string;
}

/** A table of figures that come by themselves: there is nothing to retry and nothing more to load. */
export function LiveTable<Row>({ empty, ...table }: LiveTableProps<Row>): ReactNode {
  return <DataTable {...table} empty={<Empty title={empty} />} />;
}
