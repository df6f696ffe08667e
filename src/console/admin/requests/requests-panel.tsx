import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { AdminRequest } from '../../../api/schemas/admin.ts';
import { Panel } from '../../parts/page.tsx';
import { useList } from '../../queries.ts';
import { Dense } from '../dense.tsx';
import { ListTable } from '../list-table.tsx';
import { requestColumns } from './request-columns.tsx';

const EVERY_MS = 5_000;

/** The newest requests of one buyer, newest first, kept fresh. */
export function RequestsPanel({ buyerId, title, limit }: { readonly buyerId: string; readonly title: string; readonly limit?: number }): ReactNode {
  const requests = useList<AdminRequest>('/admin/requests', { buyerId, limit }, { every: EVERY_MS });
  return (
    <Panel title={title} actions={<Link href={`/requests?buyer=${encodeURIComponent(buyerId)}`}>Filter</Link>} flush>
      <Dense><ListTable caption={title} columns={requestColumns(false)} list={requests} one="request" rowKey={(row) => row.requestId} empty="No requests yet." /></Dense>
    </Panel>
  );
}
