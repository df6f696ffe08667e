import { formatUsdc } from '../money.ts';
import type { MicroUsdc } from '../money.ts';
import type { Column } from './print-table.ts';

/** A right-aligned money column: two decimals for people, all six for scripts. */
export function usdcColumn<Row>(amount: (row: Row) => MicroUsdc): Pick<Column<Row>, 'cell' | 'raw' | 'align'> {
  return { cell: (row) => formatUsdc(amount(row), 2), raw: (row) => formatUsdc(amount(row), 6), align: 'right' };
}
