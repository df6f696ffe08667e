import { useMemo, useState, type ReactNode } from 'react';
import { NO_FIGURE } from '../format.ts';
import { Scroller } from './scroller.tsx';

export interface Column<Row> {
  readonly id: string;
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
  /** Makes the column sortable. */
  readonly sort?: (row: Row) => number | string | null;
  /** Right-aligned, never wrapped. */
  readonly numeric?: boolean;
  /** Nothing to see: fainter in a table, left out of a card. */
  readonly zero?: (row: Row) => boolean;
  /** Buttons: no visible head. */
  readonly actions?: boolean;
  readonly total?: ReactNode;
}

export interface DataTableProps<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  /** Undefined while loading: the layout with `—`. */
  readonly rows: readonly Row[] | undefined;
  readonly rowKey: (row: Row) => string;
  /** Instead of the table when there are no rows. */
  readonly empty?: ReactNode;
  readonly initialSort?: { readonly column: string; readonly descending: boolean };
  /** A last row made of the columns' `total`. */
  readonly totals?: boolean;
  /** The rows lead somewhere by a link in their first cell. */
  readonly linked?: boolean;
  /** Stays a table on a phone and scrolls, instead of becoming cards. */
  readonly wide?: boolean;
}

/** The first column names the row. On a phone each row becomes a card, unless `wide`. */
export function DataTable<Row>({ caption, columns, rows, rowKey, empty, initialSort, totals = false, linked = false, wide = false }: DataTableProps<Row>): ReactNode {
  const [sort, setSort] = useState(initialSort ?? null);
  const shown = useMemo(() => sorted(rows, columns, sort), [rows, columns, sort]);
  if (shown !== undefined && shown.length === 0 && empty !== undefined) return <>{empty}</>;
  const turn = (column: string): void => setSort((before) => ({ column, descending: before?.column === column ? !before.descending : true }));
  return (
    <Scroller label={caption}>
      <table className={wide ? 'table' : 'table table-cards'} role="table" aria-busy={shown === undefined || undefined}>
        <caption className="visually-hidden">{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => (
              <Head key={column.id} column={column} sort={sort} turn={turn} />
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {shown === undefined ? <LoadingRows columns={columns} /> : shown.map((row) => <Row key={rowKey(row)} row={row} columns={columns} linked={linked} />)}
        </tbody>
        {totals && shown !== undefined && <Totals columns={columns} />}
      </table>
    </Scroller>
  );
}

type Sort = { readonly column: string; readonly descending: boolean } | null;

function sorted<Row>(rows: readonly Row[] | undefined, columns: readonly Column<Row>[], sort: Sort): readonly Row[] | undefined {
  const by = columns.find((column) => column.id === sort?.column)?.sort;
  if (rows === undefined || sort === null || by === undefined) return rows;
  const sign = sort.descending ? -1 : 1;
  // What has no value comes last either way.
  return rows.toSorted((a, b) => {
    const [x, y] = [by(a), by(b)];
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    return (typeof x === 'string' && typeof y === 'string' ? x.localeCompare(y) : Number(x) - Number(y)) * sign;
  });
}

interface HeadProps<Row> {
  readonly column: Column<Row>;
  readonly sort: Sort;
  readonly turn: (column: string) => void;
}

function Head<Row>({ column, sort, turn }: HeadProps<Row>): ReactNode {
  const className = column.numeric === true ? 'numeric' : undefined;
  if (column.actions === true) return <td className={className} role="cell" aria-label="Actions" />;
  if (column.sort === undefined) return <th scope="col" role="columnheader" className={className}>{column.header}</th>;
  const here = sort?.column === column.id ? sort : null;
  return (
    <th scope="col" role="columnheader" className={className} aria-sort={here === null ? 'none' : here.descending ? 'descending' : 'ascending'}>
      <button type="button" className="sort" onClick={() => turn(column.id)}>
        {column.header}
        <span aria-hidden="true">{here === null ? '' : here.descending ? '▾' : '▴'}</span>
      </button>
    </th>
  );
}

interface RowProps<Row> {
  readonly row: Row;
  readonly columns: readonly Column<Row>[];
  readonly linked: boolean;
}

function Row<Row>({ row, columns, linked }: RowProps<Row>): ReactNode {
  return (
    <tr role="row" data-linked={linked || undefined}>
      {columns.map((column, at) => {
        const className = [column.numeric === true ? 'numeric' : '', column.zero?.(row) === true ? 'zero zero-cell' : ''].filter(Boolean).join(' ') || undefined;
        const content = column.actions === true ? <div className="table-actions">{column.cell(row)}</div> : column.cell(row);
        if (at === 0) return <th key={column.id} scope="row" role="rowheader" className={className}>{content}</th>;
        return <td key={column.id} role="cell" className={className} data-label={column.actions === true ? '' : column.header}>{content}</td>;
      })}
    </tr>
  );
}

function LoadingRows<Row>({ columns }: { readonly columns: readonly Column<Row>[] }): ReactNode {
  return [0, 1, 2].map((row) => (
    <tr key={row} role="row">
      {columns.map((column) => (
        <td key={column.id} role="cell" className={column.numeric === true ? 'numeric' : undefined} data-label={column.header}>
          {NO_FIGURE}
        </td>
      ))}
    </tr>
  ));
}

function Totals<Row>({ columns }: { readonly columns: readonly Column<Row>[] }): ReactNode {
  return (
    <tfoot role="rowgroup">
      <tr role="row">
        {columns.map((column, at) => {
          const className = column.numeric === true ? 'numeric' : undefined;
          if (at === 0) return <th key={column.id} scope="row" role="rowheader" className={className}>{column.total ?? 'Total'}</th>;
          return <td key={column.id} role="cell" className={className} data-label={column.total === undefined ? '' : column.header}>{column.total}</td>;
        })}
      </tr>
    </tfoot>
  );
}
