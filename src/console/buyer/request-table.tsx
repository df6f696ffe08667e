import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { RequestSummary } from '../../api/schemas/usage.ts';
import { CLASS_WORDS, TOKEN_CLASSES } from '../../tokens.ts';
import { tokensOf } from '../classes.ts';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { Time, Tokens, Usdc } from '../parts/figures.tsx';
import { StatusDot } from '../parts/notices.tsx';
import { stateTone, stateWord } from './request-words.ts';

const COLUMNS: readonly Column<RequestSummary>[] = [
  { id: 'time', header: 'Started', cell: (row) => <span className="stacked"><Link href={`/requests/${row.requestId}`}><Time at={row.startedAt} precision="clock" /></Link><small><Time at={row.startedAt} precision="day" /></small></span> },
  { id: 'model', header: 'Model', cell: (row) => <span className="stacked"><span className="nowrap">{row.model ?? '—'}</span><small>{row.route ?? 'no route'} · {row.keyLabel}</small></span> },
  ...TOKEN_CLASSES.map((name): Column<RequestSummary> => ({ id: name, header: CLASS_WORDS[name], numeric: true, cell: (row) => <Tokens count={tokensOf(row)[name]} />, zero: (row) => tokensOf(row)[name] === 0 })),
  { id: 'charge', header: 'Charge, USDC', numeric: true, cell: (row) => <Link href={`/requests/${row.requestId}`}><Usdc micros={row.buyerChargeUsdMicros} digits={6} unit={false} /></Link> },
  { id: 'status', header: 'Status', cell: (row) => <StatusDot tone={stateTone(row.status)}>{stateWord(row.status)}</StatusDot> },
];

export interface RequestTableProps {
  readonly caption: string;
  readonly rows: readonly RequestSummary[] | undefined;
  readonly empty: ReactNode;
}

/** Requests, newest first; each leads to its receipt. */
export function RequestTable({ caption, rows, empty }: RequestTableProps): ReactNode {
  return <DataTable caption={caption} columns={COLUMNS} rows={rows} rowKey={(row) => row.requestId} empty={empty} linked />;
}
