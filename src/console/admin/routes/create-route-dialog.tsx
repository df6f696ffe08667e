import { useState, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import type { AdminRoute } from '../../../api/schemas/admin.ts';
import { useChange } from '../../queries.ts';
import { ChangeDialog } from '../change-dialog.tsx';
import { NEW_ROUTE, newRouteBody, type RouteDraft } from './route-draft.ts';
import { RouteFields } from './route-fields.tsx';

export function CreateRouteDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [draft, setDraft] = useState<RouteDraft>(NEW_ROUTE);
  const [, go] = useLocation();
  const create = useChange<Record<string, unknown>, AdminRoute>({ path: '/admin/routes', refresh: ['/admin/routes', '/admin/audit'] });
  const made = newRouteBody(draft);
  const submit = async (): Promise<void> => {
    if (!made.ok) return;
    const route = await create.run(made.body);
    onClose();
    go(`/routes/${encodeURIComponent(route.alias)}`);
  };
  return (
    <ChangeDialog title="Create route" submit="Create route" wide change={create} ready={made.ok} onSubmit={submit} onClose={onClose}>
      <RouteFields draft={draft} setDraft={setDraft} existing={false} />
      {made.ok ? null : <p className="muted">{made.reason}</p>}
    </ChangeDialog>
  );
}
